using KernelSuite.Operations.KvStorage.Cpu;
using KernelSuite.Operations.KvStorage.Portable;
using KernelSuite.Runtime;
using KernelSuite.Runtime.Cpu;

namespace KernelSuite.Operations.KvStorage;

/// <summary>A quantisation made ready for a device.</summary>
public abstract class KvQuantizePlan : OperationPlan
{
    private protected KvQuantizePlan(KvQuantizeProblem problem) => Problem = problem;

    /// <inheritdoc/>
    public sealed override KvQuantizeProblem Problem { get; }

    /// <summary>Makes a problem ready for a device.</summary>
    /// <param name="device">The device.</param>
    /// <param name="problem">The problem.</param>
    /// <param name="implementation"><c>fused</c> (default) or <c>naive</c>.</param>
    /// <exception cref="ArgumentException">There is no such implementation.</exception>
    /// <exception cref="NotSupportedException">The device has none.</exception>
    public static KvQuantizePlan Create(Device device, KvQuantizeProblem problem, string? implementation = null)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(problem);
        bool naive = Implementations.IsNaive(KvQuantizeOperation.Instance, device, problem, implementation, "fused");
        return device is CpuDevice cpu ? new CpuQuantizePlan(cpu, problem, naive) : new PortableQuantizePlan(device, problem, naive);
    }
}
