using KernelSuite.Operations.Attention;
using KernelSuite.Operations.KvStorage;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Decode;

/// <summary>The operand list of a decode problem.</summary>
internal static class DecodeOperands
{
    public static OperandSpec?[] Make(DecodeProblem problem, DecodeLayout layout)
    {
        DecodeShape s = problem.Shape;
        DType dtype = problem.DType;
        var list = new OperandSpec?[DecodeProblem.OperandCount];
        list[DecodeProblem.Q] = Tensor("q", dtype, [s.Batch, s.QueryHeads, s.QueryLength, s.HeadDim], layout.Q);
        list[DecodeProblem.K] = Tensor("k", dtype, Cached(problem.Original, s, s.HeadDim), layout.K);
        list[DecodeProblem.V] = Tensor("v", dtype, Cached(problem.Original, s, s.ValueDim), layout.V);
        (list[DecodeProblem.PageTable], list[DecodeProblem.KvLengths]) = Places(problem.Original, s, "page_table", "kv_lengths");
        if (problem.Quantised is { } quantised)
        {
            DecodeSegment slots = quantised.Slots;
            KvFormat format = quantised.Format;
            list[DecodeProblem.KCodes] = Tensor("k_codes", DType.UInt8, Cached(slots, s, format.CodeBytes(s.HeadDim)), layout.KCodes);
            list[DecodeProblem.VCodes] = Tensor("v_codes", DType.UInt8, Cached(slots, s, format.CodeBytes(s.ValueDim)), layout.VCodes);
            if (format.GroupCount(s.HeadDim) > 0)
            {
                list[DecodeProblem.KGroups] = Tensor("k_groups", DType.UInt8, Cached(slots, s, format.GroupCount(s.HeadDim)), layout.KGroups);
                list[DecodeProblem.VGroups] = Tensor("v_groups", DType.UInt8, Cached(slots, s, format.GroupCount(s.ValueDim)), layout.VGroups);
            }

            long[] scales = [slots.Blocks(s.Batch), s.KvHeads, slots.BlockSlots];
            list[DecodeProblem.KScales] = Tensor("k_scales", DType.Float32, scales, layout.KScales);
            list[DecodeProblem.VScales] = Tensor("v_scales", DType.Float32, scales, layout.VScales);
            (list[DecodeProblem.QuantisedPageTable], list[DecodeProblem.QuantisedLengths]) = Places(slots, s, "quantised_page_table", "quantised_lengths");
        }

        list[DecodeProblem.Out] = Tensor("out", dtype, [s.Batch, s.QueryHeads, s.QueryLength, s.ValueDim], layout.Out) with { IsOutput = true };
        if (problem.HasLse) list[DecodeProblem.Lse] = Tensor("lse", DType.Float32, [s.Batch, s.QueryHeads, s.QueryLength], null) with { IsOutput = true, IsOptional = true };
        if (problem.HasLogits)
            list[DecodeProblem.Logits] = Tensor("logits", DType.Float32, [s.Batch, s.QueryHeads, s.QueryLength, problem.TotalSlots], null) with { IsOutput = true, IsOptional = true };
        return list;
    }

    private static long[] Cached(DecodeSegment segment, DecodeShape s, int width) => [segment.Blocks(s.Batch), s.KvHeads, segment.BlockSlots, width];

    private static (OperandSpec? Table, OperandSpec? Lengths) Places(DecodeSegment segment, DecodeShape s, string table, string lengths) => (
        segment.Paging is { } paging ? Tensor(table, DType.Int32, [s.Batch, paging.PagesPerSequence], null) : null,
        segment.HasLengths ? Tensor(lengths, DType.Int32, [s.Batch], null) : null);

    private static OperandSpec Tensor(string name, DType dtype, long[] shape, TensorStrides? strides)
    {
        long[] steps = [.. OperandSpec.Contiguous(shape)];
        if (strides is { } given) (steps[0], steps[1], steps[2]) = (given.Batch, given.Head, given.Row);
        return new OperandSpec { Name = name, DType = dtype, Shape = [.. shape], Strides = [.. steps] };
    }
}
