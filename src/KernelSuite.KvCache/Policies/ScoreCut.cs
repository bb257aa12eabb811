using System.Runtime.CompilerServices;

namespace KernelSuite.KvCache;

/// <summary>Where the k highest scores end: those above <c>least</c>, and the first <c>ties</c> that equal it.</summary>
internal struct ScoreCut
{
    private readonly uint least;
    private int ties;

    private ScoreCut(uint least, int ties) => (this.least, this.ties) = (least, ties);

    /// <summary>
    /// Finds the cut digit by digit from the top: counts the keys by their highest 11 bits, goes on with those in which the k-th lies. Linear,
    /// whatever the keys.
    /// </summary>
    /// <param name="keys">Keys that order as the scores do, of <see cref="TokenRanking.Order"/>; used up.</param>
    /// <param name="count">k, 0 to their number.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static ScoreCut Of(Span<uint> keys, int count)
    {
        const int Digit = 11;
        if (count == 0) return new ScoreCut(uint.MaxValue, 0);
        if (count == keys.Length) return new ScoreCut(0, count);
        Span<int> bins = stackalloc int[1 << Digit];
        for (int top = 32; top > 0; top -= Digit)
        {
            int shift = Math.Max(top - Digit, 0);
            uint mask = (1u << (top - shift)) - 1;
            bins.Clear();
            foreach (uint key in keys) bins[(int)((key >> shift) & mask)]++;
            int bin = (int)mask;
            while (bins[bin] < count) count -= bins[bin--];
            int left = 0;
            foreach (uint key in keys)
            {
                if (((key >> shift) & mask) == bin) keys[left++] = key;
            }

            keys = keys[..left];
        }

        return new ScoreCut(keys[0], count);
    }

    /// <summary>Whether the next key, in order of index, is one of the highest: ties go to the lowest indices.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Takes(uint key) => key > least || (key == least && ties-- > 0);
}
