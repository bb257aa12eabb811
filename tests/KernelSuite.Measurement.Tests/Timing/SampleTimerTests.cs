using KernelSuite.Measurement;

namespace KernelSuite.Tests;

public sealed class SampleTimerTests
{
    [Fact]
    public void Quiet_work_stops_when_the_least_time_is_over()
    {
        var work = new ScriptedWork(_ => 0.1);
        TimingResult result = work.Measure(new TimingOptions { LeastSeconds = 0.8, WarmUpSeconds = 0 });
        Assert.Equal(StopReason.Quiet, result.Stop);
        Assert.Equal(8, result.Samples.Count);
        Assert.Equal(0.1, result.Host.Median, 9);
    }

    [Fact]
    public void What_is_done_beside_comes_before_each_sample_and_is_not_timed()
    {
        int done = 0;
        var work = new ScriptedWork(_ => 0.1);
        TimingResult result = work.Measure(new TimingOptions { LeastSeconds = 0.8, WarmUpSeconds = 0 }, () => done++);
        Assert.Equal(result.Samples.Count, done);
        Assert.All(result.Samples, s => Assert.Equal(0.1, s, 9));
    }

    [Fact]
    public void Noisy_work_runs_to_the_budget()
    {
        var work = new ScriptedWork(n => n % 2 == 0 ? 0.1 : 0.2);
        TimingResult result = work.Measure(new TimingOptions { BudgetSeconds = 3, WarmUpSeconds = 0 });
        Assert.Equal(StopReason.TimeOut, result.Stop);
        Assert.InRange(result.Samples.Sum(), 3, 3.3);
    }

    [Fact]
    public void Slow_work_still_gets_five_samples()
    {
        TimingResult result = new ScriptedWork(_ => 60).Measure(new TimingOptions { BudgetSeconds = 1 });
        Assert.Equal(TimingOptions.FewestSamples, result.Samples.Count);
        Assert.Equal((StopReason.TimeOut, 1), (result.Stop, result.Batch));
    }

    [Fact]
    public void Short_work_is_batched_and_a_sample_is_one_launch()
    {
        var work = new ScriptedWork(_ => 2e-6);
        TimingResult result = work.Measure(new TimingOptions { LeastSampleSeconds = 0.001 });
        Assert.InRange(result.Batch, 500, 501);
        Assert.Equal(2e-6, result.Host.Median, 9);
    }

    [Fact]
    public void Samples_are_bounded()
    {
        var work = new ScriptedWork(n => n % 2 == 0 ? 0.002 : 0.003);
        TimingResult result = work.Measure(new TimingOptions { BudgetSeconds = 3000, NoiseGoal = 0 });
        Assert.Equal((StopReason.EnoughSamples, TimingOptions.MostSamples), (result.Stop, result.Samples.Count));
    }

    [Fact]
    public void Warm_up_is_not_sampled()
    {
        // The first launches are slow, as while a JIT compiles.
        var work = new ScriptedWork(n => n < 3 ? 1 : 0.01);
        TimingResult result = work.Measure(new TimingOptions { WarmUpSeconds = 2.5 });
        Assert.Equal(0.01, result.Host.Maximum, 9);
    }

    [Fact]
    public void Device_times_are_kept_beside_host_times()
    {
        TimingResult result = new ScriptedWork(_ => 0.1) { LastDeviceSeconds = 0.09 }.Measure(new TimingOptions());
        Assert.Equal(result.Samples.Count, result.DeviceSamples.Count);
        Assert.Equal(0.09, result.Device!.Value.Median);
        Assert.Null(new ScriptedWork(_ => 0.1).Measure(new TimingOptions()).Device);
    }

    [Fact]
    public void Cancellation_ends_the_measurement()
    {
        using var source = new CancellationTokenSource();
        var work = new ScriptedWork(n =>
        {
            if (n == 4) source.Cancel();
            return 0.1;
        });
        Assert.Throws<OperationCanceledException>(() => work.Measure(new TimingOptions(), cancellation: source.Token));
        Assert.InRange(work.Runs, 5, 6);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(1e9)]
    public void Absurd_budgets_are_refused(double seconds) =>
        Assert.Throws<ArgumentException>(() => new ScriptedWork(_ => 1).Measure(new TimingOptions { BudgetSeconds = seconds }));

    /// <summary>Work whose durations are scripted, on a clock that only it moves.</summary>
    private sealed class ScriptedWork(Func<int, double> secondsOfRun) : ITimedWork
    {
        private readonly Clock clock = new();

        public int Runs { get; private set; }

        public double? LastDeviceSeconds { get; init; }

        public void Run(int count, CancellationToken cancellation) => clock.Now += (long)(count * secondsOfRun(Runs++) * 1e9);

        public TimingResult Measure(TimingOptions options, Action? beside = null, CancellationToken cancellation = default) =>
            new SampleTimer(options, clock).Measure(this, beside, cancellation);

        private sealed class Clock : TimeProvider
        {
            public long Now { get; set; }

            public override long TimestampFrequency => 1_000_000_000;

            public override long GetTimestamp() => Now;
        }
    }
}
