using KernelSuite.Runtime.Cpu;

namespace KernelSuite.Runtime.OpenCl;

/// <summary>
/// An OpenCL device with a context of its own. Buffers, streams, events and programs belong to the device object that made them;
/// another object opened on the same hardware counts as another device.
/// </summary>
public sealed unsafe class OpenClDevice : Device
{
    /// <summary>OpenCL forbids buffers of size 0; an empty one takes this much.</summary>
    private const long SmallestAllocation = 64;

    /// <summary>Below this a look at the host's memory costs more than it saves.</summary>
    private const long AlwaysAsked = 64L << 20;

    private readonly FoundDevice found;
    private readonly MemoryLedger ledger = new();
    private readonly ProgramCompiler compiler;

    internal OpenClDevice(FoundDevice found, KernelCache cache)
    {
        this.found = found;
        Label = found.Info.Id.ToString();
        Limits = LaunchLimits.Read(found.Device, found.Info);
        compiler = new ProgramCompiler(found, cache);
        nint* properties = stackalloc nint[] { ClConstants.ContextPlatform, found.Platform, 0 };
        nint device = found.Device;
        int status;
        nint raw = ClNative.clCreateContext(properties, 1, &device, 0, 0, &status);
        ClStatus.Check(status, "clCreateContext", Label);
        Context = new ContextHandle(raw);
    }

    /// <inheritdoc/>
    public override DeviceInfo Info => found.Info;

    internal ContextHandle Context { get; }

    /// <summary>The id as it appears in messages.</summary>
    internal string Label { get; }

    internal nint RawDevice => found.Device;

    internal LaunchLimits Limits { get; }

    /// <summary>References that the driver counts on the context: one for the device and one for each living child.</summary>
    internal uint ContextReferences
    {
        get
        {
            bool pinned = false;
            Context.DangerousAddRef(ref pinned);
            try
            {
                return ClInfo.Value<uint>(ClSubject.Context, Context.DangerousGetHandle(), ClConstants.ContextReferenceCount, Label);
            }
            finally
            {
                Context.DangerousRelease();
            }
        }
    }

    /// <inheritdoc/>
    /// <remarks>The memory is aligned host memory that the driver copies from and to directly.</remarks>
    public override HostBuffer<T> AllocateHost<T>(long length)
    {
        ThrowIfDisposed();
        return HostAllocator.Allocate<T>(length, Label);
    }

    /// <inheritdoc/>
    public override DeviceStream CreateStream()
    {
        ThrowIfDisposed();
        int status;
        nint raw = ClNative.clCreateCommandQueue(Context, found.Device, ClConstants.QueueProfilingEnable, &status);
        ClStatus.Check(status, "clCreateCommandQueue", Label);
        return new OpenClStream(this, new QueueHandle(raw, Context));
    }

    /// <inheritdoc/>
    public override DeviceEvent CreateEvent()
    {
        ThrowIfDisposed();
        return new OpenClEvent(this);
    }

    /// <inheritdoc/>
    public override DeviceProgram BuildProgram(ProgramSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        ThrowIfDisposed();
        return compiler.Build(this, source);
    }

    /// <inheritdoc/>
    /// <remarks>OpenCL has no query for free memory. On a CPU it is the host's; elsewhere it is -1.</remarks>
    public override DeviceMemoryInfo QueryMemory() => new(Info.GlobalMemoryBytes, Info.Kind == DeviceKind.Cpu ? FreeOnHost() : -1);

    /// <inheritdoc/>
    protected override DeviceMemory AllocateBytes(long bytes)
    {
        ThrowIfDisposed();
        long size = Math.Max(bytes, SmallestAllocation);
        if (size > Info.MaxAllocationBytes)
        {
            throw new DeviceOutOfMemoryException(
                Label, "clCreateBuffer", 0, bytes, Info.MaxAllocationBytes,
                $"The driver's limit for one buffer (CL_DEVICE_MAX_MEM_ALLOC_SIZE) is {Info.MaxAllocationBytes:N0} bytes; split the operand or use a smaller shape.");
        }

        bool lazy = Info.Kind == DeviceKind.Cpu;
        if (lazy && size >= AlwaysAsked && FreeOnHost() is >= 0 and long free && size > free)
            throw OutOfMemory(bytes, 0, free);
        // A GPU driver knows what it has and may page; a CPU driver says yes to all, so its limit is kept here.
        if (!ledger.TryTake(size, lazy ? Info.GlobalMemoryBytes : long.MaxValue))
            throw OutOfMemory(bytes, 0, Math.Max(0, Info.GlobalMemoryBytes - ledger.Taken));
        int status;
        nint raw;
        try
        {
            raw = ClNative.clCreateBuffer(Context, ClConstants.MemReadWrite, (nuint)size, null, &status);
            if (ClStatus.IsOutOfMemory(status)) throw OutOfMemory(bytes, status, QueryMemory().Free);
            ClStatus.Check(status, "clCreateBuffer", Label, $"{bytes:N0} bytes");
            return new OpenClMemory(this, new MemoryHandle(raw, Context, ledger, size), bytes);
        }
        catch
        {
            ledger.Return(size);
            throw;
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => Context.Dispose();

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(Context.IsDisposed, this);

    private long FreeOnHost()
    {
        long free = CpuFacts.ReadMemory().Free;
        return free < 0 ? free : Math.Min(free, Math.Max(0, Info.GlobalMemoryBytes - ledger.Taken));
    }

    private DeviceOutOfMemoryException OutOfMemory(long bytes, int status, long available) => new(
        Label, status == 0 ? "clCreateBuffer" : $"clCreateBuffer [{ClStatus.Describe(status)}]", status, bytes, available,
        $"{ledger.Taken:N0} bytes are allocated through this device. Free other buffers or use a smaller shape.");
}
