namespace KernelSuite.Runtime.OpenCl;

/// <summary>An event whose times are the driver's profiling counters. The object is reused; only the driver event inside is swapped.</summary>
public sealed unsafe class OpenClEvent : DeviceEvent
{
    private readonly OpenClDevice device;
    private readonly EventHandle handle;
    private readonly EventHandle first;
    private bool isPoint;
    private bool hasFirst;

    internal OpenClEvent(OpenClDevice device)
    {
        this.device = device;
        handle = new EventHandle(device.Context);
        first = new EventHandle(device.Context);
    }

    /// <inheritdoc/>
    public override bool IsComplete
    {
        get
        {
            nint raw = Retain();
            if (raw == 0) return true;
            try
            {
                int state = ReadState(raw);
                if (state < 0) throw Failure(state);
                return state == ClConstants.ExecutionComplete;
            }
            finally
            {
                _ = ClNative.clReleaseEvent(raw);
            }
        }
    }

    /// <inheritdoc/>
    // A marker's own start and end differ by the driver's housekeeping; a point in a stream has one time, that of its end.
    public override long StartNanoseconds => hasFirst
        ? ReadTime(first.Retain(), ClConstants.ProfilingCommandStart)
        : ReadTime(Retain(), isPoint ? ClConstants.ProfilingCommandEnd : ClConstants.ProfilingCommandStart);

    /// <inheritdoc/>
    public override long EndNanoseconds => ReadTime(Retain(), ClConstants.ProfilingCommandEnd);

    internal bool IsDisposed => handle.IsDisposed;

    /// <inheritdoc/>
    public override void StartFrom(DeviceEvent first)
    {
        OpenClEvent own = Own(first, device, nameof(first));
        nint last = Retain();
        if (last == 0) throw NeverRecorded();
        _ = ClNative.clReleaseEvent(last);
        nint raw = own.hasFirst ? own.first.Retain() : own.Retain();
        if (raw == 0) throw NeverRecorded();
        this.first.Replace(raw);
        hasFirst = true;
    }

    /// <inheritdoc/>
    public override void Synchronize()
    {
        nint raw = Retain();
        if (raw == 0) return;
        try
        {
            WaitFor(raw);
        }
        finally
        {
            _ = ClNative.clReleaseEvent(raw);
        }
    }

    /// <summary>Checks that an event handed in is alive and of <paramref name="device"/>.</summary>
    internal static OpenClEvent Own(DeviceEvent value, OpenClDevice device, string name)
    {
        ArgumentNullException.ThrowIfNull(value, name);
        if (value is not OpenClEvent own || !ReferenceEquals(own.device, device))
            throw new ArgumentException($"The event belongs to another device. Make it with CreateEvent of this '{device.Label}' object.", name);
        ObjectDisposedException.ThrowIf(own.IsDisposed, own);
        return own;
    }

    /// <summary>Takes over a driver event.</summary>
    internal void Set(nint raw, bool point)
    {
        handle.Replace(raw);
        isPoint = point;
        if (!hasFirst) return;
        hasFirst = false;
        first.Replace(0);
    }

    /// <summary>A reference to the driver event for the caller to release; 0 if nothing was recorded.</summary>
    internal nint Retain()
    {
        ObjectDisposedException.ThrowIf(handle.IsDisposed, this);
        return handle.Retain();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        handle.Dispose();
        first.Dispose();
    }

    private static InvalidOperationException NeverRecorded() => new("The event was never recorded. Pass it to Record or Launch first.");

    /// <summary>Reads a counter of a driver event and releases the event.</summary>
    private long ReadTime(nint raw, uint which)
    {
        if (raw == 0) throw NeverRecorded();
        try
        {
            WaitFor(raw);
            return (long)ClInfo.Value<ulong>(ClSubject.Profiling, raw, which, device.Label);
        }
        finally
        {
            _ = ClNative.clReleaseEvent(raw);
        }
    }

    private void WaitFor(nint raw)
    {
        int status = ClNative.clWaitForEvents(1, &raw);
        if (status == ClStatus.Success) return;
        int state = status == ClStatus.ExecStatusErrorInWaitList ? ReadState(raw) : 0;
        throw state < 0 ? Failure(state) : ClStatus.Error(status, "clWaitForEvents", device.Label);
    }

    private int ReadState(nint raw) => ClInfo.Value<int>(ClSubject.Event, raw, ClConstants.EventCommandExecutionStatus, device.Label);

    private DeviceException Failure(int state) => ClStatus.Error(state, "the command behind the event", device.Label);
}
