using KernelSuite.Operations.KvStorage;
using KernelSuite.Runtime;

namespace KernelSuite.KvCache;

/// <summary>
/// How a page lies in memory. A page belongs to one (layer, KV head, state) and has the same bytes in either state: in full [K rows | V rows] of
/// <see cref="OriginalSlots"/> slots, quantised [K codes | V codes | K groups | V groups | K scales | V scales] of <see cref="QuantisedSlots"/>.
/// </summary>
internal sealed record PageGeometry
{
    /// <summary>Largest original page: beyond it nothing is gained, and more is lost in the last page of a list.</summary>
    public const int LargestSlots = 256;

    public PageGeometry(int headDim, DType dtype, KvFormat? format, int originalSlots)
    {
        HeadDim = headDim;
        DType = dtype;
        Format = format;
        OriginalSlots = originalSlots;
        OriginalRowBytes = 2 * headDim * dtype.SizeOf();

        // Scales are floats: the stride from page to page must be whole floats.
        PageBytes = (originalSlots * OriginalRowBytes + 3) & ~3;
        if (format is not { } f) return;
        CodeBytes = f.CodeBytes(headDim);
        GroupBytes = f.GroupCount(headDim);
        QuantisedRowBytes = 2 * f.RowBytes(headDim);
        QuantisedSlots = Math.Min(PageBytes / QuantisedRowBytes, KvPaging.MaxPageSize);
        while (QuantisedSlots > 0 && ScaleOffset + (8L * QuantisedSlots) > PageBytes) QuantisedSlots--;
    }

    public int HeadDim { get; }

    public DType DType { get; }

    public KvFormat? Format { get; }

    public int PageBytes { get; }

    public int OriginalSlots { get; }

    public int OriginalRowBytes { get; }

    public int QuantisedSlots { get; private init; }

    public int QuantisedRowBytes { get; }

    public int CodeBytes { get; }

    public int GroupBytes { get; }

    /// <summary>Slots of a page in either state at most.</summary>
    public int MostSlots => Math.Max(OriginalSlots, QuantisedSlots);

    public int ValueOffset => OriginalSlots * HeadDim * DType.SizeOf();

    public int ValueCodeOffset => QuantisedSlots * CodeBytes;

    public int GroupOffset => 2 * QuantisedSlots * CodeBytes;

    public int ValueGroupOffset => GroupOffset + (QuantisedSlots * GroupBytes);

    public int ScaleOffset => (GroupOffset + (2 * QuantisedSlots * GroupBytes) + 3) & ~3;

    public int ValueScaleOffset => ScaleOffset + (4 * QuantisedSlots);

    /// <summary>Whether a page can hold what it has to.</summary>
    public bool IsUsable => OriginalSlots >= 1 && (Format is null || QuantisedSlots >= 1);
}
