using KernelSuite.Runtime;

namespace KernelSuite.Operations.Scoring;

/// <summary>Which implementation a name means; both operations have the same two.</summary>
internal static class ScoringImplementations
{
    /// <exception cref="NotSupportedException">The device cannot run the problem.</exception>
    /// <exception cref="ArgumentException">There is no such implementation.</exception>
    public static bool IsNaive(Operation operation, Device device, OperationProblem problem, string? implementation)
    {
        if (operation.Supports(device.Info, problem).Reason is { } reason) throw new NotSupportedException(reason);
        return implementation switch
        {
            null or "fused" => false,
            "naive" => true,
            _ => throw new ArgumentException($"There is no implementation '{implementation}'. Known: fused, naive.", nameof(implementation)),
        };
    }
}
