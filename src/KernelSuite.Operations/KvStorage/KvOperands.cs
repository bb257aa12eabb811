using KernelSuite.Operations.Attention;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.KvStorage;

/// <summary>Operands that the operations on stored rows share, and the bounds on their extents.</summary>
internal static class KvOperands
{
    /// <summary>Most elements of a row.</summary>
    public const int MaxWidth = 1 << 16;

    /// <summary>Most slots of a sequence.</summary>
    public const int MaxSlots = 1 << 30;

    /// <summary>Strides of a tensor that is [B,Hk,N,width], or [Pages,Hk,PageSize,width] where it is paged.</summary>
    public static TensorStrides Strides(TensorStrides? given, KvPaging? paging, int heads, int slots, int width) =>
        given ?? TensorStrides.HeadMajor(heads, paging?.PageSize ?? slots, width);

    /// <summary>Rows of <paramref name="width"/> elements.</summary>
    public static OperandSpec Rows(
        string name, DType dtype, int batch, int heads, int slots, int width, KvPaging? paging, TensorStrides strides, bool output = false) => new()
        {
            Name = name,
            DType = dtype,
            Shape = [paging?.Pages ?? batch, heads, paging?.PageSize ?? slots, width],
            Strides = [strides.Batch, strides.Head, strides.Row, 1],
            IsOutput = output,
        };

    /// <summary>One float a row.</summary>
    public static OperandSpec Scales(int batch, int heads, int slots, KvPaging? paging, TensorStrides strides, bool output = false) => new()
    {
        Name = "scales",
        DType = DType.Float32,
        Shape = [paging?.Pages ?? batch, heads, paging?.PageSize ?? slots],
        Strides = [strides.Batch, strides.Head, strides.Row],
        IsOutput = output,
    };

    /// <summary>A contiguous int32 operand, or null where <paramref name="present"/> is false.</summary>
    public static OperandSpec? Integers(bool present, string name, params ReadOnlySpan<long> shape) => !present ? null : new OperandSpec
    {
        Name = name,
        DType = DType.Int32,
        Shape = [.. shape],
        Strides = OperandSpec.Contiguous(shape),
    };

    public static void CheckSlots(int slots, string name, KvPaging? paging)
    {
        if (slots is < 0 or > MaxSlots) throw new ArgumentOutOfRangeException(name, slots, $"{name} is {slots}. Expected 0 to 2^30.");
        if (paging is not null && slots > paging.Capacity)
        {
            throw new ArgumentException(
                $"{name} is {slots}, but a page table of {paging.PagesPerSequence} pages of {paging.PageSize} slots holds {paging.Capacity}. Give more columns.", name);
        }
    }

    public static void CheckWidth(int width, string name, int least = 1)
    {
        if (width < least || width > MaxWidth)
            throw new ArgumentOutOfRangeException(name, width, $"{name} is {width}. Expected {least} to {MaxWidth} elements.");
    }

    public static void CheckFloat(DType dtype)
    {
        if (dtype is not (DType.Float32 or DType.Float16 or DType.BFloat16))
            throw new ArgumentException($"dtype is {dtype.Name()}. Expected float32, float16 or bfloat16.", nameof(dtype));
    }

    /// <summary>Rows of a tensor in memory: pages or sequences, heads, rows of each.</summary>
    public static long StoredRows(int batch, int heads, int slots, KvPaging? paging) =>
        paging is null ? (long)batch * heads * slots : (long)paging.Pages * heads * paging.PageSize;

    /// <summary>Page (or sequence), head and row of a stored row.</summary>
    public static (long Page, int Head, int Row) Locate(long stored, int heads, int rows)
    {
        (long outer, long row) = Math.DivRem(stored, rows);
        (long page, long head) = Math.DivRem(outer, heads);
        return (page, (int)head, (int)row);
    }

    public static long Offset(TensorStrides strides, long page, int head, int row) => (page * strides.Batch) + (head * strides.Head) + (row * strides.Row);
}
