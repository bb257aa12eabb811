namespace KernelSuite.Measurement;

/// <summary>
/// Repeats work until its median can be believed. Warms up, chooses how many launches make one sample, then samples until
/// the noise is at its goal, the time budget is used up or there are <see cref="TimingOptions.MostSamples"/>; never fewer than
/// <see cref="TimingOptions.FewestSamples"/>, however long the work takes.
/// </summary>
/// <param name="options">When to stop.</param>
/// <param name="time">The clock; tests hand in one of their own.</param>
public sealed class SampleTimer(TimingOptions options, TimeProvider? time = null)
{
    private const int MostBatch = 100_000;
    private readonly TimeProvider clock = time ?? TimeProvider.System;

    /// <summary>Measures <paramref name="work"/>.</summary>
    /// <param name="work">The work.</param>
    /// <param name="beside">Done before each sample and not timed, but counted against the time budget; null for nothing.</param>
    /// <param name="cancellation">Checked before each sample, and handed to the work.</param>
    /// <exception cref="OperationCanceledException">Cancelled; nothing is reported.</exception>
    public TimingResult Measure(ITimedWork work, Action? beside = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        options.Validate();
        int batch = BatchFor(WarmUp(work, cancellation));
        var samples = new List<double>();
        var deviceSamples = new List<double>();
        long begun = clock.GetTimestamp();
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            beside?.Invoke();
            samples.Add(Time(work, batch, cancellation) / batch);
            if (work.LastDeviceSeconds is { } device) deviceSamples.Add(device);
            if (ShouldStop(samples, clock.GetElapsedTime(begun).TotalSeconds) is { } reason)
                return new TimingResult(samples, deviceSamples, batch, reason);
        }
    }

    /// <summary>The stop rule as a pure function of what was sampled.</summary>
    internal StopReason? ShouldStop(List<double> samples, double elapsedSeconds)
    {
        if (samples.Count < TimingOptions.FewestSamples) return null;
        if (elapsedSeconds >= options.BudgetSeconds) return StopReason.TimeOut;
        if (samples.Count >= TimingOptions.MostSamples) return StopReason.EnoughSamples;
        if (elapsedSeconds < Math.Min(options.LeastSeconds, options.BudgetSeconds)) return null;
        return SampleStatistics.Of([.. samples]).RelativeNoise <= options.NoiseGoal ? StopReason.Quiet : null;
    }

    /// <summary>Launches in a sample, for work that takes so long.</summary>
    internal int BatchFor(double seconds) =>
        seconds >= options.LeastSampleSeconds ? 1
        : (int)Math.Min(MostBatch, Math.Ceiling(options.LeastSampleSeconds / Math.Max(seconds, 1e-9)));

    /// <summary>Returns the shortest time of one run that was seen.</summary>
    private double WarmUp(ITimedWork work, CancellationToken cancellation)
    {
        double shortest = double.PositiveInfinity;
        long begun = clock.GetTimestamp();
        do
        {
            cancellation.ThrowIfCancellationRequested();
            shortest = Math.Min(shortest, Time(work, 1, cancellation));
        }
        while (clock.GetElapsedTime(begun).TotalSeconds < options.WarmUpSeconds);
        return shortest;
    }

    private double Time(ITimedWork work, int count, CancellationToken cancellation)
    {
        long start = clock.GetTimestamp();
        work.Run(count, cancellation);
        return clock.GetElapsedTime(start).TotalSeconds;
    }
}
