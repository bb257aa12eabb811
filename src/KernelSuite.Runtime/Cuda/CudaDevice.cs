namespace KernelSuite.Runtime.Cuda;

/// <summary>
/// A GPU behind its primary context. Buffers, streams, events and programs belong to the device object that made them; another object
/// opened on the same GPU counts as another device, although both share the context.
/// </summary>
public sealed unsafe class CudaDevice : Device
{
    /// <summary>The driver refuses allocations of size 0; an empty one takes this much.</summary>
    private const long SmallestAllocation = 256;

    private readonly FoundDevice found;
    private readonly ModuleLoader loader;

    internal CudaDevice(FoundDevice found, bool forcePtx)
    {
        this.found = found;
        Label = found.Info.Id.ToString();
        nint raw = 0;
        int status = CudaNative.cuDevicePrimaryCtxRetain(&raw, found.Device);
        if (status != CudaStatus.Success)
        {
            throw new DeviceException(
                $"{Label} ({found.Info.Driver}): cuDevicePrimaryCtxRetain failed with {CudaStatus.Describe(status)}. {CudaStatus.NextStep(status)}",
                "cuDevicePrimaryCtxRetain", Label, status);
        }

        Context = new ContextHandle(raw, found.Device, Label, DriverVersion.Format(found.DriverVersion));
        Events = new EventPool(Context);
        Clock = new DeviceClock(Context);
        loader = new ModuleLoader(this, found, forcePtx);
        try
        {
            // A context that some earlier user of this process has lost shows itself here instead of in the first allocation.
            Context.Enter("open");
            nuint free = 0, total = 0;
            Context.Check(CudaNative.cuMemGetInfo_v2(&free, &total), "cuMemGetInfo_v2");
        }
        catch
        {
            Context.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override DeviceInfo Info => found.Info;

    /// <summary>Whether the context is gone; see <see cref="DeviceLostException"/>.</summary>
    public bool IsLost => Context.LostCode != 0;

    internal ContextHandle Context { get; }

    internal EventPool Events { get; }

    internal DeviceClock Clock { get; }

    internal LaunchLimits Limits => found.Limits;

    /// <summary>The id as it appears in messages.</summary>
    internal string Label { get; }

    /// <inheritdoc/>
    /// <remarks>The memory is page-locked (cuMemHostAlloc), so that copies run beside the host and at full speed.</remarks>
    /// <exception cref="DeviceLostException">The context is gone.</exception>
    public override HostBuffer<T> AllocateHost<T>(long length)
    {
        long bytes = BufferBounds.ByteCount<T>(length);
        Enter("cuMemHostAlloc");
        HostAllocator.CheckFits(bytes, Label);
        Context.Orphans.ReleaseAll();
        long size = Math.Max(bytes, SmallestAllocation);
        void* address = null;
        int status = CudaNative.cuMemHostAlloc(&address, (nuint)size, CudaConstants.MemHostAllocPortable);
        if (status == CudaStatus.OutOfMemory)
        {
            throw new DeviceOutOfMemoryException(
                Label, $"cuMemHostAlloc [{CudaStatus.Describe(status)}]", status, bytes, Cpu.CpuFacts.ReadMemory().Free,
                "Page-locked memory cannot be swapped out; free other buffers or use a smaller shape.");
        }

        Context.Check(status, "cuMemHostAlloc", $"{bytes:N0} bytes");
        return new CudaHostBuffer<T>((nint)address, length, size, Context);
    }

    /// <inheritdoc/>
    /// <exception cref="DeviceLostException">The context is gone.</exception>
    public override DeviceStream CreateStream()
    {
        Enter("cuStreamCreate");
        nint raw = 0;
        // Non-blocking: the other kind waits for the legacy default stream, which other libraries of the process may use.
        Context.Check(CudaNative.cuStreamCreate(&raw, CudaConstants.StreamNonBlocking), "cuStreamCreate");
        return new CudaStream(this, new StreamHandle(raw, Context));
    }

    /// <inheritdoc/>
    /// <exception cref="DeviceLostException">The context is gone.</exception>
    public override DeviceEvent CreateEvent()
    {
        Enter("cuEventCreate");
        EventHandle? start = null;
        EventHandle? end = null;
        try
        {
            start = Events.Take();
            end = Events.Take();
            Clock.AddUser();
            return new CudaEvent(this, start, end);
        }
        catch
        {
            if (start is not null) Events.LetGo(start);
            if (end is not null) Events.LetGo(end);
            throw;
        }
    }

    /// <inheritdoc/>
    /// <remarks>Takes what the build compiled (<see cref="ProgramSource.Images"/>): machine code for this GPU, or PTX for the driver's compiler.</remarks>
    /// <exception cref="DeviceLostException">The context is gone.</exception>
    public override DeviceProgram BuildProgram(ProgramSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        Enter("cuModuleLoadDataEx");
        Context.Orphans.ReleaseAll();
        return loader.Load(source);
    }

    /// <inheritdoc/>
    /// <exception cref="DeviceLostException">The context is gone.</exception>
    public override DeviceMemoryInfo QueryMemory()
    {
        Enter("cuMemGetInfo_v2");
        nuint free = 0, total = 0;
        Context.Check(CudaNative.cuMemGetInfo_v2(&free, &total), "cuMemGetInfo_v2");
        return new DeviceMemoryInfo(Clamp(total), Clamp(free));
    }

    /// <inheritdoc/>
    protected override DeviceMemory AllocateBytes(long bytes)
    {
        Enter("cuMemAlloc_v2");
        Context.Orphans.ReleaseAll();
        long size = Math.Max(bytes, SmallestAllocation);
        nint raw = 0;
        int status = CudaNative.cuMemAlloc_v2(&raw, (nuint)size);
        if (status == CudaStatus.OutOfMemory)
        {
            nuint free = 0, total = 0;
            bool known = CudaNative.cuMemGetInfo_v2(&free, &total) == CudaStatus.Success;
            throw new DeviceOutOfMemoryException(
                $"{Label} (driver {Context.Driver})", $"cuMemAlloc_v2 [{CudaStatus.Describe(status)}]", status, bytes, known ? Clamp(free) : -1,
                known ? $"The GPU has {Clamp(total):N0} bytes in all. {CudaStatus.NextStep(status)}" : CudaStatus.NextStep(status));
        }

        Context.Check(status, "cuMemAlloc_v2", $"{bytes:N0} bytes");
        return new CudaMemory(this, new MemoryHandle(raw, Context, size), bytes);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (Context.IsDisposed) return;
        Events.Dispose();
        Clock.LetGo();
        Context.Dispose();
    }

    private static long Clamp(nuint bytes) => (long)Math.Min((ulong)bytes, long.MaxValue);

    private void Enter(string call)
    {
        ObjectDisposedException.ThrowIf(Context.IsDisposed, this);
        Context.Enter(call);
    }
}
