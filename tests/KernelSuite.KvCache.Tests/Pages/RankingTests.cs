using System.Runtime.InteropServices;
using KernelSuite.Operations;
using KernelSuite.Tests;

namespace KernelSuite.KvCache.Tests.Pages;

/// <summary>Selection, merging and pooling in linear time against what they stand for.</summary>
public class RankingTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1000)]
    public void The_highest_are_those_of_a_full_sort(int count)
    {
        var random = new SeededRandom((ulong)count);
        for (int round = 0; round < 60; round++)
        {
            // Few different values, NaN, both zeros and infinities among them, or as random as bits are.
            float[] scores = [.. Enumerable.Range(0, count).Select(_ => Score(random, round % 3))];
            int k = (int)(random.NextUniform() * (count + 1));
            IEnumerable<int> ranked = Enumerable.Range(0, count).OrderByDescending(i => scores[i], Comparer<float>.Create(Compare)).ThenBy(i => i);
            int[] expected = [.. ranked.Take(k).Order()];
            Assert.Equal(expected, TokenRanking.Top(scores, k));
        }
    }

    [Fact]
    public void Runs_merge_to_what_a_sort_gives()
    {
        var random = new SeededRandom(2);
        for (int round = 0; round < 200; round++)
        {
            ulong[] entries = [.. Enumerable.Range(0, round).Select(i => (random.NextBits() << 32) | (uint)i)];
            for (int at = 0; at < round;)
            {
                int run = Math.Min(1 + (int)(random.NextUniform() * (round % 40)), round - at);
                Array.Sort(entries, at, run);
                at += run;
            }

            ulong[] expected = [.. entries.Order()], spare = new ulong[round];
            Assert.Equal(expected, RunMerge.Sort(entries, spare) ? spare : entries);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(31)]
    public void Windows_are_added_from_first_to_last(int taps)
    {
        var random = new SeededRandom(3);
        for (int count = 0; count < 120; count++)
        {
            float[] scores = [.. Enumerable.Range(0, count).Select(_ => (float)random.NextNormal())];
            float[] pooled = new float[count], expected = new float[count];
            for (int i = 0; i < count; i++)
            {
                float sum = 0;
                for (int j = i - (taps / 2); j <= i + (taps / 2); j++) sum += j >= 0 && j < count ? scores[j] : 0;
                expected[i] = taps == 1 ? scores[i] : sum / taps;
            }

            TokenRanking.Pool(scores, taps, pooled);
            Assert.Equal(MemoryMarshal.Cast<float, int>(expected).ToArray(), MemoryMarshal.Cast<float, int>(pooled).ToArray());
        }
    }

    private static float Score(SeededRandom random, int kind) => kind switch
    {
        0 => ((float[])[float.NaN, 0, -0f, float.PositiveInfinity, float.NegativeInfinity, 1, 2, -3])[(int)(random.NextUniform() * 8)],
        1 => (float)Math.Exp(20 * random.NextNormal()),
        _ => BitConverter.UInt32BitsToSingle((uint)random.NextBits()),
    };

    private static int Compare(float a, float b) =>
        float.IsNaN(a) || float.IsNaN(b) ? float.IsNaN(b).CompareTo(float.IsNaN(a)) : a == b ? 0 : a.CompareTo(b);
}
