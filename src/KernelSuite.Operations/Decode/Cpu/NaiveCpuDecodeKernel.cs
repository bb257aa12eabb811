using System.Numerics.Tensors;
using KernelSuite.Operations.Attention;
using KernelSuite.Operations.KvStorage;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Decode.Cpu;

/// <summary>
/// The baseline: a task a query row; each cached row is widened or dequantised for it, then library vector primitives on materialised logits.
/// </summary>
internal sealed unsafe class NaiveCpuDecodeKernel<T>(DecodeProblem problem, NaiveDecodeScratch scratch) : CpuDecodeKernelBase
    where T : unmanaged
{
    public override long Tasks => problem.UnitCount;

    public override void Begin()
    {
    }

    public override void Execute(long task, int worker)
    {
        DecodeShape s = problem.Shape;
        (int b, int h, int i) = problem.Locate(task);
        int kvHead = h / (s.QueryHeads / s.KvHeads);
        int original = problem.OriginalLength(Arguments.KvLengths == null ? 0 : Arguments.KvLengths[b]);
        int visible = problem.VisibleSlots(i, original);
        int quantised = problem.QuantisedLength(Arguments.QuantisedLengths == null ? 0 : Arguments.QuantisedLengths[b]);
        var originals = new SegmentRows(problem.Original, Arguments.PageTable, b, "page_table");
        SegmentRows quantisedRows = problem.Quantised is { } q
            ? new SegmentRows(q.Slots, Arguments.QuantisedPageTable, b, "quantised_page_table") : default;

        float* query = scratch.Part(worker);
        float* other = query + AttentionShape.MaxHeadDim;
        var sums = new Span<float>(other + AttentionShape.MaxHeadDim, s.ValueDim);
        var logits = new Span<float>(other + (2 * AttentionShape.MaxHeadDim), visible + quantised);
        sums.Clear();
        Widen((T*)Arguments.Q + Offset(DecodeProblem.Q, b, h, i), query, s.HeadDim);
        for (int j = 0; j < logits.Length; j++)
        {
            float scale = ReadRow(j, visible, DecodeProblem.K, originals, quantisedRows, kvHead, other, s.HeadDim);
            float logit = TensorPrimitives.Dot(new ReadOnlySpan<float>(query, s.HeadDim), new ReadOnlySpan<float>(other,
                s.HeadDim)) * scale * problem.Scale;
            float cap = problem.Options.SoftCap;
            logits[j] = cap > 0 ? cap * MathF.Tanh(logit / cap) : logit;
        }

        if (Arguments.Logits != null) StoreLogits(new Span<float>(Arguments.Logits + (task * problem.TotalSlots), problem.TotalSlots), logits,
            visible, original);
        bool empty = logits.IsEmpty;
        float max = empty ? float.NegativeInfinity : TensorPrimitives.Max<float>(logits);
        TensorPrimitives.Subtract(logits, max, logits);
        TensorPrimitives.Exp<float>(logits, logits);
        float sum = TensorPrimitives.Sum<float>(logits);
        for (int j = 0; j < logits.Length; j++)
        {
            float scale = ReadRow(j, visible, DecodeProblem.V, originals, quantisedRows, kvHead, other, s.ValueDim);
            TensorPrimitives.MultiplyAdd(new ReadOnlySpan<float>(other, s.ValueDim), logits[j] * scale, sums, sums);
        }

        T* target = (T*)Arguments.Out + Offset(DecodeProblem.Out, b, h, i);
        for (int d = 0; d < s.ValueDim; d++) target[d] = Storage.FromSingle<T>(empty ? 0 : sums[d] / sum);
        if (Arguments.Lse != null) Arguments.Lse[task] = empty ? float.NegativeInfinity : max + MathF.Log(sum);
    }

    /// <summary>Reads key or value row j of those visible; returns its scale.</summary>
    private float ReadRow(int j, int visible, int operand, SegmentRows originals, SegmentRows quantised, int kvHead, float* row, int width)
    {
        bool keys = operand == DecodeProblem.K;
        if (j < visible)
        {
            (long block, int at, _) = originals.Find(j);
            Widen((T*)(keys ? Arguments.K : Arguments.V) + Offset(operand, block, kvHead, at), row, width);
            return 1;
        }

        (long page, int slot, _) = quantised.Find(j - visible);
        int codesOperand = keys ? DecodeProblem.KCodes : DecodeProblem.VCodes;
        byte* codes = (keys ? Arguments.KCodes : Arguments.VCodes) + Offset(codesOperand, page, kvHead, slot);
        byte* groups = (keys ? Arguments.KGroups : Arguments.VGroups) + Offset(codesOperand + 1, page, kvHead, slot);
        if (problem.Quantised!.Format == KvFormat.E4M3) DequantiseE4M3(codes, row, width);
        else DequantiseInt4(codes, groups, row, width);
        return (keys ? Arguments.KScales : Arguments.VScales)[Offset(codesOperand + 2, page, kvHead, slot)];
    }

    private static void DequantiseE4M3(byte* codes, float* row, int width)
    {
        for (int d = 0; d < width; d++) row[d] = Float8E4M3.Decode(codes[d]);
    }

    private static void DequantiseInt4(byte* codes, byte* groups, float* row, int width)
    {
        for (int g = 0; g < width / KvFormats.GroupSize; g++)
        {
            float factor = Float8E4M3.Decode(groups[g]);
            for (int i = 0; i < 16; i++)
            {
                row[(g * 32) + i] = factor * ((codes[(g * 16) + i] & 15) - 8);
                row[(g * 32) + i + 16] = factor * ((codes[(g * 16) + i] >> 4) - 8);
            }
        }
    }

    private void StoreLogits(Span<float> stored, ReadOnlySpan<float> logits, int visible, int original)
    {
        logits[..visible].CopyTo(stored);
        stored[visible..original].Fill(float.NegativeInfinity);
        logits[visible..].CopyTo(stored[problem.Original.Slots..]);
    }

    private long Offset(int operand, long block, int head, int row)
    {
        TensorStrides strides = problem.Strides(operand);
        return (block * strides.Batch) + (head * strides.Head) + (row * strides.Row);
    }

    private static void Widen(T* source, float* target, int width)
    {
        var to = new Span<float>(target, width);
        if (typeof(T) == typeof(float)) new ReadOnlySpan<float>(source, width).CopyTo(to);
        else if (typeof(T) == typeof(Half)) TensorPrimitives.ConvertToSingle(new ReadOnlySpan<Half>(source, width), to);
        else for (int d = 0; d < width; d++) target[d] = Storage.ToSingle(source[d]);
    }
}

/// <summary>Logits and three vectors for each worker of the baseline.</summary>
internal sealed unsafe class NaiveDecodeScratch(DecodeProblem problem, int threads) : IDisposable
{
    private readonly long part = problem.TotalSlots + (3L * AttentionShape.MaxHeadDim);
    private readonly HostBuffer<float> floats = new((problem.TotalSlots + (3L * AttentionShape.MaxHeadDim)) * threads);

    public long Bytes => floats.Length * sizeof(float);

    /// <summary>A worker's three vectors of <see cref="AttentionShape.MaxHeadDim"/> floats, followed by its logits.</summary>
    public float* Part(int worker) => floats.Pointer + (worker * part);

    public void Dispose() => floats.Dispose();
}
