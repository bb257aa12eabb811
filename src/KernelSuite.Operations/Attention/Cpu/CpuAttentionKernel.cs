using System.Runtime.CompilerServices;
using KernelSuite.Operations.Simd;
using KernelSuite.Runtime.Cpu;

namespace KernelSuite.Operations.Attention.Cpu;

/// <summary>Addresses of one launch.</summary>
internal unsafe struct CpuAttentionArguments
{
    public byte* Q, K, V, Out;
    public int* KvLengths;
    public float* Lse;
}

/// <summary>
/// Fused attention, one task a (batch, head, query tile). Queries lie in vector lanes: S^T = K Q^T needs only Q transposed (once a
/// task), maximum and sum are vertical, and P^T is already laid out for O^T += V^T P^T. Keys and values are staged tile by tile.
/// </summary>
internal sealed unsafe class CpuAttentionKernel<TSimd, TVector, TShape, T> : CpuAttentionKernelBase
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
    where TShape : struct, ITileShape
    where T : unmanaged
{
    private const double Log2E = 1.4426950408889634;

    private readonly AttentionProblem problem;
    private readonly CpuAttentionTiles tiles;
    private readonly CpuAttentionScratch scratch;
    private readonly int queryTiles;
    private readonly float queryFactor;
    private readonly double logitScale;
    private readonly float exponentScale;

    public CpuAttentionKernel(AttentionProblem problem, CpuAttentionTiles tiles, CpuAttentionScratch scratch)
    {
        this.problem = problem;
        this.tiles = tiles;
        this.scratch = scratch;
        queryTiles = (problem.Shape.QueryLength + tiles.Queries - 1) / tiles.Queries;

        // A negative scale turns the queries round, so that the largest score is the largest logit; 0 makes all scores 0.
        queryFactor = problem.Scale == 0 ? 0 : MathF.Sign(problem.Scale);
        logitScale = problem.Options.SoftCap > 0 || problem.Scale == 0 ? 1 : Math.Abs((double)problem.Scale);
        exponentScale = (float)(logitScale * Log2E);
    }

    public override long Tasks => (long)problem.Shape.Batch * problem.Shape.QueryHeads * queryTiles;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Execute(long task, int worker)
    {
        AttentionShape s = problem.Shape;

        // Under a causal mask the last query tiles have the most keys: they start first, so that no long task is left at the end.
        long heads = (long)s.Batch * s.QueryHeads;
        int tile = queryTiles - 1 - (int)(task / heads);
        (long b, long h) = Math.DivRem(task % heads, s.QueryHeads);
        long kvHead = h / (s.QueryHeads / s.KvHeads);
        int firstRow = tile * tiles.Queries;
        int rows = Math.Min(tiles.Queries, s.QueryLength - firstRow);
        int groups = (rows + tiles.Lanes - 1) / tiles.Lanes;
        CpuAttentionScratch.Worker w = scratch[worker];

        T* q = (T*)Arguments.Q + (b * problem.QStrides.Batch) + (h * problem.QStrides.Head) + (firstRow * problem.QStrides.Row);
        T* k = (T*)Arguments.K + (b * problem.KStrides.Batch) + (kvHead * problem.KStrides.Head);
        T* v = (T*)Arguments.V + (b * problem.VStrides.Batch) + (kvHead * problem.VStrides.Head);
        int valid = Arguments.KvLengths == null ? s.KvLength : Arguments.KvLengths[b];
        (int from, int to) = Begin(w, q, firstRow, rows, groups, valid);

        for (int key = from / tiles.Keys * tiles.Keys; key < to; key += tiles.Keys)
        {
            int tileFrom = Math.Max(key, from);
            int keys = Math.Min(key + tiles.Keys, to) - tileFrom;
            TileCopy<TSimd, TVector, T>.Load(k + (tileFrom * problem.KStrides.Row), problem.KStrides.Row, keys, s.HeadDim, w.Keys, scratch.KeyStride);
            TileCopy<TSimd, TVector, T>.Load(v + (tileFrom * problem.VStrides.Row), problem.VStrides.Row, keys, s.ValueDim, w.Values, scratch.ValueStride);
            for (int g = 0; g < groups; g++) Accumulate(w, g, tileFrom, keys);
        }

        T* output = (T*)Arguments.Out + (b * problem.OutStrides.Batch) + (h * problem.OutStrides.Head) + (firstRow * problem.OutStrides.Row);
        float* lse = Arguments.Lse == null ? null : Arguments.Lse + (((b * s.QueryHeads) + h) * s.QueryLength) + firstRow;
        for (int g = 0; g < groups; g++)
        {
            int first = g * tiles.Lanes;
            Finish(w, g, Math.Min(tiles.Lanes, rows - first), output + (first * problem.OutStrides.Row), lse == null ? null : lse + first);
        }
    }

    /// <summary>Packs the queries, resets the running state and finds each lane's visible keys; returns their union.</summary>
    private (int From, int To) Begin(CpuAttentionScratch.Worker w, T* q, int firstRow, int rows, int groups, int valid)
    {
        int unionFrom = int.MaxValue, unionTo = 0;
        for (int g = 0; g < groups; g++)
        {
            int first = g * tiles.Lanes;
            int count = Math.Min(tiles.Lanes, rows - first);
            TileCopy<TSimd, TVector, T>.PackTransposed(
                q + (first * problem.QStrides.Row), problem.QStrides.Row, count, problem.Shape.HeadDim, queryFactor,
                w.Queries + ((long)g * problem.Shape.HeadDim * tiles.Lanes), tiles.Lanes, w.Transpose);
            CpuAttentionScratch.GroupRange range = new() { From = int.MaxValue, CommonTo = int.MaxValue };
            for (int lane = 0; lane < tiles.Lanes; lane++)
            {
                // Lanes past the last query repeat its interval: their results are not stored.
                (int from, int to) = problem.VisibleKeys(firstRow + first + Math.Min(lane, count - 1), valid);
                w.From[first + lane] = from;
                w.To[first + lane] = to;
                range.CommonFrom = Math.Max(range.CommonFrom, from);
                range.CommonTo = Math.Min(range.CommonTo, to);
                if (from == to) continue;
                range.From = Math.Min(range.From, from);
                range.To = Math.Max(range.To, to);
            }

            w.Ranges[g] = range;
            unionFrom = Math.Min(unionFrom, range.From);
            unionTo = Math.Max(unionTo, range.To);
            new Span<float>(w.Max + first, tiles.Lanes).Fill(float.NegativeInfinity);
            new Span<float>(w.Sum + first, tiles.Lanes).Clear();
            w.Started[g] = false;
        }

        return unionFrom < unionTo ? (unionFrom, unionTo) : (0, 0);
    }

    /// <summary>One key tile for one group of queries.</summary>
    private void Accumulate(CpuAttentionScratch.Worker w, int g, int tileFrom, int keys)
    {
        int lanes = tiles.Lanes;
        AttentionShape s = problem.Shape;
        CpuAttentionScratch.GroupRange range = w.Ranges[g];
        int from = Math.Max(tileFrom, range.From);
        int count = Math.Min(tileFrom + keys, range.To) - from;
        if (count <= 0) return;

        float* scores = w.Scores;
        MicroKernels<TSimd, TVector, TShape, RowMajor>.Multiply(
            count, s.HeadDim, w.Keys + ((long)(from - tileFrom) * scratch.KeyStride), scratch.KeyStride,
            w.Queries + ((long)g * s.HeadDim * lanes), scores, null);
        if (problem.Options.SoftCap > 0) OnlineSoftmax<TSimd, TVector, TShape>.SoftCap(scores, count * lanes, Math.Abs(problem.Scale), problem.Options.SoftCap);
        if (from < range.CommonFrom || from + count > range.CommonTo)
        {
            for (int lane = 0; lane < lanes; lane++)
            {
                w.MaskFrom[lane] = Math.Clamp(w.From[(g * lanes) + lane] - from, 0, count);
                w.MaskTo[lane] = Math.Clamp(w.To[(g * lanes) + lane] - from, 0, count);
            }

            OnlineSoftmax<TSimd, TVector, TShape>.Mask(scores, count, lanes, w.MaskFrom, w.MaskTo);
        }

        float* max = w.Max + (g * lanes);
        new ReadOnlySpan<float>(max, lanes).CopyTo(new Span<float>(w.Alpha, lanes));
        OnlineSoftmax<TSimd, TVector, TShape>.RaiseMax(scores, count, max);
        OnlineSoftmax<TSimd, TVector, TShape>.Exponentiate(scores, count, exponentScale, w.Alpha, max, w.Sum + (g * lanes), w.Alpha);
        MicroKernels<TSimd, TVector, TShape, ColumnMajor>.Multiply(
            s.ValueDim, count, w.Values + ((long)(from - tileFrom) * scratch.ValueStride), scratch.ValueStride,
            scores, w.Output + ((long)g * s.ValueDim * lanes), w.Started[g] ? w.Alpha : null);
        w.Started[g] = true;
    }

    /// <summary>Divides by the row sums and stores O and LSE.</summary>
    private void Finish(CpuAttentionScratch.Worker w, int g, int rows, T* output, float* lse)
    {
        int lanes = tiles.Lanes;
        float* max = w.Max + (g * lanes);
        float* sum = w.Sum + (g * lanes);
        float* accumulated = w.Output + ((long)g * problem.Shape.ValueDim * lanes);
        if (!w.Started[g]) new Span<float>(accumulated, problem.Shape.ValueDim * lanes).Clear();
        for (int lane = 0; lane < rows; lane++)
        {
            // A row without a visible key has sum 0: O = 0 and LSE = -infinity.
            bool empty = float.IsNegativeInfinity(max[lane]) && sum[lane] == 0;
            if (lse != null) lse[lane] = empty ? float.NegativeInfinity : (float)((max[lane] * logitScale) + Math.Log(sum[lane]));
            w.Alpha[lane] = empty ? 0 : 1 / sum[lane];
        }

        TileCopy<TSimd, TVector, T>.UnpackTransposed(
            accumulated, lanes, rows, problem.Shape.ValueDim, w.Alpha, output, problem.OutStrides.Row, w.Transpose);
    }
}

/// <summary>The part of the kernel that the plan sees.</summary>
internal abstract class CpuAttentionKernelBase : ICpuKernel
{
    /// <summary>Operands of the launch under way.</summary>
    public CpuAttentionArguments Arguments;

    /// <summary>Number of tasks.</summary>
    public abstract long Tasks { get; }

    /// <inheritdoc/>
    public abstract void Execute(long task, int worker);
}
