namespace KernelSuite.Measurement;

/// <summary>How long and how often to measure.</summary>
public sealed record TimingOptions
{
    /// <summary>Fewest samples whatever the time they take: below five a median says little.</summary>
    public const int FewestSamples = 5;

    /// <summary>Most samples; more only fill the report.</summary>
    public const int MostSamples = 1000;

    /// <summary>Time for the samples of one case, in seconds; sampling stops here unless <see cref="FewestSamples"/> are still due.</summary>
    public double BudgetSeconds { get; init; } = 2;

    /// <summary>Least sampling time before low noise may end it, in seconds: a quiet quarter second on a shared machine proves little.</summary>
    public double LeastSeconds { get; init; } = 0.5;

    /// <summary>Relative noise (<see cref="SampleStatistics.RelativeNoise"/>) that ends sampling.</summary>
    public double NoiseGoal { get; init; } = 0.01;

    /// <summary>
    /// Shortest sample in seconds. Shorter work is launched several times back to back in a sample, so that reading the clock (tens of
    /// nanoseconds) does not matter.
    /// </summary>
    public double LeastSampleSeconds { get; init; } = 0.001;

    /// <summary>Time of unmeasured launches before the samples, in seconds; at least one launch.</summary>
    public double WarmUpSeconds { get; init; } = 0.1;

    /// <summary>Checks the values.</summary>
    /// <exception cref="ArgumentException">A time is not positive and finite, or above an hour.</exception>
    public void Validate()
    {
        const double Hour = 3600;
        if (!(BudgetSeconds is > 0 and <= Hour))
            throw new ArgumentException($"time-budget is {BudgetSeconds}. Expected seconds above 0 and at most {Hour}.", nameof(BudgetSeconds));
        if (!(LeastSeconds >= 0 && LeastSampleSeconds >= 0 && WarmUpSeconds >= 0 && NoiseGoal >= 0))
            throw new ArgumentException("Times and the noise goal must not be negative.", nameof(LeastSeconds));
    }
}

/// <summary>Why sampling ended.</summary>
public enum StopReason
{
    /// <summary>The relative noise reached the goal.</summary>
    Quiet,

    /// <summary>The time budget was used up; look at the noise before believing the last digit.</summary>
    TimeOut,

    /// <summary>The largest number of samples was taken.</summary>
    EnoughSamples,
}
