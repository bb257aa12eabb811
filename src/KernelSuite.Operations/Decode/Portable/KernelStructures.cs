using System.Runtime.InteropServices;
using KernelSuite.Operations.Attention;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Decode.Portable;

/// <summary>kv_layout of decode_operands.h: first element and strides, in elements.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct KernelLayout(long Offset, long Page, long Head, long Row)
{
    /// <summary>An operand with its strides; all zero where it is absent.</summary>
    public static KernelLayout Of(TensorStrides strides, DeviceSlice operand) => new(operand.ElementOffset, strides.Batch, strides.Head, strides.Row);
}

/// <summary>decode_shape of decode_operands.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct KernelShape(
    int KvHeads, int HeadsPerKv, int Queries, int RowBlocks, int HeadDim, int ValueDim, int Parts, int Causal, int LogitColumns, float Scale, float SoftCap)
{
    /// <summary>The extents of a problem that is cut into blocks of rows and parts.</summary>
    public static KernelShape Of(DecodeProblem problem, int rowBlocks, int parts)
    {
        DecodeShape s = problem.Shape;
        return new(
            s.KvHeads, s.QueryHeads / s.KvHeads, s.QueryLength, rowBlocks, s.HeadDim, s.ValueDim, parts, problem.Options.Causal ? 1 : 0, problem.TotalSlots,
            problem.Scale, problem.Options.SoftCap);
    }
}

/// <summary>segment_shape of decode_operands.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct KernelSegment(
    int Slots, int Pages, int PageSize, int TableColumns, int FirstLogit, int Parts, int PartTarget, int PartLeast, int PartGranule)
{
    /// <summary>One kind of slots; none where a pool has no pages to hold them. <paramref name="parts"/> may be 0 where there are no slots.</summary>
    public static KernelSegment Of(DecodeSegment segment, int firstLogit, DecodeSplits splits, int parts)
    {
        int slots = segment.Paging is { Pages: 0 } ? 0 : segment.Slots;
        return new(
            slots, segment.Paging?.Pages ?? 0, Math.Max(segment.BlockSlots, 1), segment.Paging?.PagesPerSequence ?? 0, firstLogit, parts, splits.TargetParts, splits.LeastSlots,
            DecodeSplits.Granule);
    }
}
