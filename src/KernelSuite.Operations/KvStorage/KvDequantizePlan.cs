using KernelSuite.Operations.KvStorage.Cpu;
using KernelSuite.Operations.KvStorage.Portable;
using KernelSuite.Runtime;
using KernelSuite.Runtime.Cpu;

namespace KernelSuite.Operations.KvStorage;

/// <summary>A dequantisation made ready for a device.</summary>
public abstract class KvDequantizePlan : OperationPlan
{
    private protected KvDequantizePlan(KvDequantizeProblem problem) => Problem = problem;

    /// <inheritdoc/>
    public sealed override KvDequantizeProblem Problem { get; }

    /// <summary>Makes a problem ready for a device.</summary>
    /// <param name="device">The device.</param>
    /// <param name="problem">The problem.</param>
    /// <param name="implementation"><c>fused</c> (default) or <c>naive</c>.</param>
    /// <exception cref="ArgumentException">There is no such implementation.</exception>
    /// <exception cref="NotSupportedException">The device has none.</exception>
    public static KvDequantizePlan Create(Device device, KvDequantizeProblem problem, string? implementation = null)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(problem);
        bool naive = Implementations.IsNaive(KvDequantizeOperation.Instance, device, problem, implementation, "fused");
        return device is CpuDevice cpu ? new CpuDequantizePlan(cpu, problem, naive) : new PortableDequantizePlan(device, problem, naive);
    }
}
