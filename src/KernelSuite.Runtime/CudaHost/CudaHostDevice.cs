using KernelSuite.Runtime.Cpu;

namespace KernelSuite.Runtime.CudaHost;

/// <summary>CUDA kernels on the host. Streams are eager; a launch that does something wrong throws <see cref="KernelFaultException"/>.</summary>
public sealed unsafe class CudaHostDevice : Device
{
    private readonly CudaHostOptions options;
    private bool disposed;

    internal CudaHostDevice(DeviceInfo info, CudaHostOptions options)
    {
        Info = info;
        Label = info.Id.ToString();
        this.options = options;
    }

    /// <inheritdoc/>
    public override DeviceInfo Info { get; }

    /// <summary>The id as it appears in messages.</summary>
    internal string Label { get; }

    internal CudaHostNative.LaunchOptions LaunchOptions => new()
    {
        Workers = (uint)options.Workers,
        Races = options.CheckRaces ? 1u : 0u,
        SharedLimit = (uint)Info.LocalMemoryBytes,
        TimeoutSeconds = (uint)options.TimeoutSeconds,
    };

    /// <inheritdoc/>
    public override HostBuffer<T> AllocateHost<T>(long length)
    {
        ThrowIfDisposed();
        return HostAllocator.Allocate<T>(length, Label);
    }

    /// <inheritdoc/>
    public override DeviceStream CreateStream()
    {
        ThrowIfDisposed();
        return new CudaHostStream(this);
    }

    /// <inheritdoc/>
    public override DeviceEvent CreateEvent()
    {
        ThrowIfDisposed();
        return new EagerEvent(this);
    }

    /// <inheritdoc/>
    /// <remarks>Programs were compiled with the suite: they are found by name and options; the source's text and images are not looked at.</remarks>
    public override DeviceProgram BuildProgram(ProgramSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        ThrowIfDisposed();
        nint program;
        int status = CudaHostNative.cudahost_program_find(source.Name, source.Options, &program);
        if (status != CudaHostNative.Ok)
        {
            throw new ProgramBuildException(
                Label, source.Name, source.Options,
                $"{CudaHostNative.LastError()}{Environment.NewLine}Programs for cudahost are compiled with the suite: list the options in the variants-cuda.txt beside the source "
                + "and build again, or name the library that has them in KSUITE_CUDAHOST_KERNELS.",
                status);
        }

        return new CudaHostProgram(this, program);
    }

    /// <inheritdoc/>
    public override DeviceMemoryInfo QueryMemory() => CpuFacts.ReadMemory();

    /// <inheritdoc/>
    protected override DeviceMemory AllocateBytes(long bytes)
    {
        ThrowIfDisposed();
        HostAllocator.CheckFits(bytes, Label);
        nint address;
        // An empty buffer still has an address of its own.
        int status = CudaHostNative.cudahost_memory_allocate((ulong)Math.Max(bytes, 1), &address);
        if (status == CudaHostNative.OutOfMemory) throw HostAllocator.OutOfMemory(bytes, Label);
        if (status != CudaHostNative.Ok) throw new DeviceException($"{Label}: cudahost_memory_allocate of {bytes:N0} bytes: {CudaHostNative.LastError()}", "cudahost_memory_allocate", Label, status);
        return new CudaHostMemory(this, address, bytes);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => disposed = true;

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(disposed, this);
}
