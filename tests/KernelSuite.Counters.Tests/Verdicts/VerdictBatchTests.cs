using System.Text.Json;
using KernelSuite.Counters.Cones;
using KernelSuite.Counters.Models;
using KernelSuite.Counters.Refinement;
using KernelSuite.Counters.Reports;
using KernelSuite.Counters.Statistics;
using KernelSuite.Counters.Tests.Refinement;
using KernelSuite.Counters.Tests.Samples;
using KernelSuite.Counters.Verdicts;
using KernelSuite.Operations.Counters.Distance;
using KernelSuite.Runtime;
using KernelSuite.Tests;
using Xunit;

namespace KernelSuite.Counters.Tests.Verdicts;

/// <summary>Reports do not depend on how many observations were tested together, nor on what computed their distances.</summary>
public class VerdictBatchTests
{
    private static readonly FlowModel Mmu = CounterSamples.Model("haswell/mmu.fdl");
    private static readonly CounterSet Counters = CounterSamples.Counters("haswell/counters-23.txt");
    private static readonly SignatureSet Base = Mmu.Enumerate([]).Signatures.On(Counters);
    private static readonly Observation[] Mixed = Observations();

    public static TheoryData<string> Devices => TestDevices.All;

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void A_report_is_that_of_single_observations(string id)
    {
        Device device = WithDoubles(id);
        foreach (VerdictMethod method in id == "cpu" ? Enum.GetValues<VerdictMethod>() : [VerdictMethod.Conditional, VerdictMethod.PcaBox])
        {
            var options = new VerdictOptions { Method = method };
            CheckReport single = ModelCheck.Run(Base, Mixed, options);
            using var batch = new VerdictBatch(device, fewest: 1, onDevice: true);
            CheckReport together = ModelCheck.Run(Base, Mixed, options, null, batch, CancellationToken.None);
            Same(single, together);
            Assert.True(batch.FromDevice > Mixed.Length / 2, $"only {batch.FromDevice} distances came from the device");
            if (method != VerdictMethod.Conditional) continue;
            Assert.True(single.Count(Verdict.Refuted) > 5 && single.Count(Verdict.Consistent) > 5 && single.Count(Verdict.Inconclusive) > 2);
        }
    }

    [Fact]
    public void On_the_cpu_device_a_report_is_the_same_to_the_last_bit()
    {
        string single = CheckJson.Write(ModelCheck.Run(Base, Mixed));
        using var batch = new VerdictBatch(TestDevices.Shared("cpu"), fewest: 1);
        Assert.Equal(single, CheckJson.Write(ModelCheck.Run(Base, Mixed, null, null, batch, CancellationToken.None)));
        Assert.Equal(0, batch.FromDevice);
        Observation[] many = [.. Enumerable.Range(0, 4).SelectMany(_ => Mixed.Where(o => o.Group is null))];
        Assert.Equal(CheckJson.Write(ModelCheck.Run(Base, many)), CheckJson.Write(ModelCheck.Run(Base, many, device: TestDevices.Shared("cpu"))));
    }

