using KernelSuite.Runtime;

namespace KernelSuite.KvCache;

/// <summary>e4m3 with one scale for a slot of all heads, as ARKV's released code has it.</summary>
internal static class ReferenceQuantiser
{
    /// <summary>
    /// Puts the rows that share a slot through e4m3: scale = max|x| / 448 over all of them (1 where that is 0), codes rounded to nearest even. Values come back as what
    /// attention reads.
    /// </summary>
    public static float[][] RoundTrip(float[][] heads, bool round)
    {
        float largest = 0;
        foreach (float[] row in heads)
        {
            foreach (float value in row) largest = Math.Max(largest, Math.Abs(value));
        }

        float scale = largest == 0 ? 1 : ReferenceScores.Round(largest / Float8E4M3.MaxValue, round);
        return [.. heads.Select(row => row.Select(value => ReferenceScores.Round(Float8E4M3.Decode(Float8E4M3.Encode(value / scale)) * scale, round)).ToArray())];
    }
}
