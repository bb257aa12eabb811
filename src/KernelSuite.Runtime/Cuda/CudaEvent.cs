namespace KernelSuite.Runtime.Cuda;

/// <summary>
/// An event whose times are the GPU's: a driver event before the launch and one behind it. The object is reused; a driver event that
/// another object's span still starts at is exchanged before it is recorded again.
/// </summary>
public sealed class CudaEvent : DeviceEvent
{
    private readonly CudaDevice device;
    private readonly Lock gate = new();
    private EventHandle start;
    private EventHandle end;
    private EventHandle? spanStart;
    private bool isRecorded;
    private bool isPoint;
    private bool disposed;

    internal CudaEvent(CudaDevice device, EventHandle start, EventHandle end)
    {
        this.device = device;
        this.start = start;
        this.end = end;
    }

    /// <inheritdoc/>
    public override bool IsComplete
    {
        get
        {
            if (Last("cuEventQuery") is not { } last) return true;
            int status = CudaNative.cuEventQuery(last);
            if (status == CudaStatus.NotReady) return false;
            device.Context.Check(status, "cuEventQuery");
            return true;
        }
    }

    /// <inheritdoc/>
    public override long StartNanoseconds => ReadTime(atStart: true);

    /// <inheritdoc/>
    public override long EndNanoseconds => ReadTime(atStart: false);

    internal bool IsDisposed => disposed;

    /// <inheritdoc/>
    public override void StartFrom(DeviceEvent first)
    {
        CudaEvent own = Own(first, device, nameof(first));
        EventHandle from;
        lock (own.gate)
        {
            if (!own.isRecorded) throw NeverRecorded();
            from = own.spanStart ?? (own.isPoint ? own.end : own.start);
            from.Share();
        }

        EventHandle? replaced = from;
        try
        {
            lock (gate)
            {
                ObjectDisposedException.ThrowIf(disposed, this);
                if (!isRecorded) throw NeverRecorded();
                (replaced, spanStart) = (spanStart, from);
            }
        }
        finally
        {
            if (replaced is not null) device.Events.LetGo(replaced);
        }
    }

    /// <inheritdoc/>
    public override void Synchronize()
    {
        if (Last("cuEventSynchronize") is { } last) device.Context.Check(CudaNative.cuEventSynchronize(last), "cuEventSynchronize");
    }

    /// <summary>Checks that an event handed in is alive and of <paramref name="device"/>.</summary>
    internal static CudaEvent Own(DeviceEvent value, CudaDevice device, string name)
    {
        ArgumentNullException.ThrowIfNull(value, name);
        if (value is not CudaEvent own || !ReferenceEquals(own.device, device))
            throw new ArgumentException($"The event belongs to another device. Make it with CreateEvent of this '{device.Label}' object.", name);
        ObjectDisposedException.ThrowIf(own.IsDisposed, own);
        return own;
    }

    /// <summary>Forgets what was recorded and gives the driver events to record next. The context is current.</summary>
    internal (EventHandle Start, EventHandle End) Prepare()
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            isRecorded = false;
            if (spanStart is { } span) device.Events.LetGo(span);
            spanStart = null;
            start = Unshared(start);
            end = Unshared(end);
            return (start, end);
        }
    }

    /// <summary>Says that the events of <see cref="Prepare"/> have been recorded: both, or for a point only the end.</summary>
    internal void Set(bool point)
    {
        lock (gate)
        {
            isPoint = point;
            isRecorded = true;
        }
    }

    /// <summary>The driver event behind the recorded work, with the context made current; null where nothing was recorded.</summary>
    internal EventHandle? Last(string call)
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            if (!isRecorded) return null;
        }

        device.Context.Enter(call);
        return end;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        lock (gate)
        {
            if (disposed) return;
            disposed = true;
        }

        device.Events.LetGo(start);
        device.Events.LetGo(end);
        if (spanStart is { } span) device.Events.LetGo(span);
        device.Clock.LetGo();
    }

    private static InvalidOperationException NeverRecorded() => new("The event was never recorded. Pass it to Record or Launch first.");

    private EventHandle Unshared(EventHandle handle)
    {
        if (!handle.IsShared)
        {
            handle.HasTime = false;
            return handle;
        }

        EventHandle other = device.Events.Take();
        device.Events.LetGo(handle);
        return other;
    }

    private long ReadTime(bool atStart)
    {
        EventHandle handle;
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            if (!isRecorded) throw NeverRecorded();
            handle = !atStart ? end : spanStart ?? (isPoint ? end : start);
        }

        if (handle.HasTime) return handle.Nanoseconds;
        device.Context.Enter("cuEventSynchronize");
        device.Context.Check(CudaNative.cuEventSynchronize(handle), "cuEventSynchronize");
        return device.Clock.Read(handle);
    }
}
