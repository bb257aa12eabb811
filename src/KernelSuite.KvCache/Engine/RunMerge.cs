using System.Runtime.CompilerServices;

namespace KernelSuite.KvCache;

/// <summary>
/// Sorts what consists of a few ascending runs, by merging neighbouring runs until one is left: n log2(runs) moves. The rows of a head are such:
/// its originals, and a run of quantised rows for each demotion that was not simply of the next oldest.
/// </summary>
internal static class RunMerge
{
    /// <summary>Sorts distinct entries.</summary>
    /// <param name="entries">The entries; used up.</param>
    /// <param name="spare">As many.</param>
    /// <returns>Whether the result lies in <paramref name="spare"/>.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool Sort(Span<ulong> entries, Span<ulong> spare)
    {
        Span<ulong> from = entries, to = spare;
        bool inSpare = false;
        int end = EndOfRun(from, 0);
        while (end < from.Length)
        {
            for (int start = 0, middle = end; start < from.Length; middle = EndOfRun(from, start))
            {
                end = EndOfRun(from, middle);
                Merge(from[start..middle], from[middle..end], to[start..end]);
                start = end;
            }

            Span<ulong> merged = to;
            to = from;
            from = merged;
            inSpare = !inSpare;
            end = EndOfRun(from, 0);
        }

        return inSpare;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int EndOfRun(ReadOnlySpan<ulong> entries, int start)
    {
        if (start >= entries.Length) return entries.Length;
        int end = start + 1;
        while (end < entries.Length && entries[end - 1] < entries[end]) end++;
        return end;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Merge(ReadOnlySpan<ulong> left, ReadOnlySpan<ulong> right, Span<ulong> merged)
    {
        // Originals are newer than quantised rows, mostly: then there is nothing to compare.
        if (!right.IsEmpty && right[^1] < left[0])
        {
            right.CopyTo(merged);
            left.CopyTo(merged[right.Length..]);
            return;
        }

        int l = 0, r = 0, next = 0;
        while (l < left.Length && r < right.Length) merged[next++] = left[l] < right[r] ? left[l++] : right[r++];
        left[l..].CopyTo(merged[next..]);
        right[r..].CopyTo(merged[(next + left.Length - l)..]);
    }
}
