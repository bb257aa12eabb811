using KernelSuite.Operations.Attention;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.KvStorage;

/// <summary>Extents of a compaction: k [B,Hk,N,Wk], v [B,Hk,N,Wv], keep [B,Hk,n].</summary>
/// <param name="Batch">B, 0 or more.</param>
/// <param name="KvHeads">Hk, 1 or more.</param>
/// <param name="Slots">N, slots that keep may name; with paging at most the capacity of a sequence.</param>
/// <param name="Kept">n, the width of keep; 0 to N.</param>
/// <param name="KeyWidth">Wk, elements of a row of k, 1 to 65536.</param>
/// <param name="ValueWidth">Wv, elements of a row of v; 0 where there is no v.</param>
public sealed record KvCompactShape(int Batch, int KvHeads, int Slots, int Kept, int KeyWidth, int ValueWidth = 0)
{
    internal void Validate(KvPaging? paging)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(Batch);
        ArgumentOutOfRangeException.ThrowIfLessThan(KvHeads, 1);
        KvOperands.CheckSlots(Slots, nameof(Slots), paging);
        if (Kept < 0 || Kept > Slots) throw new ArgumentOutOfRangeException(nameof(Kept), Kept, $"Kept is {Kept}. Expected 0 to N = {Slots} rows: keep is ascending.");
        KvOperands.CheckWidth(KeyWidth, nameof(KeyWidth));
        KvOperands.CheckWidth(ValueWidth, nameof(ValueWidth), 0);
    }
}

/// <summary>
/// Where the tensors of a compaction lie, strides in elements; null members are contiguous. With paging <see cref="TensorStrides.Batch"/> is the
/// stride from page to page.
/// </summary>
public sealed record KvCompactLayout
{
    /// <summary>Strides of k.</summary>
    public TensorStrides? K { get; init; }

    /// <summary>Strides of v.</summary>
    public TensorStrides? V { get; init; }

    /// <summary>Strides of k_out; null for those of k.</summary>
    public TensorStrides? KOut { get; init; }

    /// <summary>Strides of v_out; null for those of v.</summary>
    public TensorStrides? VOut { get; init; }
}

/// <summary>
/// A validated compaction: for i below counts[b,h] (n without counts), row i of k_out, v_out and slot_map_out becomes row keep[b,h,i] of k, v and
/// slot_map. Outputs may be the inputs' own memory (the same slices: in place) or other memory that does not overlap it. Rows past the count are not
/// touched, nor is the destination row of an entry outside 0..N-1 or of a page that is not in the pool. The other entries ascend strictly; so a row
/// never moves up. Where they do not, the rows of one tensor may hold what earlier moves left; nothing is ever read or written out of bounds. Counts are clamped to 0..n.
/// </summary>
public sealed class KvCompactProblem : OperationProblem
{
    /// <summary>Operand indices.</summary>
    public const int Keep = 0, Counts = 1, PageTable = 2, K = 3, V = 4, SlotMap = 5, KOut = 6, VOut = 7, SlotMapOut = 8;

    /// <summary>Makes a problem.</summary>
    /// <param name="shape">Extents.</param>
    /// <param name="dtype">Storage of k and v: float32, float16, bfloat16 or uint8 (codes, group factors). Scales are float32 rows of width 1.</param>
    /// <param name="paging">Where k and v are paged; the table serves inputs and outputs. Null for [B,Hk,N,W].</param>
    /// <param name="layout">Strides; null for contiguous tensors.</param>
    /// <param name="hasCounts">Whether an int32 [B,Hk] operand gives the rows that each head keeps.</param>
    /// <param name="hasSlotMap">Whether an int32 [B,Hk,N] map, contiguous and not paged, is compacted too.</param>
    /// <exception cref="ArgumentException">A value is out of range; names it and says what was expected.</exception>
    public KvCompactProblem(
        KvCompactShape shape, DType dtype, KvPaging? paging = null, KvCompactLayout? layout = null, bool hasCounts = false, bool hasSlotMap = false)
    {
        ArgumentNullException.ThrowIfNull(shape);
        paging?.Validate(nameof(paging));
        shape.Validate(paging);
        if (dtype is not (DType.Float32 or DType.Float16 or DType.BFloat16 or DType.UInt8))
            throw new ArgumentException($"dtype is {dtype.Name()}. Expected float32, float16, bfloat16 or uint8.", nameof(dtype));
        Shape = shape;
        DType = dtype;
        Paging = paging;
        HasCounts = hasCounts;
        HasSlotMap = hasSlotMap;
        KStrides = KvOperands.Strides(layout?.K, paging, shape.KvHeads, shape.Slots, shape.KeyWidth);
        VStrides = KvOperands.Strides(layout?.V, paging, shape.KvHeads, shape.Slots, shape.ValueWidth);
        KOutStrides = layout?.KOut ?? KStrides;
        VOutStrides = layout?.VOut ?? VStrides;
        Operands = MakeOperands();
        AttentionStrideRules.Check(Operands);
    }

