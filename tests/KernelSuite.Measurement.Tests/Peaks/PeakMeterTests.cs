using KernelSuite.Measurement;
using KernelSuite.Runtime;
using KernelSuite.Runtime.Cpu;

namespace KernelSuite.Tests;

public sealed class PeakMeterTests
{
    public static TheoryData<CpuSimd> Widths => [.. CpuSimds.Supported];

    [SkippableTheory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Reads_something_and_never_forgets_the_best(string id)
    {
        using Device device = TestDevices.Open(id);
        using var meter = PeakMeter.For(device);
        meter.Measure();
        DevicePeaks first = meter.Peaks;
        Assert.True(first is { Gflops: > 0, GbytesPerSecond: > 0, Rounds: 1 });
        Assert.NotEmpty(first.FlopsMethod);
        Assert.NotEmpty(first.CopyMethod);
        meter.Measure();
        Assert.True(meter.Peaks.Gflops >= first.Gflops && meter.Peaks.GbytesPerSecond >= first.GbytesPerSecond);
        Assert.Equal(2, meter.Peaks.Rounds);
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Every_width_runs_on_the_devices_own_threads(CpuSimd simd)
    {
        using Device device = new CpuBackend(new CpuDeviceOptions { Simd = simd, Threads = 2 }).Open(DeviceCatalog.Default.Find("cpu"));
        using var meter = PeakMeter.For(device);
        meter.Measure();
        Assert.Equal(2, meter.Peaks.Threads);
        Assert.StartsWith(simd.ToString(), meter.Peaks.FlopsMethod, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(12)]
    [InlineData(16)]
    [InlineData(24)]
    public void Chains_are_all_computed(int chains)
    {
        // Every chain starts at its own number and adds factor * step each time, so the sum over the chains tells whether all ran.
        const int Steps = 100;
        var kernel = new FmaChains<FmaScalar, float>(chains, Steps);
        kernel.Execute(0, 0);
        Assert.Equal((chains * (chains - 1) / 2) + (chains * Steps * 0.0005), kernel.Sink, 1e-3);
        Assert.Equal(2.0 * chains * Steps, kernel.FlopsPerTask);
    }

    [Fact]
    public void Cancellation_is_obeyed()
    {
        using Device device = Device.Open("cpu");
        using var meter = PeakMeter.For(device);
        Assert.Throws<OperationCanceledException>(() => meter.Measure(new CancellationToken(canceled: true)));
    }
}
