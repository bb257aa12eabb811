using KernelSuite.Operations.Attention;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.KvStorage;

/// <summary>Extents of a dequantisation: codes, group factors and scales of [B,Hk,N] rows to x [B,Hk,N,D].</summary>
/// <param name="Batch">B, 0 or more.</param>
/// <param name="KvHeads">Hk, 1 or more.</param>
/// <param name="Slots">N, slots of x; with paging at most the capacity of a sequence.</param>
/// <param name="HeadDim">D, 1 to 65536; a multiple of 32 for int4.</param>
public sealed record KvDequantizeShape(int Batch, int KvHeads, int Slots, int HeadDim)
{
    internal void Validate(KvFormat format, KvPaging? paging)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(Batch);
        ArgumentOutOfRangeException.ThrowIfLessThan(KvHeads, 1);
        KvOperands.CheckSlots(Slots, nameof(Slots), paging);
        KvOperands.CheckWidth(HeadDim, nameof(HeadDim));
        if (format.Refuses(HeadDim) is { } reason) throw new ArgumentException(reason, nameof(HeadDim));
    }
}

/// <summary>
/// A validated dequantisation: for j below lengths[b,h] (N without lengths), row j of x is what slot j of the <see cref="KvFormat"/> tensors stands for,
/// rounded to x's dtype once. Rows past the length, and rows whose page is not in the pool, are not touched. Lengths are clamped to 0..N.
/// </summary>
public sealed class KvDequantizeProblem : OperationProblem
{
    /// <summary>Operand indices.</summary>
    public const int Codes = 0, Groups = 1, Scales = 2, PageTable = 3, Lengths = 4, X = 5;

    /// <summary>Makes a problem.</summary>
    /// <param name="shape">Extents.</param>
    /// <param name="dtype">Storage of x: float32, float16 or bfloat16; arithmetic is float32.</param>
    /// <param name="format">Format of the source.</param>
    /// <param name="paging">Where the source is paged; null for [B,Hk,N,..].</param>
    /// <param name="layout">Strides; null for contiguous tensors. x is never paged.</param>
    /// <param name="hasLengths">Whether an int32 [B,Hk] operand gives the valid slots of each head.</param>
    /// <exception cref="ArgumentException">A value is out of range; names it and says what was expected.</exception>
    public KvDequantizeProblem(
        KvDequantizeShape shape, DType dtype, KvFormat format, KvPaging? paging = null, KvQuantizeLayout? layout = null, bool hasLengths = false)
    {
        ArgumentNullException.ThrowIfNull(shape);
        if (!Enum.IsDefined(format)) throw new ArgumentOutOfRangeException(nameof(format), format, "Expected E4M3 or Int4.");
        paging?.Validate(nameof(paging));
        shape.Validate(format, paging);
        KvOperands.CheckFloat(dtype);
        Shape = shape;
        DType = dtype;
        Format = format;
        Paging = paging;
        HasLengths = hasLengths;
        XStrides = KvOperands.Strides(layout?.X, null, shape.KvHeads, shape.Slots, shape.HeadDim);
        CodeStrides = KvOperands.Strides(layout?.Codes, paging, shape.KvHeads, shape.Slots, format.CodeBytes(shape.HeadDim));
        GroupStrides = KvOperands.Strides(layout?.Groups, paging, shape.KvHeads, shape.Slots, format.GroupCount(shape.HeadDim));
        ScaleStrides = KvOperands.Strides(layout?.Scales, paging, shape.KvHeads, shape.Slots, 1);
        Operands = MakeOperands();
        AttentionStrideRules.Check(Operands);
    }

    /// <summary>Extents.</summary>
    public KvDequantizeShape Shape { get; }

    /// <summary>Format of the source.</summary>
    public KvFormat Format { get; }

    /// <summary>Paging of the source; null where contiguous.</summary>
    public KvPaging? Paging { get; }

    /// <summary>Whether lengths is an operand.</summary>
    public bool HasLengths { get; }

    /// <summary>Strides of x.</summary>
    public TensorStrides XStrides { get; }

    /// <summary>Strides of the codes in bytes.</summary>
    public TensorStrides CodeStrides { get; }

    /// <summary>Strides of the group factors in bytes.</summary>
    public TensorStrides GroupStrides { get; }

    /// <summary>Strides of the scales in floats.</summary>
    public TensorStrides ScaleStrides { get; }

    /// <inheritdoc/>
    public override DType DType { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<OperandSpec?> Operands { get; }

    /// <summary>A unit is a row of x.</summary>
    public override long UnitCount => (long)Shape.Batch * Shape.KvHeads * Shape.Slots;

    /// <summary>No products; each row read once and written once.</summary>
    public override OperationCost Cost
    {
        get
        {
            double row = ((double)Shape.HeadDim * DType.SizeOf()) + Format.RowBytes(Shape.HeadDim);
            return new OperationCost(0, UnitCount * row, "kv_dequantize-1");
        }
    }

    /// <inheritdoc/>
    public override (long Offset, int Length) UnitSegment(int operand, long unit)
    {
        (long batch, int head, int row) = KvOperands.Locate(unit, Shape.KvHeads, Shape.Slots);
        return (KvOperands.Offset(XStrides, batch, head, row), Shape.HeadDim);
    }

    private OperandSpec?[] MakeOperands()
    {
        KvDequantizeShape s = Shape;
        OperandSpec Bytes(string name, int width, TensorStrides strides) =>
            KvOperands.Rows(name, DType.UInt8, s.Batch, s.KvHeads, s.Slots, width, Paging, strides);
        return
        [
            Bytes("codes", Format.CodeBytes(s.HeadDim), CodeStrides),
            Format == KvFormat.Int4 ? Bytes("groups", Format.GroupCount(s.HeadDim), GroupStrides) : null,
            KvOperands.Scales(s.Batch, s.KvHeads, s.Slots, Paging, ScaleStrides),
            KvOperands.Integers(Paging is not null, "page_table", s.Batch, Paging?.PagesPerSequence ?? 0),
            KvOperands.Integers(HasLengths, "lengths", s.Batch, s.KvHeads),
            KvOperands.Rows("x", DType, s.Batch, s.KvHeads, s.Slots, s.HeadDim, null, XStrides, output: true),
        ];
    }
}
