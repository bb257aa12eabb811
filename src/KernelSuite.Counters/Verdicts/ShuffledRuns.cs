using KernelSuite.Counters.Statistics;

namespace KernelSuite.Counters.Verdicts;

/// <summary>
/// Runs of one observation with shuffled counter groups. A program whose period is locked to the rotation of the groups shifts each counter by an
/// amount that depends on the order of the groups, so the runs then differ along the violated constraint by more than their noise.
/// </summary>
internal static class ShuffledRuns
{
    private const double Disagreement = .01;

    public static VerdictResult Check(ConeTest test, TestedRuns tested, Observation pooled, MeasuredRegions? known)
    {
        IReadOnlyList<Observation> runs = tested.Runs;
        VerdictResult result = test.Check(pooled, direction => runs.Average(run => Significant(run, direction)), known);
        VerdictResult[] each = [.. runs.Select(run => test.Check(run, known))];
        double[] probabilities = [.. each.Append(result).Where(r => r.Certificate is not null).Select(r => Agreement(runs, r.Certificate!))];
        double least = probabilities.Length == 0 ? 1 : probabilities.Min() * probabilities.Length;
        int refuted = each.Count(r => r.Verdict == Verdict.Refuted);
        bool locked = least < Disagreement || (result.Verdict != Verdict.Refuted && refuted > 0);
        if (!locked) return result;
        string words = $"{refuted} of {runs.Count} runs with shuffled counter groups refute the model, and they differ along what is violated " +
            FormattableString.Invariant($"(p = {Math.Min(least, 1):G2}). Vary the interval and measure again.");
        return result with { Verdict = Verdict.Inconclusive, Warnings = [.. result.Warnings, new Warning(WarningKind.RotationLock, words)] };
    }

    private static double Significant(Observation run, double[] direction) =>
        run.Series is { } series && series.Inflation(direction) is double factor && factor >= series.SignificantInflation ? factor : 1;

    /// <summary>
    /// Cochran's test that all runs have the same violation, relative to their size: the probability of differing as much by noise.
    /// </summary>
    private static double Agreement(IReadOnlyList<Observation> runs, Certificate certificate)
    {
        double[] unit = CounterScale.Of(runs[0].Moments), w = certificate.Direction();
        int[] places = certificate.Counters.PlacesIn(runs[0].Counters);
        var values = new (double Value, double Weight)[runs.Count];
        for (int r = 0; r < runs.Count; r++)
        {
            SampleMoments moments = runs[r].Moments;
            double value = 0, variance = 0, size = 0;
            for (int i = 0; i < places.Length; i++)
            {
                value += w[i] * moments.Mean[places[i]];
                size += moments.Mean[places[i]] / unit[places[i]] / places.Length;
                for (int j = 0; j < places.Length; j++) variance += w[i] * w[j] * moments.Covariance(places[i], places[j]) / moments.Count;
                double floor = MeanRegion.Floor * w[i] * unit[places[i]];
                variance += floor * floor;
            }

            if (!(size > 0)) return 1;
            values[r] = (value / size, size * size / variance);
        }

        double mean = values.Sum(v => v.Value * v.Weight) / values.Sum(v => v.Weight);
        return Tails.ChiSquared(values.Sum(v => v.Weight * (v.Value - mean) * (v.Value - mean)), runs.Count - 1);
    }
}
