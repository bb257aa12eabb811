using System.Diagnostics;

namespace KernelSuite.Runtime.Cuda;

/// <summary>
/// Gives points of the device's time in nanoseconds. The driver only tells the distance of two events, as a float of milliseconds: 24 bits,
/// so a distance of 1 s is known to 61 ns and one of an hour to 0.1 ms. Therefore the event that distances are taken from is renewed as soon as a
/// point lies far behind it. Differences of points that are read soon after they were recorded are then as good as the driver's resolution
/// (0.5 us by its manual); the zero of the scale is the host's clock when the first event was made.
/// </summary>
internal sealed unsafe class DeviceClock(ContextHandle context)
{
    /// <summary>At this distance a float of milliseconds resolves 15 ns.</summary>
    private const float FarMilliseconds = 250f;

    private readonly Lock gate = new();
    private StreamHandle? stream;
    private EventHandle? anchor;
    private EventHandle? spare;
    private long anchorNanoseconds;
    private bool running;
    private int users = 1;

    /// <summary>One user more, an event of the device; the first one starts the clock. The context is current.</summary>
    public void AddUser()
    {
        lock (gate)
        {
            if (!running) Start();
            users++;
        }
    }

    /// <summary>
    /// One user less: the device, or one of its events, which may outlive it. After the last one the clock's own events are destroyed.
    /// </summary>
    public void LetGo()
    {
        lock (gate)
        {
            if (--users > 0) return;
            running = false;
            anchor?.Dispose();
            spare?.Dispose();
            stream?.Dispose();
        }
    }

    /// <summary>The time of a recorded event that has been waited for. The context is current.</summary>
    public long Read(EventHandle value)
    {
        lock (gate)
        {
            if (value.HasTime) return value.Nanoseconds;
            float distance = Distance(anchor!, value);
            if (distance > FarMilliseconds)
            {
                Record(spare!);
                anchorNanoseconds += ToNanoseconds(Distance(anchor!, spare!));
                (anchor, spare) = (spare, anchor);
                distance = Distance(anchor!, value);
            }

            value.Nanoseconds = anchorNanoseconds + ToNanoseconds(distance);
            value.HasTime = true;
            return value.Nanoseconds;
        }
    }

    private static long ToNanoseconds(float milliseconds) => (long)Math.Round(milliseconds * 1e6);

    // Whatever a failed start has made is kept for the next one.
    private void Start()
    {
        stream ??= CreateStream();
        spare ??= CreateEvent();
        anchor ??= CreateEvent();
        Record(anchor);
        anchorNanoseconds = (long)(Stopwatch.GetTimestamp() * (1e9 / Stopwatch.Frequency));
        running = true;
    }

    private StreamHandle CreateStream()
    {
        nint raw = 0;
        context.Check(CudaNative.cuStreamCreate(&raw, CudaConstants.StreamNonBlocking), "cuStreamCreate", "for the device clock");
        return new StreamHandle(raw, context);
    }

    private EventHandle CreateEvent()
    {
        nint raw = 0;
        context.Check(CudaNative.cuEventCreate(&raw, CudaConstants.EventDefault), "cuEventCreate", "for the device clock");
        return new EventHandle(raw, context);
    }

    private void Record(EventHandle value)
    {
        context.Check(CudaNative.cuEventRecord(value, stream!), "cuEventRecord", "for the device clock");
        context.Check(CudaNative.cuEventSynchronize(value), "cuEventSynchronize", "for the device clock");
    }

    private float Distance(EventHandle from, EventHandle to)
    {
        float milliseconds = 0;
        context.Check(CudaNative.cuEventElapsedTime(&milliseconds, from, to), "cuEventElapsedTime");
        return milliseconds;
    }
}
