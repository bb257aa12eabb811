using System.Runtime.Intrinsics;

namespace KernelSuite.Operations.Selection.Cpu;

/// <summary>Bounds of the k-th largest score from a sample: ranks four standard deviations to each side of its expected rank there.</summary>
/// <param name="Low">The k-th largest score is likely at least this.</param>
/// <param name="High">And at most this.</param>
internal readonly record struct SampledBounds(float Low, float High)
{
    /// <summary>Scores of which no sample is taken: bisection of so many takes no longer.</summary>
    public const int Few = 1024;

    private const int MostSamples = 1024;

    /// <summary>Every number.</summary>
    public static SampledBounds All => new(float.NegativeInfinity, float.PositiveInfinity);

    /// <summary>Bounds of the score of rank <paramref name="wanted"/>, 1 for the largest, of all scores in the runs.</summary>
    public static unsafe SampledBounds Of(ScoreRuns runs, int total, int wanted)
    {
        if (total <= Few) return All;
        int samples = SamplesOf(total);
        float* sample = stackalloc float[MostSamples + 16];
        runs.Sample(samples, sample);
        Span<int> one = [samples];
        var sampled = new ScoreRuns(sample, 0, one);
        sampled.ToKeys();

        // The number of samples above the score sought is binomial. The two more allow for few samples, where it is skew.
        double expected = (double)wanted * samples / total, spread = (4 * Math.Sqrt(expected * (1 - ((double)wanted / total)))) + 2;
        int upper = (int)Math.Floor(expected - spread), lower = (int)Math.Ceiling(expected + spread);
        uint most = upper < 1 ? uint.MaxValue : sampled.KeyOf(upper, 0, uint.MaxValue);
        uint least = lower > samples ? 0 : sampled.KeyOf(lower, 0, most);
        return new(ScoreKey.ScoreOf(least), ScoreKey.ScoreOf(most));
    }

    /// <summary>
    /// A sample costs by its size, a wide bound by the scores it leaves.
    /// </summary>
    public static int SamplesOf(int total) => total < 1 << 14 ? 128 : total < 1 << 18 ? 512 : MostSamples;
}
