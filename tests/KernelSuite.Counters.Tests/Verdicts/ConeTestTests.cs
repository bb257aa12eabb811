using KernelSuite.Counters.Cones;
using KernelSuite.Counters.Statistics;
using KernelSuite.Counters.Tests.Statistics;
using KernelSuite.Counters.Verdicts;
using Xunit;

namespace KernelSuite.Counters.Tests.Verdicts;

public class ConeTestTests
{
    private static readonly CounterSet Pair = new(["a", "b"]);
    private static readonly SignatureSet HitOrMiss = new(Pair, [[1, 0], [1, 1]]);

    [Fact]
    public void A_point_is_refuted_by_the_constraint_it_breaks()
    {
        var test = new ConeTest(HitOrMiss);
        VerdictResult refuted = test.Check(Observation.Exact("x", Pair, [10, 11]));
        Assert.Equal(Verdict.Refuted, refuted.Verdict);
        Assert.Equal("b <= a", refuted.Certificate!.ToString());
        Assert.Equal((0.0, 1.0), (refuted.PValue, refuted.Confidence));
        VerdictResult consistent = test.Check(Observation.Exact("x", Pair, [10, 10]));
        Assert.Equal((Verdict.Consistent, 0.0), (consistent.Verdict, consistent.Confidence));
        Assert.Null(consistent.Certificate);
    }

    [Theory]
    [InlineData(1_000_000_000_000, 1_000_000_000_001, true)]
    [InlineData(1_000_000_000_001, 1_000_000_000_001, false)]
    [InlineData(0, 1, true)]
    [InlineData(0, 0, false)]
    public void Exact_counts_are_told_apart_by_one(double a, double b, bool refuted) =>
        Assert.Equal(refuted ? Verdict.Refuted : Verdict.Consistent, new ConeTest(HitOrMiss).Check(Observation.Exact("x", Pair, [a, b])).Verdict);

    [Fact]
    public void Exact_verdicts_on_faces_of_random_cones_are_right()
    {
        var random = new Random(21);
        for (int trial = 0; trial < 300; trial++)
        {
            SignatureSet signatures = RandomCases.Signatures(random, random.Next(2, 9), random.Next(2, 12));
            var point = new double[signatures.Counters.Count];
            for (int j = 0; j < signatures.Count; j++)
            {
                int weight = random.Next(0, 3) * random.Next(0, 1_000_000);
                for (int i = 0; i < point.Length; i++) point[i] += weight * signatures[j][i];
            }

            VerdictResult result = new ConeTest(signatures).Check(Observation.Exact("x", signatures.Counters, point));
            Assert.True(result.Verdict == Verdict.Consistent, $"trial {trial}: {result.Certificate}");
        }
    }

    [Theory]
    [InlineData(VerdictMethod.Conditional)]
    [InlineData(VerdictMethod.Ellipsoid)]
    [InlineData(VerdictMethod.SidakBox)]
    [InlineData(VerdictMethod.PcaBox)]
    [InlineData(VerdictMethod.Box)]
    public void Every_refutation_has_a_certificate_that_holds_exactly(VerdictMethod method)
    {
        var random = new Random(22);
        int refuted = 0;
        for (int trial = 0; trial < 200; trial++)
        {
            SignatureSet signatures = RandomCases.Signatures(random, random.Next(2, 8), random.Next(2, 12));
            double[] mean = RandomCases.Point(random, signatures, trial % 2 * .2);
            if (signatures.Count == 0 || mean.Sum() == 0) continue;
            Observation observation = RandomCases.Observe(random, signatures.Counters, mean, 100, .05);
            VerdictResult result = new ConeTest(signatures, new VerdictOptions { Method = method }).Check(observation);
            Assert.NotEqual(Verdict.Inconclusive, result.Verdict);
            if (result.Verdict != Verdict.Refuted) continue;
            refuted++;
            Assert.True(result.Certificate!.HoldsFor(signatures));
            Assert.True(result.Certificate.IsViolatedBy(observation.Moments.Mean));
            Assert.True(result.Certificate.Significance > 2);
            Assert.True(result.SparseCertificate is null || result.SparseCertificate.HoldsFor(signatures));
        }

        Assert.InRange(refuted, 20, 190);
    }

