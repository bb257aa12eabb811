namespace KernelSuite.Counters.Recording;

/// <summary>What <see cref="RuntimeRecorder"/> records.</summary>
public sealed record RuntimeRecordOptions
{
    /// <summary>The .NET process.</summary>
    public required int ProcessId { get; init; }

    /// <summary>Milliseconds of a sample, 10 to 3,600,000.</summary>
    public int IntervalMilliseconds { get; init; } = 1000;

    /// <summary>How long to record; null until the process ends or the recording is cancelled.</summary>
    public TimeSpan? Duration { get; init; }
}
