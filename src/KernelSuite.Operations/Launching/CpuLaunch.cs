using KernelSuite.Runtime;
using KernelSuite.Runtime.Cpu;

namespace KernelSuite.Operations.Launching;

/// <summary>What the plans of one kernel on the managed CPU device share, whose baseline is the same kernel one float at a time.</summary>
/// <param name="device">Where it runs.</param>
/// <param name="kernel">The kernel.</param>
/// <param name="naive">Whether it is the baseline.</param>
internal sealed class CpuLaunch(CpuDevice device, ICpuKernel kernel, bool naive)
{
    private bool disposed;

    public Device Device => device;

    public string Implementation => naive ? "naive" : "fused";

    public string Description { get; } = $"{SimdOf(device, naive)}, {device.Team.Threads} threads";

    /// <summary>Vectors of the kernel.</summary>
    public static CpuSimd SimdOf(CpuDevice device, bool naive) => naive ? CpuSimd.Scalar : device.Simd;

    public void MustBeAlive(OperationPlan plan) => ObjectDisposedException.ThrowIf(disposed, plan);

    /// <summary>Runs the kernel, whose addresses are set by now. It saw addresses only: operands and plan stay alive to the end.</summary>
    public void Run(
        OperationPlan plan, DeviceStream stream, long tasks, ReadOnlySpan<DeviceSlice> operands, DeviceEvent? timing, CancellationToken cancellation)
    {
        ((CpuStream)stream).Launch(kernel, tasks, timing, cancellation);
        CpuOperands.KeepAlive(operands);
        GC.KeepAlive(plan);
    }

    public void Dispose() => disposed = true;
}
