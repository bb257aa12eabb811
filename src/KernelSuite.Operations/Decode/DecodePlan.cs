using KernelSuite.Operations.Decode.Cpu;
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
        if (DecodeOperation.SupportOf(device.Info, problem).Reason is { } reason) throw new NotSupportedException(reason);
        bool naive = implementation switch
        {
            null or DecodeOperation.Split => false,
            DecodeOperation.Naive => true,
            _ => throw new ArgumentException($"There is no implementation '{implementation}'. Known: split, naive.", nameof(implementation)),
        };
        return new CpuDecodePlan((CpuDevice)device, problem, naive);
    }
}
