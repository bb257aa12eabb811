using KernelSuite.Counters.Cones;
using KernelSuite.Counters.Statistics;

namespace KernelSuite.Counters.Tests.Refinement;

/// <summary>
/// Observations of programs that take a few paths of a model each: the true mean lies in its cone, every counter has noise of its own.
/// </summary>
internal static class Workloads
{
    /// <summary>Simulates.</summary>
    /// <param name="signatures">The paths that the machine has.</param>
    /// <param name="count">Number of observations.</param>
    /// <param name="paths">Paths that each takes; null for all.</param>
    /// <param name="seed">Of paths, rates and noise.</param>
    /// <param name="samples">Samples of each.</param>
    /// <param name="noise">Standard deviation of a counter over its value.</param>
    public static Observation[] Of(SignatureSet signatures, int count, int? paths, int seed, int samples = 200, double noise = .01)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(n =>
        {
            int[] taken = [.. Enumerable.Range(0, signatures.Count).OrderBy(_ => random.Next()).Take(paths ?? signatures.Count)];
            double[] rates = [.. taken.Select(_ => 1000 * (.2 + random.NextDouble()))];
            var builder = new ObservationBuilder($"workload {n}", signatures.Counters);
            for (int k = 0; k < samples; k++)
            {
                double phase = Math.Exp(.3 * Normal(random));
                var sample = new double[signatures.Counters.Count];
                for (int t = 0; t < taken.Length; t++)
                    for (int i = 0; i < sample.Length; i++) sample[i] += phase * rates[t] * signatures[taken[t]][i];
                for (int i = 0; i < sample.Length; i++) sample[i] *= 1 + noise * Normal(random);
                builder.Add(sample);
            }

            return builder.Build();
        })];
    }

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
