using System.Numerics.Tensors;
using KernelSuite.Operations.Attention;
using KernelSuite.Operations.Simd;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Decode.Cpu;

/// <summary>
/// Split decode attention, one task a (sequence, KV head, part of the slots). Every cached row is read and widened once for all query rows of its
/// head. Whoever finishes the last part of a (sequence, KV head) merges them, so that a launch is one run of the team.
/// </summary>
internal sealed unsafe class CpuDecodeKernel<TSimd, TVector, TOriginal, TQuantised, T> : CpuDecodeKernelBase
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
    where TOriginal : struct, ICacheRows<TSimd, TVector>
    where TQuantised : struct, ICacheRows<TSimd, TVector>
    where T : unmanaged
{
    private const double Log2E = 1.4426950408889634;

    /// <summary>e4m3 rows become bfloat16 rows, a tile at a time, where the plan has chosen rows of that type for them.</summary>
    private static readonly bool Widens = typeof(TQuantised) == typeof(BFloat16Rows<TSimd, TVector>);

    private readonly DecodeProblem problem;
    private readonly DecodeSplits splits;
    private readonly DecodeTile tile;
    private readonly CpuDecodeScratch scratch;
    private readonly int[] unfinished;
    private readonly float queryFactor, logitScale, exponentScale;

    public CpuDecodeKernel(DecodeProblem problem, DecodeSplits splits, DecodeTile tile, CpuDecodeScratch scratch)
    {
        this.problem = problem;
        this.splits = splits;
        this.tile = tile;
        this.scratch = scratch;
        unfinished = new int[(long)problem.Shape.Batch * problem.Shape.KvHeads];

        // A negative scale turns the queries round, so that the largest score is the largest logit; 0 makes all scores 0.
        queryFactor = problem.Scale == 0 ? 0 : MathF.Sign(problem.Scale);
        logitScale = problem.Options.SoftCap > 0 || problem.Scale == 0 ? 1 : Math.Abs(problem.Scale);
        exponentScale = (float)(logitScale * Log2E);
    }

    public override long Tasks => unfinished.LongLength * splits.MaxParts;

    public override void Begin() => Array.Fill(unfinished, splits.MaxParts);

    public override void Execute(long task, int worker)
    {
        (long head, long part) = Math.DivRem(task, splits.MaxParts);
        (int batch, int kvHead) = ((int)(head / problem.Shape.KvHeads), (int)(head % problem.Shape.KvHeads));
        int original = problem.OriginalLength(Arguments.KvLengths == null ? 0 : Arguments.KvLengths[batch]);
        int slots = original + problem.QuantisedLength(Arguments.QuantisedLengths == null ? 0 : Arguments.QuantisedLengths[batch]);
        int each = splits.SlotsPerPart(slots);
        long from = part * each;
        int to = (int)Math.Min(slots, from + each);
        DecodeScratch w = scratch.Worker(worker);
        if (from < to) Compute(task, batch, kvHead, original, (int)from, to, w);
        if (Interlocked.Decrement(ref unfinished[head]) == 0) Merge(head, (slots + each - 1) / each, w);
    }

    private void Compute(long task, int batch, int kvHead, int original, int from, int to, in DecodeScratch w)
    {
        DecodeShape s = problem.Shape;
        PackQueries(batch, kvHead, w);
        float* sums = scratch.Part(task);
        var pass = new SegmentPass
        {
            Problem = problem,
            Tile = tile,
            Scratch = w,
            Sums = sums,
            Max = sums + ((long)tile.PaddedRows * tile.ValueWidth),
            Weights = sums + ((long)tile.PaddedRows * tile.ValueWidth) + DecodeTile.RoundUp(tile.PaddedRows, 16),
            LogitScale = logitScale,
            ExponentScale = exponentScale,
            VisibleFrom = problem.Options.Causal ? original - s.QueryLength + 1 : int.MaxValue,
        };
        new Span<float>(sums, tile.PartFloats).Clear();
        new Span<float>(pass.Max, tile.PaddedRows).Fill(float.NegativeInfinity);
        long firstRow = (((long)batch * s.KvHeads) + kvHead) * tile.Rows;
        float* logits = Arguments.Logits == null ? null : Arguments.Logits + (firstRow * problem.TotalSlots);
        if (from < original)
        {
            pass.Logits = logits;
            SegmentKernel<TSimd, TVector, TOriginal>.Run(pass, new SegmentTiles(problem, Arguments, batch, kvHead), from, Math.Min(to, original),
                scaled: false);
        }

        if (to <= original) return;
        pass.Logits = logits == null ? null : logits + problem.Original.Slots;
        pass.VisibleFrom = int.MaxValue;
        var quantised = new SegmentTiles(problem, Arguments, batch, kvHead, Widens);
        SegmentKernel<TSimd, TVector, TQuantised>.Run(pass, quantised, Math.Max(from - original, 0), to - original, scaled: true);
    }

    /// <summary>Query rows of a KV head as floats, one after the other, with zeros to the padded width and number of rows.</summary>
    private void PackQueries(int batch, int kvHead, in DecodeScratch w)
    {
        DecodeShape s = problem.Shape;
        TensorStrides strides = problem.Strides(DecodeProblem.Q);
        int group = s.QueryHeads / s.KvHeads;
        new Span<float>(w.Queries, tile.PaddedRows * tile.KeyWidth).Clear();
        for (int r = 0; r < tile.Rows; r++)
        {
            (int head, int query) = Math.DivRem(r, s.QueryLength);
            T* source = (T*)Arguments.Q + (batch * strides.Batch) + (((kvHead * group) + head) * strides.Head) + (query * strides.Row);
            float* target = w.Queries + (r * tile.KeyWidth);
            for (int d = 0; d < s.HeadDim; d++) target[d] = queryFactor * Storage.ToSingle(source[d]);
        }
    }

    private void Merge(long head, int parts, in DecodeScratch w)
    {
        DecodeShape s = problem.Shape;
        (long batch, long kvHead) = Math.DivRem(head, s.KvHeads);
        TensorStrides strides = problem.Strides(DecodeProblem.Out);
        int group = s.QueryHeads / s.KvHeads;
        float* first = scratch.Part(head * splits.MaxParts);
        float* max = first + ((long)tile.PaddedRows * tile.ValueWidth);
        for (int r = 0; r < tile.Rows; r++)
        {
            (float most, float sum) = LseMerge<TSimd, TVector>.Merge(
                first + ((long)r * tile.ValueWidth), max + r, max + DecodeTile.RoundUp(tile.PaddedRows, 16) + r, tile.PartFloats, parts,
                    tile.ValueWidth, exponentScale, w.Row);
            (int h, int query) = Math.DivRem(r, s.QueryLength);
            T* target = (T*)Arguments.Out + (batch * strides.Batch) + (((kvHead * group) + h) * strides.Head) + (query * strides.Row);
            Narrow(w.Row, target, s.ValueDim);
            if (Arguments.Lse == null) continue;
            Arguments.Lse[(head * tile.Rows) + r] = sum == 0 ? float.NegativeInfinity : (float)((most * (double)logitScale) + Math.Log(sum));
        }
    }

    private static void Narrow(float* source, T* target, int width)
    {
        var from = new ReadOnlySpan<float>(source, width);
        if (typeof(T) == typeof(float)) from.CopyTo(new Span<float>(target, width));
        else if (typeof(T) == typeof(Half)) TensorPrimitives.ConvertToHalf(from, new Span<Half>(target, width));
        else for (int d = 0; d < width; d++) target[d] = Storage.FromSingle<T>(source[d]);
    }
}
