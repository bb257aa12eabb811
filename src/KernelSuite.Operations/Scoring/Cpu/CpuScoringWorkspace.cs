using KernelSuite.Runtime;

namespace KernelSuite.Operations.Scoring.Cpu;

/// <summary>What the first kernel of a launch leaves for <see cref="CpuFinishKernel"/>.</summary>
/// <param name="kvRows">B * Hk.</param>
/// <param name="queryRows">B * Hq.</param>
/// <param name="keys">Keys of a row.</param>
/// <param name="parts">Partial statistics of each query head; 0 for none.</param>
internal sealed unsafe class CpuScoringWorkspace(long kvRows, long queryRows, int keys, int parts) : IDisposable
{
    private readonly HostBuffer<float> group = new(kvRows * keys);
    private readonly HostBuffer<double>? partials = parts > 0 ? new(queryRows * parts * MomentsProblem.StatsCount) : null;

    /// <summary>[B,Hk,keys]: unpooled group means, 0 past an entry's length.</summary>
    public float* Group => group.Pointer;

    /// <summary>[B,Hq,parts,3]: partial sums of entropy, variance and kurtosis; null where none are wanted.</summary>
    public double* Partials => partials is null ? null : partials.Pointer;

    /// <summary>Parts of each query head's row.</summary>
    public int Parts { get; } = parts;

    /// <summary>Bytes held.</summary>
    public long Bytes => (group.Length * sizeof(float)) + ((partials?.Length ?? 0) * sizeof(double));

    public void Dispose()
    {
        group.Dispose();
        partials?.Dispose();
    }
}
