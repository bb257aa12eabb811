using KernelSuite.Operations.Attention;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.KvStorage;

/// <summary>Extents of a quantisation: x [B,Hk,N,D], rows [B,Hk,n], codes and scales [B,Hk,M,..].</summary>
/// <param name="Batch">B, 0 or more.</param>
/// <param name="KvHeads">Hk, 1 or more.</param>
/// <param name="Slots">N, slots of the source; with paging at most the capacity of a sequence.</param>
/// <param name="Rows">n, rows to quantise for each head at most.</param>
/// <param name="TargetSlots">M, slots of the destination; with paging at most the capacity of a sequence.</param>
/// <param name="HeadDim">D, 1 to 65536; a multiple of 32 for int4.</param>
public sealed record KvQuantizeShape(int Batch, int KvHeads, int Slots, int Rows, int TargetSlots, int HeadDim)
{
    internal void Validate(KvFormat format, KvPaging? paging, KvPaging? targetPaging, bool hasRows)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(Batch);
        ArgumentOutOfRangeException.ThrowIfLessThan(KvHeads, 1);
        KvOperands.CheckSlots(Slots, nameof(Slots), paging);
        KvOperands.CheckSlots(Rows, nameof(Rows), null);
        KvOperands.CheckSlots(TargetSlots, nameof(TargetSlots), targetPaging);
        KvOperands.CheckWidth(HeadDim, nameof(HeadDim));
        if (!hasRows && Rows > Slots) throw new ArgumentException($"Rows is {Rows}, but the source has N = {Slots} slots. Give rows, or fewer of them.", nameof(Rows));
        if (format.Refuses(HeadDim) is { } reason) throw new ArgumentException(reason, nameof(HeadDim));
    }
}

/// <summary>
/// Where the tensors of a quantisation lie, strides in elements; null members are contiguous. With paging <see cref="TensorStrides.Batch"/> is
/// the stride from page to page.
/// </summary>
public sealed record KvQuantizeLayout
{
    /// <summary>Strides of x.</summary>
    public TensorStrides? X { get; init; }

    /// <summary>Strides of the codes, in bytes.</summary>
    public TensorStrides? Codes { get; init; }

    /// <summary>Strides of the group factors, in bytes.</summary>
    public TensorStrides? Groups { get; init; }

    /// <summary>Strides of the scales, in floats.</summary>
    public TensorStrides? Scales { get; init; }
}

/// <summary>
/// A validated quantisation: for i below counts[b,h] (n without counts), source row rows[b,h,i] (i without rows) is stored as <see cref="KvFormat"/> in
/// slot start[b,h] + i (i without start). A row whose source or destination slot is out of range, or whose page is not in the pool, is left out: its
/// destination is not touched and nothing is read or written out of bounds. Counts are clamped to 0..n. Everything else of the destination keeps its contents.
/// </summary>
public sealed class KvQuantizeProblem : OperationProblem
{
    /// <summary>Operand indices.</summary>
    public const int X = 0, PageTable = 1, Rows = 2, Counts = 3, Start = 4, TargetPageTable = 5, Codes = 6, Groups = 7, Scales = 8;

    /// <summary>Makes a problem.</summary>
    /// <param name="shape">Extents.</param>
    /// <param name="dtype">Storage of x: float32, float16 or bfloat16; arithmetic is float32.</param>
    /// <param name="format">Format of the destination.</param>
    /// <param name="paging">Where x is paged; null for [B,Hk,N,D].</param>
    /// <param name="targetPaging">Where the destination is paged (with a table of its own); null for [B,Hk,M,..].</param>
    /// <param name="layout">Strides; null for contiguous tensors.</param>
    /// <param name="hasRows">Whether an int32 [B,Hk,n] operand names the source slots.</param>
    /// <param name="hasCounts">Whether an int32 [B,Hk] operand gives the rows of each head.</param>
    /// <param name="hasStart">Whether an int32 [B,Hk] operand gives the first destination slot of each head.</param>
    /// <param name="sharedScale">
    /// One scale for row i of all heads and batch entries, as ARKV's released code has it: a head of large values ruins the others. Not for new designs.
    /// </param>
    /// <exception cref="ArgumentException">A value is out of range; names it and says what was expected.</exception>
    public KvQuantizeProblem(
        KvQuantizeShape shape, DType dtype, KvFormat format, KvPaging? paging = null, KvPaging? targetPaging = null, KvQuantizeLayout? layout = null,
        bool hasRows = false, bool hasCounts = false, bool hasStart = false, bool sharedScale = false)
    {
        ArgumentNullException.ThrowIfNull(shape);
        if (!Enum.IsDefined(format)) throw new ArgumentOutOfRangeException(nameof(format), format, "Expected E4M3 or Int4.");
        paging?.Validate(nameof(paging));
        targetPaging?.Validate(nameof(targetPaging));
        shape.Validate(format, paging, targetPaging, hasRows);
        KvOperands.CheckFloat(dtype);
        Shape = shape;
        DType = dtype;
        Format = format;
        Paging = paging;
        TargetPaging = targetPaging;
        HasRows = hasRows;
        HasCounts = hasCounts;
        HasStart = hasStart;
        SharedScale = sharedScale;
        XStrides = KvOperands.Strides(layout?.X, paging, shape.KvHeads, shape.Slots, shape.HeadDim);
        CodeStrides = Target(layout?.Codes, format.CodeBytes(shape.HeadDim));
        GroupStrides = Target(layout?.Groups, format.GroupCount(shape.HeadDim));
        ScaleStrides = Target(layout?.Scales, 1);
        Operands = MakeOperands();
        AttentionStrideRules.Check(Operands);
    }

