namespace KernelSuite.Runtime;

/// <summary>A point in a stream, or the span of one launch, with device timestamps. Reusable.</summary>
public abstract class DeviceEvent : IDisposable
{
    /// <summary>Whether the recorded work is done. An event that was never recorded is complete.</summary>
    public abstract bool IsComplete { get; }

    /// <summary>Start on the device clock in nanoseconds; waits for completion.</summary>
    /// <exception cref="InvalidOperationException">Nothing was recorded.</exception>
    public abstract long StartNanoseconds { get; }

    /// <summary>End on the device clock in nanoseconds; waits for completion. Equals the start for a recorded point.</summary>
    /// <exception cref="InvalidOperationException">Nothing was recorded.</exception>
    public abstract long EndNanoseconds { get; }

    /// <summary>
    /// Makes this event's span start where that of <paramref name="first"/> starts, so that it covers several launches.
    /// Holds until this event is recorded again. Allocates nothing.
    /// </summary>
    /// <param name="first">An event of the same device that was passed to an earlier launch of the same stream.</param>
    /// <exception cref="InvalidOperationException">One of the two was never recorded.</exception>
    public abstract void StartFrom(DeviceEvent first);

    /// <summary>Waits until the recorded work is done, and reports its failure if it failed.</summary>
    public abstract void Synchronize();

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases the driver's event.</summary>
    protected abstract void Dispose(bool disposing);
}
