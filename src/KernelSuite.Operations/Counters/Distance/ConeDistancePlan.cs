using KernelSuite.Operations.Counters.Distance.Cpu;
using KernelSuite.Operations.Counters.Distance.Portable;
using KernelSuite.Runtime;
using KernelSuite.Runtime.Cpu;

namespace KernelSuite.Operations.Counters.Distance;

/// <summary>A batch of distances made ready for a device.</summary>
public abstract class ConeDistancePlan : OperationPlan
{
    private protected ConeDistancePlan(ConeDistanceProblem problem) => Problem = problem;

    /// <inheritdoc/>
    public sealed override ConeDistanceProblem Problem { get; }

    /// <summary>Makes a problem ready for a device.</summary>
    /// <param name="device">The device.</param>
    /// <param name="problem">The problem.</param>
    /// <param name="implementation"><c>active-set</c> (default) or <c>naive</c>.</param>
    /// <exception cref="ArgumentException">There is no such implementation.</exception>
    /// <exception cref="NotSupportedException">The device cannot run it; the message says why.</exception>
    public static ConeDistancePlan Create(Device device, ConeDistanceProblem problem, string? implementation = null)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(problem);
        bool naive = Implementations.IsNaive(ConeDistanceOperation.Instance, device, problem, implementation, ConeDistanceOperation.Standard);
        return device is CpuDevice cpu ? new CpuConeDistancePlan(cpu, problem, naive) : new PortableConeDistancePlan(device, problem, naive);
    }
}
