namespace KernelSuite.Runtime.Cpu;

/// <summary>
/// The managed device: always there, no native library. Its streams are eager, that is, work is done when the call that queues
/// it returns; kernels are <see cref="ICpuKernel"/> objects run by <see cref="Team"/>.
/// </summary>
public sealed class CpuDevice : Device
{
    internal CpuDevice(DeviceInfo info, CpuDeviceOptions options)
    {
        Info = info;
        Simd = options.Simd;
        Team = new CpuTeam(options.Threads > 0 ? options.Threads : Environment.ProcessorCount);
    }

    /// <inheritdoc/>
    public override DeviceInfo Info { get; }

    /// <summary>The threads of this device.</summary>
    public CpuTeam Team { get; }

    /// <summary>Widest vector that kernels on this device use.</summary>
    public CpuSimd Simd { get; }

    /// <inheritdoc/>
    public override HostBuffer<T> AllocateHost<T>(long length)
    {
        ThrowIfDisposed();
        return HostAllocator.Allocate<T>(length, Info.Id.ToString());
    }

    /// <inheritdoc/>
    public override DeviceStream CreateStream()
    {
        ThrowIfDisposed();
        return new CpuStream(this);
    }

    /// <inheritdoc/>
    public override DeviceEvent CreateEvent()
    {
        ThrowIfDisposed();
        return new EagerEvent(this);
    }

    /// <inheritdoc/>
    public override DeviceProgram BuildProgram(ProgramSource source) =>
        throw new NotSupportedException("The cpu device runs managed kernels (ICpuKernel), not device source. Open 'opencl:<n>' to build a program.");

    /// <inheritdoc/>
    public override DeviceMemoryInfo QueryMemory() => CpuFacts.ReadMemory();

    /// <inheritdoc/>
    protected override DeviceMemory AllocateBytes(long bytes)
    {
        ThrowIfDisposed();
        // Linux hands out address space that it cannot back; asking first turns a killed process into an error.
        HostAllocator.CheckFits(bytes, Info.Id.ToString());
        try
        {
            return new CpuMemory(this, bytes);
        }
        catch (OutOfMemoryException)
        {
            throw HostAllocator.OutOfMemory(bytes, Info.Id.ToString());
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) Team.Dispose();
    }

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(Team.IsDisposed, this);
}
