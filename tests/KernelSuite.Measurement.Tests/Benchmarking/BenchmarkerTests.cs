using KernelSuite.Measurement;
using KernelSuite.Operations;
using KernelSuite.Runtime;

namespace KernelSuite.Tests;

public sealed class BenchmarkerTests
{
    private static readonly BenchOptions Quick = new() { Timing = new TimingOptions { BudgetSeconds = 0.05, LeastSeconds = 0, WarmUpSeconds = 0 } };

    [Fact]
    public void A_right_operation_has_every_number()
    {
        BenchReport report = Run(new FakeOperation());
        Assert.Equal(["plain", "slow"], report.Results.Select(r => r.Implementation));
        BenchResult row = report.Results[0];
        Assert.Equal((StatusNames.Pass, string.Empty), (row.Status, row.Reason));
        Assert.True(row is { MedianS: > 0, Gflops: > 0, GbytesPerS: > 0, PeakShare: > 0, CopyShare: > 0, Batch: >= 1, RelativeNoise: >= 0 });
        Assert.True(row.SamplesS.Count >= TimingOptions.FewestSamples);
        Assert.Equal(row.SamplesS.Count, row.DeviceSamplesS.Count);
        Assert.Equal(row.Flops!.Value / row.MedianS!.Value * 1e-9, row.Gflops!.Value, 1e-12);
        Assert.Equal(row.Gflops!.Value / row.PeakGflops!.Value, row.PeakShare!.Value, 1e-12);
        Assert.Equal(row.GbytesPerS!.Value / report.Devices[0].CopyGbytesPerS, row.CopyShare!.Value, 1e-12);

        // The fake writes as much as it reads, so it is held against the copy rate alone; the read rate is measured all the same.
        Assert.True(row is { ReadShare: null, MostlyReads: false });
        Assert.True(report.Devices[0] is { ReadGbytesPerS: > 0, ReadMethod.Length: > 0 });
        Assert.Equal("ksuite bench twice --device cpu --case timed --dtype float32 --implementation plain --seed 5", row.Repeat);
        Assert.Equal(2, report.Devices[0].PeakRounds);
    }

    [Theory]
    [InlineData(Fault.Zeros)]
    [InlineData(Fault.Later)]
    [InlineData(Fault.Overrun)]
    [InlineData(Fault.Refuses)]
    [InlineData(Fault.BlindCheck)]
    internal void A_broken_operation_has_no_number(Fault fault)
    {
        BenchReport report = Run(new FakeOperation(fault));
        Assert.Equal((0, 2), (report.Timed, report.Failed));
        foreach (BenchResult row in report.Results)
        {
            Assert.NotEmpty(row.Reason);
            Assert.True(row is { MedianS: null, Gflops: null, GbytesPerS: null, PeakShare: null, CopyShare: null, MinS: null, DeviceMedianS: null, SamplesS.Count: 0 });
        }
    }

    [Fact]
    public void An_unsupported_case_is_neither_pass_nor_fail()
    {
        BenchReport report = Run(new FakeOperation(Fault.Unsupported));
        Assert.Equal((0, 0), (report.Timed, report.Failed));
        Assert.All(report.Results, r => Assert.Equal(StatusNames.Unsupported, r.Status));
    }

    [Fact]
    public void A_baseline_that_would_take_long_is_left_out_unless_asked_for()
    {
        var never = new BenchOptions { Timing = Quick.Timing, BaselineLimitSeconds = 0 };
        Assert.Equal([StatusNames.Pass, StatusNames.Skipped], new Benchmarker(Request(new FakeOperation()), never).Run().Results.Select(r => r.Status));
        SuiteRequest asked = Request(new FakeOperation()) with { Selection = new CaseSelection { Implementations = ["slow"] } };
        Assert.Equal([StatusNames.Pass], new Benchmarker(asked, never).Run().Results.Select(r => r.Status));
    }

    [Fact]
    public void Nothing_selected_is_an_empty_report()
    {
        SuiteRequest request = Request(new FakeOperation()) with { Selection = new CaseSelection { Cases = ["none"] } };
        Assert.Empty(new Benchmarker(request, Quick).Run().Results);
    }

    [Fact]
    public void Cancellation_ends_the_run() =>
        Assert.ThrowsAny<OperationCanceledException>(() => new Benchmarker(Request(new FakeOperation()), Quick).Run(null, new CancellationToken(canceled: true)));

    private static SuiteRequest Request(Operation operation) => new() { Operations = [operation], Devices = [DeviceCatalog.Default.Find("cpu")], Seed = 5 };

    private static BenchReport Run(Operation operation) => new Benchmarker(Request(operation), Quick).Run();
}
