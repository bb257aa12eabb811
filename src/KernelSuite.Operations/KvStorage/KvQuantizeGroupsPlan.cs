using KernelSuite.Operations.KvStorage.Cpu;
using KernelSuite.Operations.KvStorage.Portable;
using KernelSuite.Runtime;
using KernelSuite.Runtime.Cpu;

namespace KernelSuite.Operations.KvStorage;

/// <summary>A group quantisation made ready for a device.</summary>
public abstract class KvQuantizeGroupsPlan : OperationPlan
{
    private protected KvQuantizeGroupsPlan(KvQuantizeGroupsProblem problem) => Problem = problem;

    /// <inheritdoc/>
    public sealed override KvQuantizeGroupsProblem Problem { get; }

    /// <summary>Makes a problem ready for a device.</summary>
    /// <param name="device">The device.</param>
    /// <param name="problem">The problem.</param>
    /// <param name="implementation"><c>fused</c> (default) or <c>naive</c>.</param>
    /// <exception cref="ArgumentException">There is no such implementation.</exception>
    /// <exception cref="NotSupportedException">The device has none.</exception>
    public static KvQuantizeGroupsPlan Create(Device device, KvQuantizeGroupsProblem problem, string? implementation = null)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(problem);
        bool naive = Implementations.IsNaive(KvQuantizeGroupsOperation.Instance, device, problem, implementation, "fused");
        return device is CpuDevice cpu ? new CpuQuantizeGroupsPlan(cpu, problem, naive) : new PortableQuantizeGroupsPlan(device, problem, naive);
    }
}
