namespace KernelSuite.Operations.Launching;

/// <summary>
/// Where the rows of a cached tensor lie on the managed device, paged or not; strides in bytes. A page id that is not in the pool gives no address, so that a table
/// can hold anything.
/// </summary>
internal unsafe struct RowAddress
{
    public byte* Base;
    public int* Table;
    public long BatchStride, HeadStride, RowStride;

    /// <summary>Slots of a page; 0 where the tensor is not paged.</summary>
    public int PageSize;

    public int PagesPerSequence, Pages;

    public static RowAddress Of(
        KvStorage.KvPaging? paging, Attention.TensorStrides strides, int elementSize) => new()
        {
            BatchStride = strides.Batch * elementSize,
            HeadStride = strides.Head * elementSize,
            RowStride = strides.Row * elementSize,
            PageSize = paging?.PageSize ?? 0,
            PagesPerSequence = paging?.PagesPerSequence ?? 0,
            Pages = paging?.Pages ?? 0,
        };

    /// <summary>Address of a row, or null where its page is not in the pool. The slot lies within the tensor: the caller has looked.</summary>
    public readonly byte* Row(int batch, int head, int slot)
    {
        byte* start = Base + (head * HeadStride);
        if (PageSize == 0) return start + (batch * BatchStride) + (slot * RowStride);
        (int column, int row) = Math.DivRem(slot, PageSize);
        int page = Table[((long)batch * PagesPerSequence) + column];
        return (uint)page < (uint)Pages ? start + (page * BatchStride) + (row * RowStride) : null;
    }
}
