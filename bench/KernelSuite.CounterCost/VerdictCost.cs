using KernelSuite.Counters.Cones;
using KernelSuite.Counters.Statistics;
using KernelSuite.Counters.Tests.Oracles;
using KernelSuite.Counters.Verdicts;

namespace KernelSuite.CounterCost;

/// <summary>Verdicts on random observations of a model, half of which break it; and GLPK's linear program of the same box, where the library is installed.</summary>
internal static class VerdictCost
{
    private const int Observations = 200, Samples = 200, Rounds = 15;

    // Enough for every method on the way to have been compiled for good.
    private const int WarmRounds = 40;

    public static IEnumerable<string> Lines(SignatureSet signatures, ModelCone cone)
    {
        Observation[] observations = [.. Enumerable.Range(0, Observations).Select(i => Random(signatures, i))];
        MeanRegion[] regions = [.. observations.Select(o => MeanRegion.Of(o))];
        var distance = new ConeDistance(signatures);
        double fresh = Clock.Best(Rounds, () => Sum(regions, region =>
        {
            distance.SetCovariance(region.Covariance, region.Scale);
            return distance.Measure(region.Mean).Squared;
        })).Seconds / Observations;
        yield return Line("distance, covariance and mean new", fresh);
        distance.SetCovariance(regions[0].Covariance, regions[0].Scale);
        yield return Line("distance, mean new", Clock.Best(Rounds, () => Sum(regions, region => distance.Measure(region.Mean).Squared)).Seconds / Observations);
        var test = new ConeTest(signatures, null, [.. cone.Equalities.Concat(cone.Inequalities).Select(Row)]);
        var plain = new ConeTest(signatures, new VerdictOptions { Certificates = false });
        yield return Line("verdict: region, distance, p-value", Clock.Best(WarmRounds, () => Refuted(plain, observations)).Seconds / Observations);
        (double full, double refuted) = Clock.Best(WarmRounds, () => Refuted(test, observations));
        yield return Line($"verdict with certificate and rows ({refuted:0} of {Observations} refuted)", full / Observations);
        if (!Glpk.IsPresent)
        {
            yield return $"| GLPK | | {Glpk.Missing} |";
            yield break;
        }

        (double[][] Rows, double[] Limits)[] programs = [.. regions.Select(region => Box(signatures, region))];
        var cost = new double[signatures.Count];
        double glpk = Clock.Best(3, () => programs.Count(p => Glpk.Solve(cost, p.Rows, p.Limits) is null)).Seconds / Observations;
        yield return Line("GLPK: is the box feasible", glpk);
        yield return $"| GLPK / distance, covariance and mean new | | {glpk / fresh:0.0} |";
    }

    private static string Line(string work, double seconds) => $"| {work} | {seconds * 1e6:0.0} µs | {1 / seconds:0} a second |";

    private static double Refuted(ConeTest test, Observation[] observations) => observations.Count(o => test.Check(o).Verdict == Verdict.Refuted);

    private static double Sum(MeanRegion[] regions, Func<MeanRegion, double> measure)
    {
        double sum = 0;
        foreach (MeanRegion region in regions) sum += measure(region);
        return sum;
    }

    private static TestRow Row(ConeRow row) => new(row.Counters, row.ToDoubles(), row.IsEquality, row.ToString());

    /// <summary>Log-normal weights of the signatures under a common phase; every other observation has a counter raised by a twentieth.</summary>
    private static Observation Random(SignatureSet signatures, int seed)
    {
        var random = new Random(seed);
        int p = signatures.Counters.Count, raised = random.Next(p);
        double[] weights = [.. Enumerable.Range(0, signatures.Count).Select(_ => 1000 * Math.Exp(Gaussian(random)))];
        var moments = new SampleMoments(p);
        var sample = new double[p];
        for (int n = 0; n < Samples; n++)
        {
            double phase = Math.Exp(.2 * Gaussian(random));
            Array.Clear(sample);
            for (int j = 0; j < weights.Length; j++)
            {
                double items = weights[j] * phase * (1 + .05 * Gaussian(random));
                for (int i = 0; i < p; i++) sample[i] += items * signatures[j][i];
            }

            for (int i = 0; i < p; i++) sample[i] *= 1 + .02 * Gaussian(random);
            if (seed % 2 == 1) sample[raised] *= 1.05;
            moments.Add(sample);
        }

        return Observation.FromMoments($"random {seed}", signatures.Counters, moments);
    }

    private static double Gaussian(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    /// <summary>-h ≤ Uᵀ(Sᵀf - m) ≤ h in units of h, columns scaled to one: the form that published work gives to a solver.</summary>
    private static (double[][] Rows, double[] Limits) Box(SignatureSet signatures, MeanRegion region)
    {
        int p = region.Counters.Count;
        double radius = Math.Sqrt(region.SquaredRadius(.99));
        var rows = new List<double[]>();
        var limits = new List<double>();
        for (int i = 0; i < p; i++)
        {
            double unit = radius * region.Deviations[i];
            double[] row = [.. Enumerable.Range(0, signatures.Count).Select(j =>
                Enumerable.Range(0, p).Sum(k => region.Axes[(i * p) + k] * signatures[j][k] / region.Scale[k]) / unit)];
            double offset = Enumerable.Range(0, p).Sum(k => region.Axes[(i * p) + k] * region.Mean[k]) / unit;
            rows.Add(row);
            rows.Add([.. row.Select(value => -value)]);
            limits.Add(1 + offset);
            limits.Add(1 - offset);
        }

        for (int j = 0; j < signatures.Count; j++)
        {
            double largest = rows.Max(row => Math.Abs(row[j]));
            foreach (double[] row in rows) row[j] /= largest;
        }

        return ([.. rows], [.. limits]);
    }
}
