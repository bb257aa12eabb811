using System.Runtime.CompilerServices;
using KernelSuite.Operations.Attention.Cpu;
using KernelSuite.Operations.Simd;
using KernelSuite.Runtime.Cpu;

namespace KernelSuite.Operations.Scoring.Cpu;

/// <summary>Addresses of one launch.</summary>
internal unsafe struct CpuScoresArguments
{
    public byte* Q, K;
    public float* Logits, Lse, ColumnSums, ColumnSquares;
    public int* KvLengths;
}

/// <summary>
/// Column sums from q and k, a task a block of keys of a KV head: the keys are packed once, the query rows of each head stream by in tiles. Writes the
/// group means to workspace.
/// </summary>
internal sealed unsafe class CpuScoresKernel<TSimd, TVector, TShape, T> : CpuScoresKernelBase
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
    where TShape : struct, ITileShape
    where T : unmanaged
{
    private readonly CpuScoringTiles tiles;
    private readonly CpuScoringScratch scratch;
    private readonly KeyTiles<TSimd, TVector, TShape, T> keyTiles;

    public CpuScoresKernel(ScoresProblem problem, CpuScoringTiles tiles, CpuScoringScratch scratch, CpuScoringWorkspace workspace)
        : base(problem, workspace)
    {
        this.tiles = tiles;
        this.scratch = scratch;
        keyTiles = new(problem.Shape.HeadDim, problem.Scale, problem.Options.SoftCap, tiles, scratch.QueryStride);
    }

    public override long Tasks => (long)Problem.Shape.Batch * Problem.Shape.KvHeads * ((Problem.Shape.KvLength + tiles.Keys - 1) / tiles.Keys);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Execute(long task, int worker)
    {
        ScoringShape s = Problem.Shape;

        // The first keys are seen by the most rows: they start first, so that no long task is left at the end.
        (long block, long kvRow) = Math.DivRem(task, (long)s.Batch * s.KvHeads);
        (long b, long kvHead) = Math.DivRem(kvRow, s.KvHeads);
        int first = (int)block * tiles.Keys;
        int extent = Math.Min(tiles.Keys, s.KvLength - first);
        int length = Length(b);
        int count = Math.Clamp(length - first, 0, extent);
        CpuScoringScratch.Worker w = scratch[worker];
        if (count > 0)
        {
            T* k = (T*)Arguments.K + (b * Problem.KStrides.Batch) + (kvHead * Problem.KStrides.Head) + (first * Problem.KStrides.Row);
            keyTiles.PackKeys(w, k, Problem.KStrides.Row, count);
        }

        // Row i stands at position i + shift.
        long shift = (long)length - s.QueryLength;
        int firstRow = count == 0 ? s.QueryLength : Problem.Options.Causal ? (int)Math.Clamp(first - shift, 0, s.QueryLength) : 0;
        new Span<float>(w.Group, tiles.Keys).Clear();
        for (int g = 0; g < s.HeadsPerKv; g++)
        {
            long h = (kvHead * s.HeadsPerKv) + g;
            long head = (b * s.QueryHeads) + h;
            new Span<float>(w.Sums, tiles.Keys).Clear();
            new Span<float>(w.Squares, tiles.Keys).Clear();
            for (int row = firstRow; row < s.QueryLength; row += tiles.Rows)
            {
                int rows = Math.Min(tiles.Rows, s.QueryLength - row);
                T* q = (T*)Arguments.Q + (b * Problem.QStrides.Batch) + (h * Problem.QStrides.Head) + (row * Problem.QStrides.Row);
                keyTiles.StageQueries(w, q, Problem.QStrides.Row, Arguments.Lse + (head * s.QueryLength) + row, rows);
                for (int at = 0; at < count; at += tiles.Lanes) AddGroup(w, at, rows, first + at - row - shift);
            }

            StoreHead(w.Sums, w.Squares, w.Group, head, first, count, extent);
        }

        Finish(w.Group, kvRow, first, extent);
    }

    /// <summary>Adds staged rows to the sums of one group of keys.</summary>
    /// <param name="w">Scratch.</param>
    /// <param name="at">First key of the group in the block.</param>
    /// <param name="rows">Staged rows.</param>
    /// <param name="diagonal">The staged row that stands at the group's first key; from it on rows see that key under a causal mask.</param>
    private void AddGroup(CpuScoringScratch.Worker w, int at, int rows, long diagonal)
    {
        int start = Problem.Options.Causal ? (int)Math.Clamp(diagonal, 0, rows) : 0;
        int seen = rows - start;
        if (seen == 0) return;
        keyTiles.Multiply(w, at / tiles.Lanes, start, seen);
        if (Problem.Options.Causal && diagonal + tiles.Lanes - 1 > start)
        {
            for (int lane = 0; lane < tiles.Lanes; lane++)
            {
                w.Mean[lane] = Math.Clamp(diagonal + lane - start, 0, seen);
                w.Variance[lane] = seen;
            }

            OnlineSoftmax<TSimd, TVector, TShape>.Mask(w.Tile, seen, tiles.Lanes, w.Mean, w.Variance);
        }

        bool squares = Arguments.ColumnSquares != null;
        ColumnMath<TSimd, TVector>.AddColumns(w.Tile, seen, tiles.Lanes, keyTiles.Factor, w.Lse + start, w.Sums + at, squares ? w.Squares + at : null);
    }
}

/// <summary>What the kernels of attention_scores share.</summary>
internal abstract unsafe class CpuScoresKernelBase(ScoresProblem problem, CpuScoringWorkspace workspace) : ICpuKernel
{
    /// <summary>Operands of the launch under way.</summary>
    public CpuScoresArguments Arguments;

    /// <summary>Number of tasks.</summary>
    public abstract long Tasks { get; }

    protected ScoresProblem Problem => problem;

    /// <inheritdoc/>
    public abstract void Execute(long task, int worker);

    /// <summary>Keys of a batch entry.</summary>
    protected int Length(long batch) =>
        Arguments.KvLengths == null ? problem.Shape.KvLength : Math.Clamp(Arguments.KvLengths[batch], 0, problem.Shape.KvLength);

    /// <summary>Adds a head's sums to the group's and stores them where they are wanted; what lies past the count becomes 0.</summary>
    protected void StoreHead(float* sums, float* squares, float* group, long head, int first, int count, int extent)
    {
        new Span<float>(sums + count, extent - count).Clear();
        new Span<float>(squares + count, extent - count).Clear();
        for (int j = 0; j < count; j++) group[j] += sums[j];
        long target = (head * problem.Shape.KvLength) + first;
        if (Arguments.ColumnSums != null) new ReadOnlySpan<float>(sums, extent).CopyTo(new Span<float>(Arguments.ColumnSums + target, extent));
        if (Arguments.ColumnSquares != null) new ReadOnlySpan<float>(squares, extent).CopyTo(new Span<float>(Arguments.ColumnSquares + target, extent));
    }

    /// <summary>Leaves the group's mean in the workspace.</summary>
    protected void Finish(float* group, long kvRow, int first, int extent)
    {
        float* target = workspace.Group + (kvRow * problem.Shape.KvLength) + first;
        for (int j = 0; j < extent; j++) target[j] = group[j] / problem.Shape.HeadsPerKv;
    }
}
