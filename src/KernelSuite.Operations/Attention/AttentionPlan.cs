using KernelSuite.Operations.Attention.Cpu;
using KernelSuite.Operations.Attention.Portable;
using KernelSuite.Runtime;
using KernelSuite.Runtime.Cpu;

namespace KernelSuite.Operations.Attention;

/// <summary>Attention made ready for a device: launch it as often as you like, with operands that stay on the device.</summary>
public abstract class AttentionPlan : OperationPlan
{
    private protected AttentionPlan(AttentionProblem problem) => Problem = problem;

    /// <inheritdoc/>
    public sealed override AttentionProblem Problem { get; }

    /// <summary>Makes a problem ready for a device.</summary>
    /// <param name="device">The device.</param>
    /// <param name="problem">The problem.</param>
    /// <param name="implementation"><c>fused</c> (default) or <c>naive</c>.</param>
    /// <exception cref="ArgumentException">There is no such implementation.</exception>
    /// <exception cref="NotSupportedException">The device has none.</exception>
    public static AttentionPlan Create(Device device, AttentionProblem problem, string? implementation = null)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(problem);
        bool naive = Implementations.IsNaive(AttentionOperation.Instance, device, problem, implementation, "fused");
        if (device is CpuDevice cpu) return new CpuAttentionPlan(cpu, problem, naive);
        return naive ? new PortableNaiveAttentionPlan(device, problem) : new PortableAttentionPlan(device, problem);
    }

    /// <summary>Queues the operation with operands by name.</summary>
    /// <param name="stream">A stream of <see cref="OperationPlan.Device"/>.</param>
    /// <param name="q">Queries.</param>
    /// <param name="k">Keys.</param>
    /// <param name="v">Values.</param>
    /// <param name="output">Output.</param>
    /// <param name="lse">Log-sum-exp; default where the problem has none.</param>
    /// <param name="kvLengths">Padding lengths; default where the problem has none.</param>
    /// <param name="timing">Receives start and end on the device clock.</param>
    /// <param name="cancellation">Checked between tiles on the cpu device; elsewhere before the launch.</param>
    /// <exception cref="ArgumentException">A required operand is absent, too small, or of another device.</exception>
    public void Launch(
        DeviceStream stream, DeviceSlice q, DeviceSlice k, DeviceSlice v, DeviceSlice output, DeviceSlice lse = default, DeviceSlice kvLengths = default,
        DeviceEvent? timing = null, CancellationToken cancellation = default) =>
        Launch(stream, [q, k, v, kvLengths, output, lse], timing, cancellation);
}
