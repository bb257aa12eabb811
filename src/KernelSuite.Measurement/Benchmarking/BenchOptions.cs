namespace KernelSuite.Measurement;

/// <summary>How a benchmark runs.</summary>
public sealed record BenchOptions
{
    /// <summary>When sampling stops.</summary>
    public TimingOptions Timing { get; init; } = new();

    /// <summary>
    /// A baseline that was not asked for by name is left out where one launch could take longer, in seconds. It could take: the flops of
    /// the case at <see cref="BaselineShare"/> of the measured peak. Real baselines are several times faster than that.
    /// </summary>
    public double BaselineLimitSeconds { get; init; } = 30;

    /// <summary>Share of the peak below which no sensible baseline falls.</summary>
    public const double BaselineShare = 0.01;
}
