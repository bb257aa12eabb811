using KernelSuite.Runtime;

namespace KernelSuite.Operations;

/// <summary>Names of implementations where an operation has one and a baseline.</summary>
internal static class Implementations
{
    /// <summary>Whether the baseline is asked for, once the device is known to run the problem.</summary>
    /// <exception cref="NotSupportedException">The device cannot run the problem.</exception>
    /// <exception cref="ArgumentException">There is no such implementation.</exception>
    public static bool IsNaive(Operation operation, Device device, OperationProblem problem, string? implementation, string standard)
    {
        if (operation.Supports(device.Info, problem).Reason is { } reason) throw new NotSupportedException(reason);
        return implementation switch
        {
            null => false,
            "naive" => true,
            _ when implementation == standard => false,
            _ => throw new ArgumentException($"There is no implementation '{implementation}'. Known: {standard}, naive.", nameof(implementation)),
        };
    }
}