    /// <summary>Extents.</summary>
    public KvQuantizeShape Shape { get; }

    /// <summary>Format of the destination.</summary>
    public KvFormat Format { get; }

    /// <summary>Paging of x; null where contiguous.</summary>
    public KvPaging? Paging { get; }

    /// <summary>Paging of the destination; null where contiguous.</summary>
    public KvPaging? TargetPaging { get; }

    /// <summary>Whether rows is an operand.</summary>
    public bool HasRows { get; }

    /// <summary>Whether counts is an operand.</summary>
    public bool HasCounts { get; }

    /// <summary>Whether start is an operand.</summary>
    public bool HasStart { get; }

    /// <summary>Whether row i of all heads shares one scale.</summary>
    public bool SharedScale { get; }

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

    /// <summary>A unit is a row of the destination as it is stored.</summary>
    public override long UnitCount => KvOperands.StoredRows(Shape.Batch, Shape.KvHeads, Shape.TargetSlots, TargetPaging);

    /// <summary>No products; each of n rows a head read once and written once, and rows.</summary>
    public override OperationCost Cost
    {
        get
        {
            double rows = (double)Shape.Batch * Shape.KvHeads * Shape.Rows;
            double row = ((double)Shape.HeadDim * DType.SizeOf()) + Format.RowBytes(Shape.HeadDim) + (HasRows ? sizeof(int) : 0);
            return new OperationCost(0, rows * row, "kv_quantize-1");
        }
    }

    /// <inheritdoc/>
    public override (long Offset, int Length) UnitSegment(int operand, long unit)
    {
        (long page, int head, int row) = KvOperands.Locate(unit, Shape.KvHeads, TargetPaging?.PageSize ?? Shape.TargetSlots);
        return operand switch
        {
            Codes => (KvOperands.Offset(CodeStrides, page, head, row), Format.CodeBytes(Shape.HeadDim)),
            Groups => (KvOperands.Offset(GroupStrides, page, head, row), Format.GroupCount(Shape.HeadDim)),
            _ => (KvOperands.Offset(ScaleStrides, page, head, row), 1),
        };
    }

    private TensorStrides Target(TensorStrides? given, int width) => KvOperands.Strides(given, TargetPaging, Shape.KvHeads, Shape.TargetSlots, width);

    private OperandSpec?[] MakeOperands()
    {
        KvQuantizeShape s = Shape;
        OperandSpec Bytes(string name, int width, TensorStrides strides) =>
            KvOperands.Rows(name, DType.UInt8, s.Batch, s.KvHeads, s.TargetSlots, width, TargetPaging, strides, output: true);
        return
        [
            KvOperands.Rows("x", DType, s.Batch, s.KvHeads, s.Slots, s.HeadDim, Paging, XStrides),
            KvOperands.Integers(Paging is not null, "page_table", s.Batch, Paging?.PagesPerSequence ?? 0),
            KvOperands.Integers(HasRows, "rows", s.Batch, s.KvHeads, s.Rows),
            KvOperands.Integers(HasCounts, "counts", s.Batch, s.KvHeads),
            KvOperands.Integers(HasStart, "start", s.Batch, s.KvHeads),
            KvOperands.Integers(TargetPaging is not null, "target_page_table", s.Batch, TargetPaging?.PagesPerSequence ?? 0),
            Bytes("codes", Format.CodeBytes(s.HeadDim), CodeStrides),
            Format == KvFormat.Int4 ? Bytes("groups", Format.GroupCount(s.HeadDim), GroupStrides) : null,
            KvOperands.Scales(s.Batch, s.KvHeads, s.TargetSlots, TargetPaging, ScaleStrides, output: true),
        ];
    }
}
