namespace KernelSuite.Measurement;

/// <summary>Work that a <see cref="SampleTimer"/> repeats.</summary>
public interface ITimedWork
{
    /// <summary>Queues the work <paramref name="count"/> times and waits until all of it is done.</summary>
    /// <param name="count">At least 1.</param>
    /// <param name="cancellation">Stops the work.</param>
    void Run(int count, CancellationToken cancellation);

    /// <summary>Seconds that the last repetition took on the device clock; null where the device does not say. Read outside the timed span.</summary>
    double? LastDeviceSeconds { get; }
}