    [Fact]
    public void A_certificate_is_rejected_where_it_does_not_hold()
    {
        Certificate certificate = new ConeTest(HitOrMiss).Check(Observation.Exact("x", Pair, [10, 11])).Certificate!;
        Assert.True(certificate.HoldsFor(HitOrMiss));
        Assert.False(certificate.HoldsFor(new SignatureSet(Pair, [[1, 0], [1, 1], [1, 2]])));
        Assert.False(certificate.IsViolatedBy([11, 11]));
        Assert.True(certificate.IsViolatedBy([11, Math.BitIncrement(11)]));
        Assert.Throws<ArgumentException>(() => certificate.HoldsFor(new SignatureSet(new CounterSet(["a"]), [[1]])));
    }

    [Fact]
    public void Rows_explain_a_certificate_and_are_tested_by_themselves()
    {
        var three = new CounterSet(["a", "b", "c"]);
        var signatures = new SignatureSet(three, [[1, 0, 0], [1, 1, 0], [1, 0, 1]]);
        TestRow[] rows = [new(three, [0, -1, 0], false), new(three, [0, 0, -1], false), new(three, [-1, 1, 1], false)];
        Observation observation = RandomCases.Observe(new Random(5), three, [100, 70, 45], 100, .01);
        VerdictResult result = new ConeTest(signatures, rows: rows).Check(observation);
        Assert.Equal(Verdict.Refuted, result.Verdict);
        MixTerm term = Assert.Single(result.Certificate!.Mix);
        Assert.Equal(("b + c <= a", 1.0), (term.Row.Name, Math.Round(term.Share, 6)));
        Assert.Same(rows[2], Assert.Single(result.Violated).Row);
        Assert.Same(rows[2], result.Rows[0].Row);
        Assert.Null(result.SparseCertificate);

        // Without c the row cannot be tested, and what is left is not violated.
        VerdictResult projected = new ConeTest(signatures, rows: rows).Check(RandomCases.Observe(new Random(5), Pair, [100, 70], 100, .01));
        Assert.Equal(Verdict.Consistent, projected.Verdict);
        Assert.Equal(2, projected.UntestedRows.Count);
        Assert.Contains(projected.Warnings, w => w.Kind == WarningKind.MissingCounters && w.Message.Contains('c'));
    }