    [Theory]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    public void A_batch_begins_at_its_threshold(int count)
    {
        Observation[] some = [.. Mixed.Where(o => o.Group is null && !o.IsExact && o.Counters.Count == Counters.Count).Take(count)];
        using var batch = new VerdictBatch(TestDevices.Shared("cpu"), fewest: 8, onDevice: true);
        Same(ModelCheck.Run(Base, some), ModelCheck.Run(Base, some, null, null, batch, CancellationToken.None));
        Assert.Equal(count < 8 ? 0 : count, batch.FromDevice);
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void A_search_tries_refutes_and_prunes_the_same(string id)
    {
        Device device = WithDoubles(id);
        Observation[] seen = Workloads.Of(Mmu.Enumerate(["PfSpecT", "EarlyPsc", "Merging"]).Signatures.On(Counters), 60, 6, 11);
        var options = new RefineOptions { Counters = Counters, Features = ["PfSpecT", "EarlyPsc", "Merging", "Pml4eCache", "PmhAbort"] };
        string single = RefineJson.Write(FeatureSearch.Run(Mmu, seen, options));
        using var batch = new VerdictBatch(device, fewest: 4, onDevice: true);
        string together = RefineJson.Write(FeatureSearch.Run(Mmu, seen, options, batch, CancellationToken.None));
        Assert.True(batch.FromDevice > seen.Length);
        Assert.Equal(single, together);
        Assert.Equal(single, RefineJson.Write(FeatureSearch.Run(Mmu, seen, options with { Device = device })));
    }

    [Fact]
    public void What_cone_distance_does_not_take_is_solved_one_by_one()
    {
        var random = new Random(7);
        const int P = 65;
        SignatureSet wide = RandomCases.Signatures(random, P, 6);
        Observation[] seen = [.. Enumerable.Range(0, 6).Select(i =>
            RandomCases.Observe(random, wide.Counters, RandomCases.Point(random, wide, i % 2 * .3), 100, .05))];
        using var batch = new VerdictBatch(TestDevices.Shared("cpu"), fewest: 1, onDevice: true);
        CheckReport report = ModelCheck.Run(wide, seen, null, ConeLimits.EqualitiesOnly, batch, CancellationToken.None);
        Same(ModelCheck.Run(wide, seen, null, ConeLimits.EqualitiesOnly), report);
        Assert.Equal(0, batch.FromDevice);
    }

    /// <summary>A wrong number of a batch is denied before a verdict sees it.</summary>
    [Fact]
    public void A_tampered_batch_is_noticed()
    {
        MeanRegion region = MeanRegion.Of(Refuted(), Base.Counters);
        NearestPoint right = NearestPoint.Of(new ConeDistance(Base), region);
        Assert.True(right.Holds(region, Base));
        Assert.False((right with { Squared = right.Squared * 1.01 }).Holds(region, Base));
        Assert.False((right with { Squared = 0 }).Holds(region, Base));
        Assert.False((right with { Squared = double.NaN }).Holds(region, Base));
        Assert.False((right with { Freedom = right.Freedom + 1 }).Holds(region, Base));
        Assert.False((right with { Direction = [.. right.Direction.Select(w => w * .9)] }).Holds(region, Base));
        ActiveSignature[] moved = [.. right.Active];
        moved[0] = moved[0] with { Weight = moved[0].Weight * 1.1 };
        Assert.False((right with { Active = moved }).Holds(region, Base));
        moved[0] = moved[0] with { Weight = -moved[0].Weight };
        Assert.False((right with { Active = moved }).Holds(region, Base));
    }

    /// <summary>A distance that got past everything else refutes nothing by itself: the certificate is proved in integers.</summary>
    [Fact]
    public void A_tampered_distance_refutes_nothing()
    {
        Observation observation = Mixed.First(o => new ConeTest(Base).Check(o).Verdict == Verdict.Consistent);
        MeanRegion region = MeanRegion.Of(observation, Base.Counters);
        NearestPoint right = NearestPoint.Of(new ConeDistance(Base), region);
        var runs = new TestedRuns([observation]);
        var known = new MeasuredRegions();
        known.Add(observation, region, right);
        Assert.Equal(Verdict.Consistent, new ConeTest(Base).CheckRuns(runs, known).Verdict);
        known.Add(observation, region, right with { Squared = 1000 });
        VerdictResult result = new ConeTest(Base).CheckRuns(runs, known);
        Assert.Equal(Verdict.Inconclusive, result.Verdict);
        Assert.Null(result.Certificate);
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void It_can_be_cancelled(string id)
    {
        using var batch = new VerdictBatch(WithDoubles(id), fewest: 1, onDevice: true);
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.Throws<OperationCanceledException>(() => batch.Check(new ConeTest(Base), [new TestedRuns([Mixed[0]])], stop.Token));
        Assert.Single(batch.Check(new ConeTest(Base), [new TestedRuns([Mixed[0]])], CancellationToken.None));
    }

    [SkippableFact]
    public void A_device_without_double_precision_is_refused()
    {
        DeviceInfo device = TestDevices.Shared("opencl:0").Info;
        NotSupportedException error = Assert.Throws<NotSupportedException>(() => VerdictBatch.Require(device with { Extensions = [] }));
        Assert.Contains("opencl:0", error.Message, StringComparison.Ordinal);
        Assert.Contains("double precision", error.Message, StringComparison.Ordinal);
    }

    private static Device WithDoubles(string id)
    {
        Device device = TestDevices.Shared(id);
        Skip.If(!Supports(device), "no double precision");
        return device;
    }

    private static bool Supports(Device device) =>
        ConeDistanceOperation.Instance.Supports(device.Info, new ConeDistanceProblem(DType.Float64, 1, 1, 1, 1)).IsSupported;

    private static Observation Refuted() => Mixed.First(o => new ConeTest(Base).Check(o).Verdict == Verdict.Refuted);

    /// <summary>Consistent and refuted ones, few samples, other counters, exact ones, and runs in groups that agree and that do not.</summary>
    private static Observation[] Observations()
    {
        SignatureSet merging = Mmu.Enumerate(["PfSpecT", "EarlyPsc", "Merging"]).Signatures.On(Counters);
        Observation[] good = Workloads.Of(Base, 12, 6, 1, 80), bad = Workloads.Of(merging, 12, 6, 2, 80);
        SignatureSet some = Base.On(new CounterSet(Counters.Take(9)));
        Observation refuted = bad.First(o => new ConeTest(Base).Check(o).Verdict == Verdict.Refuted);
        return
        [
            .. good, .. bad, .. Workloads.Of(Base, 2, 6, 3, 20), .. Workloads.Of(merging, 2, 6, 4, 29), .. Workloads.Of(some, 3, 3, 5, 80),
            Observation.Exact("exact", Counters, good[0].Moments.Mean),
            .. Grouped("runs that agree", good[1], good[1]), .. Grouped("runs that differ", good[2], refuted),
        ];
    }

    private static Observation[] Grouped(string id, params Observation[] runs) =>
        [.. runs.Select((run, i) => Observation.FromMoments(id, run.Counters, run.Moments, $"order {i}"))];

    /// <summary>The same document, but for the rounding of its numbers.</summary>
    internal static void Same(CheckReport expected, CheckReport actual)
    {
        using JsonDocument one = JsonDocument.Parse(CheckJson.Write(expected)), other = JsonDocument.Parse(CheckJson.Write(actual));
        Same(one.RootElement, other.RootElement, "$");
    }

    private static void Same(JsonElement expected, JsonElement actual, string path)
    {
        Assert.True(expected.ValueKind == actual.ValueKind, $"{path}: {expected} and {actual}");
        switch (expected.ValueKind)
        {
            case JsonValueKind.Object:
                JsonProperty[] one = [.. expected.EnumerateObject()], other = [.. actual.EnumerateObject()];
                Assert.Equal(one.Select(p => p.Name), other.Select(p => p.Name));
                for (int i = 0; i < one.Length; i++) Same(one[i].Value, other[i].Value, $"{path}.{one[i].Name}");
                break;
            case JsonValueKind.Array:
                Assert.True(expected.GetArrayLength() == actual.GetArrayLength(), $"{path}: {expected} and {actual}");
                for (int i = 0; i < expected.GetArrayLength(); i++) Same(expected[i], actual[i], $"{path}[{i}]");
                break;
            case JsonValueKind.Number:
                double value = expected.GetDouble();
                Assert.True(Math.Abs(value - actual.GetDouble()) <= 1e-6 * Math.Abs(value) + 1e-12, $"{path}: {expected} and {actual}");
                break;
            default:
                Assert.True(expected.ToString() == actual.ToString(), $"{path}: {expected} and {actual}");
                break;
        }
    }
}
