using KernelSuite.Counters.Cones;
using KernelSuite.Counters.Statistics;
using KernelSuite.Counters.Tests.Oracles;
using KernelSuite.Counters.Verdicts;
using Xunit;

namespace KernelSuite.Counters.Tests.Verdicts;

public class OracleTests
{
    [SkippableFact]
    public void Ten_thousand_random_cases_agree_with_the_linear_programs_of_GLPK()
    {
        Skip.IfNot(Glpk.IsPresent, Glpk.Missing);
        var random = new Random(41);
        int inside = 0, outside = 0;
        for (int trial = 0; trial < 10_000; trial++)
        {
            SignatureSet signatures = RandomCases.Signatures(random, random.Next(2, 7), random.Next(2, 11));
            double[] mean = RandomCases.Point(random, signatures, random.Next(0, 3) * .05);
            if (mean.Sum() == 0) continue;
            Observation observation = RandomCases.Observe(random, signatures.Counters, mean, 40, .03);
            MeanRegion region = MeanRegion.Of(observation);

            // The box's radius, and the distance: a box of radius t lies in the ball of radius √p t and around that of radius t.
            (double radius, double[] direction, bool solved) = BoxDistance.Measure(signatures, region, region.Axes, region.Deviations);
            double expected = Radius(signatures, region);
            Assert.True(solved);

            // Where a counter is always zero, half-widths differ a millionfold, which GLPK's tolerances do not resolve; ours is then judged by its
            // own dual.
            if (region.FlooredDirections == 0) Near(expected, radius, trial);
            if (radius > 1e-6) Near(radius, BoxDistance.Proven(region, region.Axes, region.Deviations, direction), trial);
            var solver = new ConeDistance(signatures);
            solver.SetCovariance(region.Covariance, region.Scale);
            double distance = Math.Sqrt(solver.Measure(region.Mean).Squared);
            Assert.True(distance >= radius * (1 - 1e-6) - 1e-6, $"trial {trial}: {distance} below {radius}");
            Assert.True(radius * Math.Sqrt(mean.Length) >= distance * (1 - 1e-2) - .1, $"trial {trial}: {distance} above √p {radius}");

            // Whether the point itself is in the cone: by GLPK in floating point, by us exactly; ties are left out.
            double gap = Gap(signatures, region);
            if (gap is > 1e-9 and < 1e-6) continue;
            VerdictResult exact = new ConeTest(signatures).Check(Observation.Exact("x", signatures.Counters, observation.Moments.Mean));
            Assert.True(exact.Verdict == (gap > 1e-7 ? Verdict.Refuted : Verdict.Consistent), $"trial {trial}: {exact.Verdict} at a gap of {gap}");
            _ = gap > 1e-7 ? outside++ : inside++;
        }

        Assert.True(inside > 300 && outside > 3000, $"{inside} inside, {outside} outside");
    }

    [SkippableFact]
    public void Verdicts_by_boxes_are_those_of_feasibility_at_their_radius()
    {
        Skip.IfNot(Glpk.IsPresent, Glpk.Missing);
        var random = new Random(42);
        for (int trial = 0; trial < 300; trial++)
        {
            SignatureSet signatures = RandomCases.Signatures(random, 4, 6);
            double[] mean = RandomCases.Point(random, signatures, .02);
            if (mean.Sum() == 0) continue;
            Observation observation = RandomCases.Observe(random, signatures.Counters, mean, 60, .05);
            MeanRegion region = MeanRegion.Of(observation);
            var options = new VerdictOptions { Method = VerdictMethod.PcaBox };
            VerdictResult result = new ConeTest(signatures, options).Check(observation);
            double radius = Math.Sqrt(region.SquaredRadius(.99)), needed = Radius(signatures, region);
            if (Math.Abs(needed - radius) < 1e-6 * radius) continue;
            Assert.Equal(needed > radius ? Verdict.Refuted : Verdict.Consistent, result.Verdict);
        }
    }

    /// <summary>min t with |u · (Sᵀf - m)| ≤ t sd + slack, written down again from its definition.</summary>
    private static double Radius(SignatureSet signatures, MeanRegion region)
    {
        int p = region.Counters.Count;
        var rows = new List<double[]>();
        var limits = new List<double>();
        for (int i = 0; i < p; i++)
        {
            double offset = Enumerable.Range(0, p).Sum(k => region.Axes[i * p + k] * region.Mean[k]) / region.Deviations[i];
            double slack = MeanRegion.Slack * region.Mean.Max(Math.Abs) / region.Deviations[i];
            double[] row = [.. Enumerable.Range(0, signatures.Count).Select(j =>
                Enumerable.Range(0, p).Sum(k => region.Axes[i * p + k] * signatures[j][k] / region.Scale[k]) / region.Deviations[i] /
                    Largest(signatures, region, j) * region.Deviations[^1]), -1];
            rows.Add(row);
            rows.Add([.. row.Take(row.Length - 1).Select(value => -value), -1]);
            limits.Add(offset + slack);
            limits.Add(-offset + slack);
        }

        return Glpk.Solve([.. new double[signatures.Count], 1], [.. rows], [.. limits])!.Value;
    }

    /// <summary>Largest deviation of a counter, in scaled units, from the nearest point of the cone in that sense.</summary>
    private static double Gap(SignatureSet signatures, MeanRegion region)
    {
        int p = region.Counters.Count;
        var rows = new List<double[]>();
        var limits = new List<double>();
        for (int i = 0; i < p; i++)
        {
            var entries = Enumerable.Range(0, signatures.Count).Select(j => signatures[j][i] / region.Scale[i] / Largest(signatures, region, j));
            double[] row = [.. entries, -1];
            rows.Add(row);
            rows.Add([.. row.Take(row.Length - 1).Select(value => -value), -1]);
            limits.Add(region.Mean[i]);
            limits.Add(-region.Mean[i]);
        }

        return Glpk.Solve([.. new double[signatures.Count], 1], [.. rows], [.. limits])!.Value;
    }

    private static double Largest(SignatureSet signatures, MeanRegion region, int j) =>
        Enumerable.Range(0, region.Counters.Count).Max(k => signatures[j][k] / region.Scale[k]);

    private static void Near(double expected, double actual, int trial) =>
        Assert.True(Math.Abs(expected - actual) <= 1e-5 * Math.Max(1, Math.Abs(expected)), $"trial {trial}: {actual} instead of {expected}");
}
