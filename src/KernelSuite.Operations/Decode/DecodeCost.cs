using KernelSuite.Operations.KvStorage;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Decode;

/// <summary>
/// Cost of a decode step with full segments: 2*(D + Dv) flops for every visible (query row, slot) pair; bytes: queries and outputs once, each slot's key and value rows once a KV head
/// (D + Dv elements, or <see cref="KvFormats.RowBytes"/> of both), page tables and lengths. A pool's other pages are not counted. Lengths are data: the formula takes each segment as full.
/// </summary>
internal static class DecodeCost
{
    public static OperationCost Of(DecodeProblem problem)
    {
        DecodeShape s = problem.Shape;
        double pairs = 0;
        for (int i = 0; i < s.QueryLength; i++) pairs += problem.VisibleSlots(i, problem.Original.Slots) + (double)(problem.Quantised?.Slots.Slots ?? 0);
        double bytes = 0;
        for (int i = 0; i < DecodeProblem.OperandCount; i++)
            if (i is DecodeProblem.Q or DecodeProblem.PageTable or DecodeProblem.KvLengths or >= DecodeProblem.QuantisedPageTable) bytes += problem.Operands[i]?.ByteCount ?? 0;
        double heads = (double)s.Batch * s.KvHeads;
        bytes += heads * problem.Original.Slots * (s.HeadDim + s.ValueDim) * problem.DType.SizeOf();
        if (problem.Quantised is { } q) bytes += heads * q.Slots.Slots * (q.Format.RowBytes(s.HeadDim) + q.Format.RowBytes(s.ValueDim));
        return new OperationCost(2 * pairs * s.Batch * s.QueryHeads * (s.HeadDim + s.ValueDim), bytes, "decode-1");
    }
}
