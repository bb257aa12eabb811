namespace KernelSuite.Operations.KvStorage;

/// <summary>
/// Where the rows of a cached tensor lie. Slot j of sequence b is row j % PageSize of page table[b, j / PageSize]; a page holds all KV heads:
/// [Pages, Hk, PageSize, D]. A tensor without paging is [B, Hk, N, D]. Entries of the table past a sequence's length are never read as pages, whatever they hold.
/// </summary>
/// <param name="Pages">Pages of the pool, 0 or more.</param>
/// <param name="PageSize">Slots of a page, 1 to 1024; need not be a power of two.</param>
/// <param name="PagesPerSequence">Columns of the table: a sequence holds at most PagesPerSequence * PageSize slots.</param>
public sealed record KvPaging(int Pages, int PageSize, int PagesPerSequence)
{
    /// <summary>Largest page.</summary>
    public const int MaxPageSize = 1024;

    /// <summary>Most slots of a sequence.</summary>
    public long Capacity => (long)PagesPerSequence * PageSize;

    internal void Validate(string name)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(Pages, name);
        ArgumentOutOfRangeException.ThrowIfNegative(PagesPerSequence, name);
        if (PageSize is < 1 or > MaxPageSize) throw new ArgumentOutOfRangeException(name, PageSize, $"The page size is {PageSize}. Expected 1 to {MaxPageSize} slots.");
        if (Capacity > 1 << 30) throw new ArgumentOutOfRangeException(name, Capacity, $"A sequence would have {Capacity} slots. Expected at most 2^30.");
    }
}
