using KernelSuite.Runtime;

namespace KernelSuite.Operations.Selection.Cpu;

/// <summary>
/// Memory of a sampled selection: for each piece that is worked on at a time the marks of its scores, its candidates and their positions, and how
/// many there are.
/// </summary>
internal sealed unsafe class SampledScratch : IDisposable
{
    private readonly CpuTopKScratch shared;
    private readonly HostBuffer<float> candidates;
    private readonly HostBuffer<int> positions;
    private readonly HostBuffer<ulong> marks;
    private readonly long words;

    /// <summary>Allocates.</summary>
    /// <param name="shared">Memory of the radix passes; narrowed candidates take the place of its keys.</param>
    /// <param name="parts">Pieces that are worked on at a time.</param>
    public SampledScratch(CpuTopKScratch shared, int parts)
    {
        this.shared = shared;
        words = ScoreMarks.WordsOf(shared.PieceLength);
        candidates = new HostBuffer<float>(parts * shared.Stride);
        positions = new HostBuffer<int>(parts * shared.Stride);
        marks = new HostBuffer<ulong>(parts * ScoreMarks.Kinds * words);
        Blocks = new int[parts];
        Between = new int[parts];
        Kept = new int[parts];
        Above = new int[parts];
    }

    public long Bytes => (sizeof(float) * (candidates.Length + positions.Length)) + (sizeof(ulong) * marks.Length);

    /// <summary>Blocks that were marked of each part.</summary>
    public int[] Blocks { get; }

    /// <summary>Candidates of each part.</summary>
    public int[] Between { get; }

    /// <summary>Candidates that are left of each part as the bounds narrow; in the end those that equal the threshold.</summary>
    public int[] Kept { get; }

    /// <summary>Scores of each part above the upper bound; in the end those above the threshold.</summary>
    public int[] Above { get; }

    public ScoreMarks Marks(int part) => new(marks.Pointer + (part * ScoreMarks.Kinds * words), words);

    public float* Candidates(int part) => candidates.Pointer + (part * shared.Stride);

    /// <summary>Positions of the candidates, where few scores are wanted.</summary>
    public int* Positions(int part) => positions.Pointer + (part * shared.Stride);

    /// <summary>The candidates of the pieces of a row.</summary>
    public ScoreRuns Runs(int firstPart, int parts) => new(Candidates(firstPart), shared.Stride, Kept.AsSpan(firstPart, parts));

    /// <summary>Room for what is left of them, and for their keys.</summary>
    public ScoreRuns Narrowed(int firstPart, int parts) => new((float*)shared.Keys(firstPart), shared.Stride, Kept.AsSpan(firstPart, parts));

    public void Dispose()
    {
        candidates.Dispose();
        positions.Dispose();
        marks.Dispose();
    }
}
