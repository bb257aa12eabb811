using System.Runtime.CompilerServices;

namespace KernelSuite.Operations.Selection.Cpu;

/// <summary>Bounds of the k-th largest score from a sample: ranks four standard deviations to each side of its expected rank there.</summary>
/// <param name="Low">The k-th largest score is likely at least this.</param>
/// <param name="High">And at most this.</param>
internal readonly record struct SampledBounds(float Low, float High)
{
    /// <summary>Scores of which no sample is taken.</summary>
    public const int Unsampled = 1024;

    /// <summary>
    /// Scores that are bisected and not narrowed: 1353 of a row of 4096 take 0.6 us, narrowed to 493 first 1.2; from about 3000 on narrowing is
    /// faster. Bisection interpolated between the counts known takes half the steps, but each the longer: no gain.
    /// </summary>
    public const int Few = 4096;

    private const int MostSamples = 1024;

    private const double Deviations = 4;

    /// <summary>Every number.</summary>
    public static SampledBounds All => new(float.NegativeInfinity, float.PositiveInfinity);

    /// <summary>Bounds of the score of rank <paramref name="wanted"/>, 1 for the largest, of all scores in the runs.</summary>
    /// <remarks>Compiled at once, as the passes are: the first thousand rows of 2048 otherwise take 5 us each in place of 2.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static unsafe SampledBounds Of(ScoreRuns runs, int total, int wanted)
    {
        if (total <= Unsampled) return All;
        int samples = SamplesOf(total);
        float* sample = stackalloc float[MostSamples + 16];
        runs.Sample(samples, sample);
        Span<int> one = [samples];
        var sampled = new ScoreRuns(sample, 0, one);
        sampled.Fence();

        // The number of samples above the score sought is binomial. The two more allow for few samples, where it is skew.
        double expected = (double)wanted * samples / total, spread = (Deviations * Math.Sqrt(expected * (1 - ((double)wanted / total)))) + 2;
        int upper = (int)Math.Floor(expected - spread), lower = (int)Math.Ceiling(expected + spread), slack = (int)(spread / 8);
        (float least, float most) = sampled.Extremes();
        bool isBelowAll = lower > samples || sampled.AtLeast(least) < lower, isAboveAll = upper < 1;
        float high = isAboveAll ? float.PositiveInfinity : sampled.ScoreOf(Math.Max(1, upper - slack), upper, least, most);
        float low = isBelowAll ? float.NegativeInfinity : sampled.ScoreOf(lower, Math.Min(samples, lower + slack), least, isAboveAll ? most : high);
        return new(low, high);
    }

    /// <summary>
    /// A sample costs by its size, wide bounds by the scores they leave. A thread, k a quarter of n, 64 / 128 / 256 samples: n = 4096 2.6 / 2.5 / 2.7
    /// us, n = 8192 5.0 / 5.1 / 5.4; 256 / 512: n = 32768 16.1 / 14.0. 512 leave 31K of 256K scores between the bounds, 1024 110K of 1M.
    /// </summary>
    public static int SamplesOf(int total) => total < 1 << 14 ? 128 : total < 1 << 18 ? 512 : MostSamples;
}
