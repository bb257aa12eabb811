using System.Diagnostics;

namespace KernelSuite.Runtime;

/// <summary>An event of an eager stream: two readings of the monotonic clock.</summary>
public sealed class EagerEvent : DeviceEvent
{
    private readonly Device device;
    private long start;
    private long end = -1;
    private bool disposed;

    internal EagerEvent(Device device) => this.device = device;

    /// <inheritdoc/>
    public override bool IsComplete
    {
        get
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            return true;
        }
    }

    /// <inheritdoc/>
    public override long StartNanoseconds => Recorded(start);

    /// <inheritdoc/>
    public override long EndNanoseconds => Recorded(end);

    /// <inheritdoc/>
    public override void StartFrom(DeviceEvent first)
    {
        _ = Recorded(end);
        start = Own(first, device, nameof(first)).StartNanoseconds;
    }

    /// <inheritdoc/>
    public override void Synchronize() => ObjectDisposedException.ThrowIf(disposed, this);

    internal static long Now() => (long)(Stopwatch.GetTimestamp() * (1e9 / Stopwatch.Frequency));

    /// <summary>Checks that an event handed in is alive and of <paramref name="device"/>.</summary>
    internal static EagerEvent Own(DeviceEvent value, Device device, string name)
    {
        ArgumentNullException.ThrowIfNull(value, name);
        if (value is not EagerEvent own || !ReferenceEquals(own.device, device))
            throw new ArgumentException("The event belongs to another device. Make it with this device's CreateEvent.", name);
        ObjectDisposedException.ThrowIf(own.disposed, own);
        return own;
    }

    internal void Set(long startNanoseconds, long endNanoseconds)
    {
        start = startNanoseconds;
        end = endNanoseconds;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => disposed = true;

    private long Recorded(long time)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        return end < 0 ? throw new InvalidOperationException("The event was never recorded. Pass it to Record or Launch first.") : time;
    }
}
