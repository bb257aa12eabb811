namespace KernelSuite.Runtime;

/// <summary>
/// An opened device: the seam under every operation. A backend (cpu, OpenCL, CUDA and others) is one implementation of
/// this class and of the few that it makes. Thread-safe; the streams and kernels that it makes are not.
/// </summary>
public abstract class Device : IDisposable
{
    /// <summary>Facts about the device.</summary>
    public abstract DeviceInfo Info { get; }

    /// <summary>Opens a device by id; <c>auto</c> chooses by <see cref="DeviceCatalog.Choose()"/>.</summary>
    /// <param name="id"><c>auto</c>, <c>cpu</c>, <c>opencl:0</c>, …</param>
    /// <exception cref="ArgumentException"><paramref name="id"/> is malformed.</exception>
    /// <exception cref="DeviceUnavailableException">There is no such device; the message lists all that was tried.</exception>
    public static Device Open(string id = "auto") => DeviceCatalog.Default.Open(id);

    /// <summary>Allocates uninitialised device memory for <paramref name="length"/> elements (0 is allowed).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative, or larger than any allocation can be.</exception>
    /// <exception cref="DeviceOutOfMemoryException">It does not fit; the device stays usable.</exception>
    public DeviceBuffer<T> Allocate<T>(long length)
        where T : unmanaged => new(AllocateBytes(BufferBounds.ByteCount<T>(length)), length);

    /// <summary>Allocates uninitialised device memory of a run-time dtype.</summary>
    /// <exception cref="DeviceOutOfMemoryException">It does not fit; the device stays usable.</exception>
    public DeviceMemory Allocate(DType type, long length) => AllocateBytes(BufferBounds.ByteCount(type.SizeOf(), length));

    /// <summary>Allocates host memory that the device can copy from and to without staging.</summary>
    /// <exception cref="DeviceOutOfMemoryException">It does not fit.</exception>
    public abstract HostBuffer<T> AllocateHost<T>(long length)
        where T : unmanaged;

    /// <summary>Makes an in-order stream.</summary>
    public abstract DeviceStream CreateStream();

    /// <summary>Makes an event: a point in a stream with a device timestamp.</summary>
    public abstract DeviceEvent CreateEvent();

    /// <summary>Builds device code, or takes it from the binary cache.</summary>
    /// <exception cref="ProgramBuildException">It does not compile; carries the full log.</exception>
    /// <exception cref="NotSupportedException">The device runs managed kernels only.</exception>
    public abstract DeviceProgram BuildProgram(ProgramSource source);

    /// <summary>Memory at this moment.</summary>
    public abstract DeviceMemoryInfo QueryMemory();

    /// <summary>Releases the device. Children that are still open keep the driver's objects alive until they are disposed too.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc cref="Dispose()"/>
    protected abstract void Dispose(bool disposing);

    /// <summary>Backend half of <see cref="Allocate{T}"/>: untyped memory, <paramref name="bytes"/> already bounded.</summary>
    protected abstract DeviceMemory AllocateBytes(long bytes);
}
