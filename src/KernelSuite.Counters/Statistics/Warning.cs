namespace KernelSuite.Counters.Statistics;

/// <summary>What a result should be read with care for.</summary>
public enum WarningKind
{
    /// <summary>Fewer samples than asked for, or too few to estimate a covariance of so many counters.</summary>
    TooFewSamples,

    /// <summary>Samples that lacked a counter were left out.</summary>
    DroppedSamples,

    /// <summary>
    /// Counters are constant or exactly proportional: the covariance has directions without noise, whose variance was raised to a floor.
    /// </summary>
    DegenerateCovariance,

    /// <summary>The covariance was shrunk towards its diagonal, because there are too few samples for so many counters.</summary>
    Shrunk,

    /// <summary>Samples that follow one another resemble each other, so that they say less than as many independent ones.</summary>
    Autocorrelation,

    /// <summary>Counters of the model were not measured; the test says nothing about them.</summary>
    MissingCounters,

    /// <summary>
    /// Runs of one observation with shuffled counter groups disagree: a period of the program and the rotation of the counters are locked.
    /// </summary>
    RotationLock,

    /// <summary>A solver stopped at its bound of iterations.</summary>
    Unsolved,
}

/// <summary>A warning in words.</summary>
/// <param name="Kind">What it is about.</param>
/// <param name="Message">A sentence that names counters and numbers.</param>
public sealed record Warning(WarningKind Kind, string Message);
