using KernelSuite.Operations.Selection.Cpu;
using KernelSuite.Operations.Selection.Portable;
using KernelSuite.Runtime;
using KernelSuite.Runtime.Cpu;

namespace KernelSuite.Operations.Selection;

/// <summary>A selection made ready for a device.</summary>
public abstract class TopKPlan : OperationPlan
{
    private protected TopKPlan(TopKProblem problem) => Problem = problem;

    /// <inheritdoc/>
    public sealed override TopKProblem Problem { get; }

    /// <summary>Makes a problem ready for a device.</summary>
    /// <param name="device">The device.</param>
    /// <param name="problem">The problem.</param>
    /// <param name="implementation"><c>radix</c> (default) or <c>naive</c>.</param>
    /// <exception cref="ArgumentException">There is no such implementation.</exception>
    /// <exception cref="NotSupportedException">The device has none.</exception>
    public static TopKPlan Create(Device device, TopKProblem problem, string? implementation = null)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(problem);
        bool naive = Implementations.IsNaive(TopKOperation.Instance, device, problem, implementation, "radix");
        if (device is CpuDevice cpu) return naive ? new NaiveCpuTopKPlan(cpu, problem) : new CpuTopKPlan(cpu, problem);
        return naive ? new PortableNaiveTopKPlan(device, problem) : new PortableTopKPlan(device, problem);
    }
}
