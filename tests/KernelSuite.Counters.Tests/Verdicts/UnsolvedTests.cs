using System.Text.Json;
using KernelSuite.Counters.Cones;
using KernelSuite.Counters.Reports;
using KernelSuite.Counters.Statistics;
using KernelSuite.Counters.Verdicts;
using Xunit;

namespace KernelSuite.Counters.Tests.Verdicts;

/// <summary>
/// Verdicts where the solver gave up. No data are known that reach its bound of rounds (1.5 million random tests of counters up to 40 orders of
/// magnitude apart did not), so it gets lower ones here.
/// </summary>
public class UnsolvedTests
{
    private static readonly VerdictOptions Bare = new() { Certificates = false };

    /// <summary>Neither consistent, nor refuted without a certificate that holds in integers: whatever the solver had reached.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Without_an_optimum_only_a_certificate_decides(bool exact)
    {
        var random = new Random(17);
        int proved = 0, open = 0;
        for (int trial = 0; trial < 60; trial++)
        {
            SignatureSet signatures = RandomCases.Signatures(random, 5, 9);
            double[] point = RandomCases.Point(random, signatures, trial % 2 * .5);
            Observation observation = exact ? Observation.Exact("exact", signatures.Counters, [.. point.Select(value => Math.Round(value))])
                : RandomCases.Observe(random, signatures.Counters, point, 100, .05);
            for (int rounds = 0; ; rounds++)
            {
                NearestPoint nearest = Nearest(signatures, observation, rounds);
                foreach (VerdictOptions options in (VerdictOptions[])[new(), Bare, new() { Method = VerdictMethod.SidakBox }])
                {
                    VerdictResult result = Check(signatures, observation, nearest, options);
                    bool warned = result.Warnings.Any(w => w.Kind == WarningKind.Unsolved);
                    if (nearest.Solved)
                    {
                        Assert.Equal(new ConeTest(signatures, options).Check(observation).Verdict, result.Verdict);
                        continue;
                    }

                    Assert.True(warned, "no warning");
                    Assert.NotEqual(Verdict.Consistent, result.Verdict);
                    Assert.Equal(result.Verdict == Verdict.Refuted, result.Certificate is not null);
                    if (result.Certificate is { } certificate)
                    {
                        Assert.True(ExactRows.Most(signatures, [.. certificate.Coefficients]) <= 0, "not a constraint of the model");
                        Assert.True(ExactRows.Sign([.. certificate.Coefficients], observation.Moments.Mean) > 0, "not violated");
                        Assert.Equal(Verdict.Refuted, new ConeTest(signatures, options).Check(observation).Verdict);
                        proved++;
                    }
                    else open++;
                }

                if (nearest.Solved) break;
            }
        }

        Assert.True(proved > 20 && open > 100, $"{proved} refutations were proved, {open} verdicts left open");
    }

    [Fact]
    public void The_report_says_so_in_words_and_in_json()
    {
        var signatures = new SignatureSet(new CounterSet(["a", "b"]), [[1, 0], [1, 1]]);
        Observation inside = RandomCases.Observe(new Random(1), signatures.Counters, [100, 40], 100, .05);
        VerdictResult result = Check(signatures, inside, Nearest(signatures, inside, 2), new());
        Assert.Equal(Verdict.Consistent, new ConeTest(signatures).Check(inside).Verdict);
        Assert.Equal(Verdict.Inconclusive, result.Verdict);
        Reports(signatures, result, "The solver stopped after 2 rounds; the distance is an upper bound.");
    }

    /// <summary>
    /// A refutation that no integers prove. An input does this by itself, counts that are 25 orders of magnitude apart: the coefficient of the small
    /// one is rounding, and if that is positive no integers near the direction are a constraint. Of 40 observations it is so in about half.
    /// </summary>
    [Fact]
    public void A_refutation_that_no_certificate_proves_is_none()
    {
        var signatures = new SignatureSet(new CounterSet(["a", "b", "c"]), [[1, 0, 1], [0, 1, 1]]);
        VerdictResult[] apart = [.. Enumerable.Range(0, 40).Select(seed => new ConeTest(signatures).Check(
            RandomCases.Observe(new Random(seed), signatures.Counters, [1, 1e25, 1.5e25], 100, .05)))];
        Assert.All(apart, one => Assert.Equal(one.Verdict == Verdict.Refuted, one.Certificate is not null));
        VerdictResult result = apart.First(one => one.Verdict == Verdict.Inconclusive);
        Assert.InRange(result.PValue, 0, 1e-9);
        Assert.Equal(Verdict.Refuted, new ConeTest(signatures, Bare).Check(result.Observation).Verdict);
        Reports(signatures, result, "No constraint with integer coefficients proves the refutation");
    }

    private static NearestPoint Nearest(SignatureSet signatures, Observation observation, int rounds) =>
        NearestPoint.Of(new ConeDistance(signatures, rounds), MeanRegion.Of(observation));

    private static VerdictResult Check(SignatureSet signatures, Observation observation, NearestPoint nearest, VerdictOptions options)
    {
        var known = new MeasuredRegions();
        known.Add(observation, MeanRegion.Of(observation), nearest);
        return new ConeTest(signatures, options).CheckRuns(new TestedRuns([observation]), known);
    }

    private static void Reports(SignatureSet signatures, VerdictResult result, string words)
    {
        Assert.Contains(result.Warnings, w => w.Kind == WarningKind.Unsolved && w.Message.StartsWith(words, StringComparison.Ordinal));
        CheckReport report = ModelCheck.Run(signatures, [result.Observation]) with { Observations = [new CheckedObservation(result, result.PValue)] };
        string[] lines = [.. CheckText.Lines(report)];
        Assert.Contains(lines, line => line.StartsWith($"inconclusive: {result.Observation.Id}: distance", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith($"  {words}", StringComparison.Ordinal));
        using JsonDocument json = JsonDocument.Parse(CheckJson.Write(report));
        Assert.Equal(1, json.RootElement.GetProperty("inconclusive").GetInt32());
        JsonElement one = json.RootElement.GetProperty("observations")[0];
        Assert.Equal("inconclusive", one.GetProperty("verdict").GetString());
        Assert.Equal(JsonValueKind.Null, one.GetProperty("certificate").ValueKind);
        Assert.Contains(one.GetProperty("warnings").EnumerateArray(), w => w.GetProperty("kind").GetString() == "unsolved" &&
            w.GetProperty("message").GetString()!.StartsWith(words, StringComparison.Ordinal));
    }
}
