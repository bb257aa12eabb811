using KernelSuite.Operations.KvStorage.Cpu;
using KernelSuite.Operations.KvStorage.Portable;
using KernelSuite.Runtime;
using KernelSuite.Runtime.Cpu;

namespace KernelSuite.Operations.KvStorage;

/// <summary>A compaction made ready for a device.</summary>
public abstract class KvCompactPlan : OperationPlan
{
    private protected KvCompactPlan(KvCompactProblem problem) => Problem = problem;

    /// <inheritdoc/>
    public sealed override KvCompactProblem Problem { get; }

    /// <summary>Makes a problem ready for a device.</summary>
    /// <param name="device">The device.</param>
    /// <param name="problem">The problem.</param>
    /// <param name="implementation"><c>blocked</c> (default) or <c>naive</c>.</param>
    /// <exception cref="ArgumentException">There is no such implementation.</exception>
    /// <exception cref="NotSupportedException">The device has none.</exception>
    public static KvCompactPlan Create(Device device, KvCompactProblem problem, string? implementation = null)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(problem);
        bool naive = Implementations.IsNaive(KvCompactOperation.Instance, device, problem, implementation, "blocked");
        return device is CpuDevice cpu ? new CpuCompactPlan(cpu, problem, naive) : new PortableCompactPlan(device, problem, naive);
    }
}
