using KernelSuite.Runtime;

namespace KernelSuite.Operations.Selection.Cpu;

/// <summary>
/// Memory of a sampled selection: for each piece that is worked on at a time its candidates, scores and positions, and how many there are.
/// </summary>
internal sealed unsafe class SampledScratch : IDisposable
{
    private readonly CpuTopKScratch shared;
    private readonly HostBuffer<float> values;
    private readonly HostBuffer<int> positions;

    /// <summary>Allocates.</summary>
    /// <param name="shared">Memory of the radix passes; the scores between the bounds take the place of its keys.</param>
    /// <param name="parts">Pieces that are worked on at a time.</param>
    public SampledScratch(CpuTopKScratch shared, int parts)
    {
        this.shared = shared;
        values = new HostBuffer<float>(parts * shared.Stride);
        positions = new HostBuffer<int>(parts * shared.Stride);
        Found = new int[parts];
        Between = new int[parts];
        Above = new int[parts];
    }

    public long Bytes => sizeof(int) * (values.Length + positions.Length);

    /// <summary>Candidates of each part.</summary>
    public int[] Found { get; }

    /// <summary>Of them the scores between the bounds; in the end those that equal the threshold.</summary>
    public int[] Between { get; }

    /// <summary>Of them the scores above the upper bound; in the end those above the threshold.</summary>
    public int[] Above { get; }

    public float* Values(int part) => values.Pointer + (part * shared.Stride);

    public int* Positions(int part) => positions.Pointer + (part * shared.Stride);

    /// <summary>Scores between the bounds of a part.</summary>
    public float* Narrowed(int part) => (float*)shared.Keys(part);

    /// <summary>Scores between the bounds of the pieces of a row.</summary>
    public ScoreRuns Runs(int firstPart, int parts) => new(Narrowed(firstPart), shared.Stride, Between.AsSpan(firstPart, parts));

    public void Dispose()
    {
        values.Dispose();
        positions.Dispose();
    }
}
