using KernelSuite.Operations.Decode.Cpu;
using KernelSuite.Operations.Decode.Portable;
using KernelSuite.Runtime;
using KernelSuite.Runtime.Cpu;

namespace KernelSuite.Operations.Decode;

/// <summary>Decode attention made ready for a device: launch it for every step, with operands that stay on the device.</summary>
public abstract class DecodePlan : OperationPlan
{
    private protected DecodePlan(DecodeProblem problem) => Problem = problem;

    /// <inheritdoc/>
    public sealed override DecodeProblem Problem { get; }

    /// <summary>Makes a problem ready for a device.</summary>
    /// <param name="device">The device.</param>
    /// <param name="problem">The problem.</param>
    /// <param name="implementation"><c>split</c> (default) or <c>naive</c>.</param>
    /// <exception cref="ArgumentException">There is no such implementation.</exception>
    /// <exception cref="NotSupportedException">The device has none.</exception>
    public static DecodePlan Create(Device device, DecodeProblem problem, string? implementation = null)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(problem);
        DecodeOperation operation = problem.Quantised is null ? DecodeOperation.Instance : DecodeOperation.Mixed;
        bool naive = Implementations.IsNaive(operation, device, problem, implementation, DecodeOperation.Split);
        if (device is CpuDevice cpu) return new CpuDecodePlan(cpu, problem, naive);
        return naive ? new PortableNaiveDecodePlan(device, problem) : new PortableDecodePlan(device, problem);
    }
}