    /// <summary>Extents.</summary>
    public KvCompactShape Shape { get; }

    /// <summary>Paging of k, v and their outputs; null where contiguous.</summary>
    public KvPaging? Paging { get; }

    /// <summary>Whether counts is an operand.</summary>
    public bool HasCounts { get; }

    /// <summary>Whether there is a v.</summary>
    public bool HasValues => Shape.ValueWidth > 0;

    /// <summary>Whether there is a slot map.</summary>
    public bool HasSlotMap { get; }

    /// <summary>Strides of k.</summary>
    public TensorStrides KStrides { get; }

    /// <summary>Strides of v.</summary>
    public TensorStrides VStrides { get; }

    /// <summary>Strides of k_out.</summary>
    public TensorStrides KOutStrides { get; }

    /// <summary>Strides of v_out.</summary>
    public TensorStrides VOutStrides { get; }

    /// <inheritdoc/>
    public override DType DType { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<OperandSpec?> Operands { get; }

    /// <summary>A unit is a stored row. Where the slot map has another number of rows, the shorter operand's units repeat.</summary>
    public override long UnitCount => Math.Max(StoredRows, HasSlotMap ? MapEntries : 0);

    /// <summary>No arithmetic; keep, and every kept row (n a head) read and written once.</summary>
    public override OperationCost Cost
    {
        get
        {
            double rows = (double)Shape.Batch * Shape.KvHeads * Shape.Kept;
            double row = 2.0 * (Shape.KeyWidth + Shape.ValueWidth) * DType.SizeOf();
            return new OperationCost(0, rows * (sizeof(int) + row + (HasSlotMap ? 2 * sizeof(int) : 0)), "kv_compact-1");
        }
    }

    internal long StoredRows => KvOperands.StoredRows(Shape.Batch, Shape.KvHeads, Shape.Slots, Paging);

    internal long MapEntries => (long)Shape.Batch * Shape.KvHeads * Shape.Slots;

    /// <inheritdoc/>
    public override (long Offset, int Length) UnitSegment(int operand, long unit)
    {
        if (operand == SlotMapOut) return (unit % MapEntries, 1);
        (long page, int head, int row) = KvOperands.Locate(unit % StoredRows, Shape.KvHeads, Paging?.PageSize ?? Shape.Slots);
        return operand == KOut ? (KvOperands.Offset(KOutStrides, page, head, row), Shape.KeyWidth) : (KvOperands.Offset(VOutStrides, page, head, row), Shape.ValueWidth);
    }

    private OperandSpec?[] MakeOperands()
    {
        KvCompactShape s = Shape;
        OperandSpec Rows(string name, int width, TensorStrides strides, bool output = false) =>
            KvOperands.Rows(name, DType, s.Batch, s.KvHeads, s.Slots, width, Paging, strides, output);
        OperandSpec? map = KvOperands.Integers(HasSlotMap, "slot_map", s.Batch, s.KvHeads, s.Slots);
        return
        [
            KvOperands.Integers(true, "keep", s.Batch, s.KvHeads, s.Kept),
            KvOperands.Integers(HasCounts, "counts", s.Batch, s.KvHeads),
            KvOperands.Integers(Paging is not null, "page_table", s.Batch, Paging?.PagesPerSequence ?? 0),
            Rows("k", s.KeyWidth, KStrides),
            HasValues ? Rows("v", s.ValueWidth, VStrides) : null,
            map,
            Rows("k_out", s.KeyWidth, KOutStrides, output: true),
            HasValues ? Rows("v_out", s.ValueWidth, VOutStrides, output: true) : null,
            map is null ? null : map with { Name = "slot_map_out", IsOutput = true },
        ];
    }
}
