namespace KernelSuite.Operations.KvStorage;

/// <summary>From a stored row back to the slot it holds, for references. Dull: it searches the table.</summary>
internal static class StoredSlots
{
    /// <summary>Sequence, head and slot of a stored row; null where no sequence owns it.</summary>
    public static (int Batch, int Head, int Slot)? Owner(long stored, int batch, int heads, int slots, KvPaging? paging, ReadOnlySpan<int> table)
    {
        (long page, int head, int row) = KvOperands.Locate(stored, heads, paging?.PageSize ?? slots);
        if (paging is null) return ((int)page, head, row);
        for (int b = 0; b < batch; b++)
        {
            for (int m = 0; m < paging.PagesPerSequence; m++)
            {
                long slot = ((long)m * paging.PageSize) + row;
                if (table[(b * paging.PagesPerSequence) + m] == page && slot < slots) return (b, head, (int)slot);
            }
        }

        return null;
    }

    /// <summary>First element of a slot's row, or -1 where its page is not in the pool.</summary>
    public static long Offset(Attention.TensorStrides strides, int batch, int head, int slot, KvPaging? paging, ReadOnlySpan<int> table)
    {
        if (paging is null) return KvOperands.Offset(strides, batch, head, slot);
        int page = table[(batch * paging.PagesPerSequence) + (slot / paging.PageSize)];
        return page < 0 || page >= paging.Pages ? -1 : KvOperands.Offset(strides, page, head, slot % paging.PageSize);
    }
}
