using KernelSuite.Operations.Attention;

namespace KernelSuite.Operations.Decode.Cpu;

/// <summary>Where the slots of one sequence lie in one segment: the address rule of the cpu kernels.</summary>
internal readonly unsafe struct SegmentRows
{
    private readonly int* table;
    private readonly int pageSize, pages, batch;
    private readonly string tableName;

    /// <param name="segment">The segment.</param>
    /// <param name="pageTable">Its page table [B,M]; unused without paging.</param>
    /// <param name="batch">The sequence.</param>
    /// <param name="tableName">The table's name, for errors.</param>
    public SegmentRows(DecodeSegment segment, int* pageTable, int batch, string tableName)
    {
        this.batch = batch;
        this.tableName = tableName;
        if (segment.Paging is not { } paging)
        {
            pageSize = int.MaxValue;
            return;
        }

        pageSize = paging.PageSize;
        pages = paging.Pages;
        table = pageTable + ((long)batch * paging.PagesPerSequence);
    }

    /// <summary>The block (page or sequence) of a slot, the slot's row in it, and how many rows follow in that block, this one included.</summary>
    /// <exception cref="ArgumentException">The page is not in the pool.</exception>
    public (long Block, int Row, int Run) Find(int slot)
    {
        if (table == null) return (batch, slot, int.MaxValue);
        (int index, int row) = Math.DivRem(slot, pageSize);
        int page = table[index];
        if ((uint)page >= (uint)pages) ThrowPage(page, index);
        return (page, row, pageSize - row);
    }

    private void ThrowPage(int page, int index) => throw new ArgumentException(
        $"'{tableName}'[{batch}, {index}] is page {page}, and slots of sequence {batch} lie on it. Expected 0 to {pages - 1}.", tableName);
}
