using KernelSuite.Counters.Cones;
using KernelSuite.Counters.Statistics;
using KernelSuite.Counters.Tests.Statistics;

namespace KernelSuite.Counters.Tests.Verdicts;

/// <summary>Random small cones, and observations in, near and far from them.</summary>
internal static class RandomCases
{
    public static CounterSet Counters(int p) => new(Enumerable.Range(0, p).Select(i => $"c{i}"));

    public static SignatureSet Signatures(Random random, int p, int count) => new(Counters(p), Vectors(random, p, count));

    /// <summary>Counts from 0 to 3, half of them 0; some vectors may be zero or equal.</summary>
    public static long[][] Vectors(Random random, int p, int count) => [.. Enumerable.Range(0, count).Select(_ =>
        Enumerable.Range(0, p).Select(_ => random.NextDouble() < .5 ? (long)random.Next(1, 4) : 0).ToArray())];

    /// <summary>An observation whose mean is a point of whole numbers to the last bit, with noise of half a count in each counter.</summary>
    public static Observation Narrow(CounterSet counters, long[] point)
    {
        var moments = new SampleMoments(point.Length);
        for (int n = 0; n < 20 * point.Length; n++)
            moments.Add([.. point.Select((value, i) => (double)value + (n / 2 % point.Length != i ? 0 : n % 2 == 0 ? 1 : -1))]);
        return Observation.FromMoments("narrow", counters, moments);
    }

    /// <summary>A point of the cone, moved out of it (or about inside) by a share of its size; positive.</summary>
    public static double[] Point(Random random, SignatureSet signatures, double share)
    {
        int p = signatures.Counters.Count;
        var point = new double[p];
        for (int j = 0; j < signatures.Count; j++)
        {
            double weight = random.NextDouble() < .5 ? 0 : Math.Exp(2 * ObservationTests.Gaussian(random));
            for (int i = 0; i < p; i++) point[i] += weight * signatures[j][i];
        }

        double size = point.Sum() / p;
        for (int i = 0; i < p; i++) point[i] = Math.Max(point[i] + share * size * ObservationTests.Gaussian(random), 0);
        return point;
    }

    /// <summary>An observation about a mean with common phases and noise of each counter.</summary>
    public static Observation Observe(Random random, CounterSet counters, double[] mean, int samples, double noise)
    {
        var moments = new SampleMoments(mean.Length);
        var sample = new double[mean.Length];
        for (int n = 0; n < samples; n++)
        {
            double phase = 1 + .2 * ObservationTests.Gaussian(random);
            for (int i = 0; i < sample.Length; i++) sample[i] = mean[i] * phase * (1 + noise * ObservationTests.Gaussian(random));
            moments.Add(sample);
        }

        return Observation.FromMoments("random", counters, moments);
    }
}