    [Fact]
    public void Few_samples_are_inconclusive_with_a_reason()
    {
        var random = new Random(6);
        VerdictResult few = new ConeTest(HitOrMiss).Check(RandomCases.Observe(random, Pair, [10, 12], 29, .01));
        Assert.Equal(Verdict.Inconclusive, few.Verdict);
        Assert.Contains(few.Warnings, w => w.Kind == WarningKind.TooFewSamples);
        var lenient = new ConeTest(HitOrMiss, new VerdictOptions { FewestSamples = 20 });
        Assert.Equal(Verdict.Refuted, lenient.Check(RandomCases.Observe(random, Pair, [10, 12], 29, .01)).Verdict);
        Assert.Equal(Verdict.Inconclusive, new ConeTest(HitOrMiss).Check(Observation.Exact("x", new CounterSet(["z"]), [1])).Verdict);
        Assert.Throws<ArgumentOutOfRangeException>(() => new VerdictOptions { Confidence = 1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new VerdictOptions { FewestSamples = 1 });
    }

    [Fact]
    public void Fewer_samples_than_counters_leave_the_rows()
    {
        const int p = 40;
        var counters = RandomCases.Counters(p);
        int[] all = [.. Enumerable.Range(0, p)];
        var signatures = new SignatureSet(counters, all.Select(i => all.Select(k => k <= i ? 1L : 0).ToArray()));
        TestRow[] rows = [.. all.Skip(1).Select(i => new TestRow(counters, all.Select(k => k == i ? 1.0 : k == i - 1 ? -1 : 0), false))];
        foreach (bool broken in (bool[])[false, true])
        {
            var random = new Random(7);
            var builder = new ObservationBuilder("few", counters);
            var sample = new double[p];
            for (int n = 0; n < 35; n++)
            {
                foreach (int i in all)
                    sample[i] = (1000 - 10 * i + (broken && i == 20 ? 40 : 0)) * (1 + .005 * ObservationTests.Gaussian(random));
                builder.Add(sample);
            }

            VerdictResult result = new ConeTest(signatures, rows: rows).Check(builder.Build());
            Assert.Equal(broken ? Verdict.Refuted : Verdict.Inconclusive, result.Verdict);
            Assert.Contains(result.Warnings, w => w.Kind == WarningKind.Shrunk);
            Assert.Equal(broken ? [rows[19]] : [], result.Violated.Select(r => r.Row));
        }
    }

    [Fact]
    public void Proportional_and_constant_counters_are_tested_to_a_millionth()
    {
        var counters = new CounterSet(["a", "twice", "constant", "zero"]);
        var signatures = new SignatureSet(counters, [[1, 2, 0, 0], [0, 0, 1, 0]]);
        Assert.Equal(Verdict.Consistent, Check(2, 0).Verdict);
        Assert.Equal(Verdict.Refuted, Check(2.001, 0).Verdict);
        Assert.Equal(Verdict.Refuted, Check(2, 1).Verdict);
        Assert.Equal(Verdict.Consistent, Check(2 + 1e-7, 0).Verdict); // Within the relative slack.
        Assert.Contains(Check(2, 0).Warnings, w => w.Kind == WarningKind.DegenerateCovariance);

        VerdictResult Check(double factor, double zero)
        {
            var random = new Random(3);
            var builder = new ObservationBuilder("degenerate", counters);
            for (int i = 0; i < 100; i++)
            {
                double a = 1e9 * (1 + .1 * ObservationTests.Gaussian(random));
                builder.Add([a, factor * a, 7e3, zero]);
            }

            return new ConeTest(signatures).Check(builder.Build());
        }
    }

    [Theory]
    [InlineData(.0, Verdict.Refuted)]
    [InlineData(.98, Verdict.Inconclusive)]
    public void Autocorrelation_in_the_direction_that_matters_takes_evidence_away(double follow, Verdict expected)
    {
        var random = new Random(9);
        var builder = new ObservationBuilder("series", Pair);
        double state = 0;
        for (int i = 0; i < 4000; i++)
        {
            state = follow * state + Math.Sqrt(1 - follow * follow) * ObservationTests.Gaussian(random);
            builder.Add([100, 100.08 + state]);
        }

        // The difference has mean about .08 and standard deviation 1 / sqrt(4000) = .016 if independent, some .16 if not.
        VerdictResult result = new ConeTest(HitOrMiss).Check(builder.Build());
        Assert.Equal(expected, result.Verdict);
        Assert.Equal(expected == Verdict.Inconclusive, result.Warnings.Any(w => w.Kind == WarningKind.Autocorrelation));
    }

    [Fact]
    public void Runs_that_disagree_are_locked_to_the_rotation_and_runs_that_agree_are_not()
    {
        var random = new Random(10);
        var test = new ConeTest(HitOrMiss);
        Observation above = RandomCases.Observe(random, Pair, [100, 103], 200, .01), below = RandomCases.Observe(random, Pair, [100, 98], 200, .01);
        Observation higher = RandomCases.Observe(random, Pair, [200, 206], 200, .01);
        Assert.Equal(Verdict.Refuted, test.Check(above).Verdict);
        VerdictResult locked = test.CheckRuns([above, below]);
        Assert.Equal(Verdict.Inconclusive, locked.Verdict);
        Assert.Contains(locked.Warnings, w => w.Kind == WarningKind.RotationLock);
        Assert.Equal(Verdict.Refuted, test.CheckRuns([above, higher]).Verdict);
        Assert.Equal(Verdict.Consistent, test.CheckRuns([below, below]).Verdict);
        Assert.Throws<ArgumentException>(() => test.CheckRuns([]));
        Assert.Throws<ArgumentException>(() => test.CheckRuns([above, Observation.Exact("x", new CounterSet(["a"]), [1])]));
    }

    [Fact]
    public void Dropping_a_counter_keeps_feasible_what_was()
    {
        var random = new Random(31);
        for (int trial = 0; trial < 100; trial++)
        {
            SignatureSet signatures = RandomCases.Signatures(random, 6, 9);
            double[] mean = RandomCases.Point(random, signatures, .05);
            var test = new ConeTest(signatures);
            Observation all = Observation.Exact("x", signatures.Counters, mean);
            Observation some = Observation.Exact("x", new CounterSet(signatures.Counters.Skip(1)), mean.AsSpan(1));
            Assert.True(test.Check(some).Distance <= test.Check(all).Distance * (1 + 1e-6) + 1e-2);
        }
    }
}
