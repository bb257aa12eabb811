namespace KernelSuite.Runtime.Cpu;

/// <summary>An eager stream of the managed device.</summary>
public sealed unsafe class CpuStream : EagerStream
{
    private readonly CpuDevice device;

    internal CpuStream(CpuDevice device)
        : base(device) => this.device = device;

    /// <summary>Runs a managed kernel on the device's team.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="tasks">Number of tasks.</param>
    /// <param name="timing">Receives start and end, if given.</param>
    /// <param name="cancellation">Checked between tasks.</param>
    /// <exception cref="OperationCanceledException">Cancelled between tasks; outputs are partly written.</exception>
    public void Launch(ICpuKernel kernel, long tasks, DeviceEvent? timing = null, CancellationToken cancellation = default)
    {
        ThrowIfDisposed();
        EagerEvent? clock = timing is null ? null : EagerEvent.Own(timing, device, nameof(timing));
        long start = clock is null ? 0 : EagerEvent.Now();
        device.Team.Run(kernel, tasks, cancellation);
        clock?.Set(start, EagerEvent.Now());
    }

    /// <inheritdoc/>
    public override void Launch(DeviceKernel kernel, in LaunchShape shape, DeviceEvent? timing = null) =>
        throw new NotSupportedException("The cpu device launches ICpuKernel objects; no DeviceKernel can come from it.");

    private protected override byte* AddressOf(DeviceMemory memory) =>
        memory is CpuMemory own && ReferenceEquals(own.Device, device) ? own.Pointer : null;
}
