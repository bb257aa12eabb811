namespace KernelSuite.Operations;

/// <summary>Names of implementations where an operation has one and a baseline.</summary>
internal static class Implementations
{
    /// <summary>Whether the baseline is asked for.</summary>
    /// <exception cref="ArgumentException">There is no such implementation.</exception>
    public static bool IsNaive(string? implementation, string standard) => implementation switch
    {
        null => false,
        "naive" => true,
        _ when implementation == standard => false,
        _ => throw new ArgumentException($"There is no implementation '{implementation}'. Known: {standard}, naive.", nameof(implementation)),
    };
}
