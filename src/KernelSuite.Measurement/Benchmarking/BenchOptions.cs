namespace KernelSuite.Measurement;

/// <summary>How a benchmark runs.</summary>
public sealed record BenchOptions
{
    /// <summary>When sampling stops.</summary>
    public TimingOptions Timing { get; init; } = new();

    /// <summary>
    /// A baseline that was not asked for by name is left out where one launch is expected to take longer, in seconds. Expected: the
    /// flops of the case at <see cref="BaselineShare"/> of the measured peak.
    /// </summary>
    public double BaselineLimitSeconds { get; init; } = 10;

    /// <summary>Share of the peak below which no sensible baseline falls; pessimistic on purpose.</summary>
    public const double BaselineShare = 0.01;
}
