using System.Numerics;
using System.Runtime.CompilerServices;

namespace KernelSuite.KvCache;

/// <summary>Ranks tokens by score. Ties go to the lowest index, NaN counts as the smallest: the rule of <c>topk_select</c>.</summary>
public static class TokenRanking
{
    /// <summary>Indices of the <paramref name="count"/> highest scores, ascending.</summary>
    public static int[] Top(ReadOnlySpan<float> scores, int count)
    {
        count = Math.Clamp(count, 0, scores.Length);
        var keys = new uint[scores.Length];
        Order(scores, keys);
        ScoreCut cut = ScoreCut.Of([.. keys], count);
        var chosen = new int[count];
        for (int i = 0, next = 0; i < keys.Length; i++)
        {
            if (cut.Takes(keys[i])) chosen[next++] = i;
        }

        return chosen;
    }

    /// <summary>Mean over a centred window of <paramref name="taps"/> scores; beyond the ends lie zeros and the divisor stays the same, so that the edges are damped.</summary>
    /// <param name="scores">The scores.</param>
    /// <param name="taps">Scores of a window, odd.</param>
    /// <param name="pooled">As many; other memory.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pool(ReadOnlySpan<float> scores, int taps, Span<float> pooled)
    {
        if (taps == 1)
        {
            scores.CopyTo(pooled);
            return;
        }

        // Side by side or one at a time, a window is added up from its first score to its last: the bits are the same.
        int half = taps / 2, lanes = Vector<float>.Count;
        for (int i = 0; i < scores.Length; i++)
        {
            if (i >= half)
            {
                for (; i + half + lanes <= scores.Length; i += lanes)
                {
                    Vector<float> sums = default;
                    for (int j = i - half; j <= i + half; j++) sums += new Vector<float>(scores[j..]);
                    (sums / new Vector<float>(taps)).CopyTo(pooled[i..]);
                }

                if (i == scores.Length) break;
            }

            float sum = 0;
            for (int j = Math.Max(0, i - half); j <= Math.Min(scores.Length - 1, i + half); j++) sum += scores[j];
            pooled[i] = sum / taps;
        }
    }

    /// <summary>Bits that order as the values do; NaN lowest, both zeros alike.</summary>
    /// <param name="scores">The scores.</param>
    /// <param name="keys">As many; may be the scores' own memory.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Order(ReadOnlySpan<float> scores, Span<uint> keys)
    {
        for (int i = 0; i < scores.Length; i++) keys[i] = Ordered(scores[i]);
    }

    private static uint Ordered(float value)
    {
        if (float.IsNaN(value)) return 0;
        uint bits = BitConverter.SingleToUInt32Bits(value == 0 ? 0f : value);
        return (bits & 0x8000_0000) != 0 ? ~bits : bits | 0x8000_0000;
    }
}
