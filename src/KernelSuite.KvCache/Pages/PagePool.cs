namespace KernelSuite.KvCache;

/// <summary>The pages of a slab that nobody uses. Lowest ids first, so that a cache that is not full touches little memory.</summary>
internal sealed class PagePool
{
    private readonly int[] free;
    private readonly bool[] used;

    public PagePool(int pages)
    {
        free = new int[pages];
        used = new bool[pages];
        for (int i = 0; i < pages; i++) free[i] = pages - 1 - i;
        Free = pages;
    }

    public int Total => free.Length;

    public int Free { get; private set; }

    /// <summary>Bytes of bookkeeping a page.</summary>
    public const int BytesPerPage = sizeof(int) + sizeof(bool);

    public int Take()
    {
        if (Free == 0) throw new InvalidOperationException("The page pool is empty: the quotas of the heads add up to more than it has.");
        int page = free[--Free];
        used[page] = true;
        return page;
    }

    public void Return(int page)
    {
        if (!used[page]) throw new InvalidOperationException($"Page {page} is returned twice.");
        used[page] = false;
        free[Free++] = page;
    }
}
