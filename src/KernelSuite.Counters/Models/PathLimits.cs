namespace KernelSuite.Counters.Models;

/// <summary>
/// What an enumeration may cost. Paths grow exponentially with the properties of a model, so an enumeration ends with an error instead of never.
/// </summary>
public sealed record PathLimits
{
    /// <summary>The limits that are used where none are given.</summary>
    public static PathLimits Default { get; } = new();

    /// <summary>Most paths, dropped ones included. The published Haswell models have up to 1,232.</summary>
    public long MostPaths { get; init; } = 1_000_000;

    /// <summary>Most steps of a path.</summary>
    public int MostStepsPerPath { get; init; } = 1_000_000;

    /// <summary>
    /// Most steps of all paths together; those that paths share from their beginning count once. A model of 19 properties (524,288 paths, 10 million
    /// steps) took 0.3 s of processor time with the start of the process, so this is about a minute.
    /// </summary>
    public long MostSteps { get; init; } = 2_000_000_000;

    /// <summary>Most entries (distinct count vectors times counters) that are kept to find the signatures: 32 million are 256 MiB.</summary>
    public long MostSignatureEntries { get; init; } = 1L << 25;

    internal void Check()
    {
        if (MostPaths <= 0 || MostStepsPerPath <= 0 || MostSteps <= 0 || MostSignatureEntries <= 0)
            throw new ArgumentException($"A limit is not positive in {this}. Expected positive limits.");
    }
}
