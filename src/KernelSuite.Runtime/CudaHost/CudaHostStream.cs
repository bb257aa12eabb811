namespace KernelSuite.Runtime.CudaHost;

/// <summary>An eager stream: a launch returns when the kernel has run.</summary>
public sealed unsafe class CudaHostStream : EagerStream
{
    private readonly CudaHostDevice device;

    internal CudaHostStream(CudaHostDevice device)
        : base(device) => this.device = device;

    /// <inheritdoc/>
    /// <exception cref="KernelFaultException">The kernel did something wrong: the error says what, which thread, and where.</exception>
    public override void Launch(DeviceKernel kernel, in LaunchShape shape, DeviceEvent? timing = null)
    {
        ThrowIfDisposed();
        CudaHostKernel own = CudaHostKernel.Own(kernel, device, nameof(kernel));
        EagerEvent? clock = timing is null ? null : EagerEvent.Own(timing, device, nameof(timing));
        long start = clock is null ? 0 : EagerEvent.Now();
        own.Launch(shape);
        clock?.Set(start, EagerEvent.Now());
    }

    private protected override byte* AddressOf(DeviceMemory memory) =>
        memory is CudaHostMemory own && ReferenceEquals(own.Device, device) ? own.Pointer : null;
}
