namespace KernelSuite.KvCache;

/// <summary>Ranks tokens by score. Ties go to the lowest index, NaN counts as the smallest: the rule of <c>topk_select</c>.</summary>
public static class TokenRanking
{
    /// <summary>Indices of the <paramref name="count"/> highest scores, ascending.</summary>
    public static int[] Top(ReadOnlySpan<float> scores, int count)
    {
        count = Math.Clamp(count, 0, scores.Length);
        if (count == 0) return [];
        var keys = new ulong[scores.Length];
        for (int i = 0; i < keys.Length; i++) keys[i] = ((ulong)~Ordered(scores[i]) << 32) | (uint)i;
        Array.Sort(keys);
        var chosen = new int[count];
        for (int i = 0; i < count; i++) chosen[i] = (int)(uint)keys[i];
        Array.Sort(chosen);
        return chosen;
    }

    /// <summary>Mean over a centred window of <paramref name="taps"/> scores; beyond the ends lie zeros and the divisor stays the same, so that the edges are damped.</summary>
    public static void Pool(ReadOnlySpan<float> scores, int taps, Span<float> pooled)
    {
        int half = taps / 2;
        for (int i = 0; i < scores.Length; i++)
        {
            float sum = 0;
            for (int j = Math.Max(0, i - half); j <= Math.Min(scores.Length - 1, i + half); j++) sum += scores[j];
            pooled[i] = taps == 1 ? scores[i] : sum / taps;
        }
    }

    /// <summary>Bits that order as the values do; NaN lowest, both zeros alike.</summary>
    private static uint Ordered(float value)
    {
        if (float.IsNaN(value)) return 0;
        uint bits = BitConverter.SingleToUInt32Bits(value == 0 ? 0f : value);
        return (bits & 0x8000_0000) != 0 ? ~bits : bits | 0x8000_0000;
    }
}
