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
        CheckFits(BufferBounds.ByteCount<T>(length));
        return new HostBuffer<T>(length);
    }

    /// <inheritdoc/>
    public override DeviceStream CreateStream() => new CpuStream(this);

    /// <inheritdoc/>
    public override DeviceEvent CreateEvent() => new CpuEvent();

    /// <inheritdoc/>
    public override DeviceProgram BuildProgram(ProgramSource source) =>
        throw new NotSupportedException("The cpu device runs managed kernels (ICpuKernel), not device source. Open 'opencl:<n>' to build a program.");

    /// <inheritdoc/>
    public override DeviceMemoryInfo QueryMemory() => CpuFacts.ReadMemory();

    /// <inheritdoc/>
    protected override DeviceMemory AllocateBytes(long bytes)
    {
        CheckFits(bytes);
        try
        {
            return new CpuMemory(this, bytes);
        }
        catch (OutOfMemoryException)
        {
            throw OutOfMemory(bytes, QueryMemory().Free);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) Team.Dispose();
    }

    /// <summary>Linux hands out address space it cannot back; asking first turns a killed process into an error.</summary>
    private void CheckFits(long bytes)
    {
        // Below this a look at /proc costs more than it saves.
        const long AlwaysAsked = 64L << 20;
        if (bytes < AlwaysAsked) return;
        long free = QueryMemory().Free;
        if (free >= 0 && bytes > free) throw OutOfMemory(bytes, free);
    }

    private DeviceOutOfMemoryException OutOfMemory(long bytes, long free) =>
        new(Info.Id.ToString(), "allocate", 0, bytes, free, "Free other buffers or use a smaller shape.");
}
