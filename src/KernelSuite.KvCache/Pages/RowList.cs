using System.Runtime.CompilerServices;

namespace KernelSuite.KvCache;

/// <summary>
/// The rows of one (layer, KV head, state): a length and a row of a page table, both in the host's copy of the layer's control block, which is what goes to the device.
/// </summary>
internal sealed class RowList(int[] control, int lengthIndex, int tableIndex, int columns, int slots, int[] positions, int mostSlots)
{
    /// <summary>Rows.</summary>
    public int Count
    {
        get => control[lengthIndex];
        set => control[lengthIndex] = value;
    }

    /// <summary>Pages.</summary>
    public int PageCount { get; private set; }

    /// <summary>Rows that the pages hold.</summary>
    public int Capacity => PageCount * slots;

    /// <summary>Slots of a page in this state.</summary>
    public int PageSlots => slots;

    /// <summary>Pages that the table has room for.</summary>
    public int Columns => columns;

    public int Page(int index) => control[tableIndex + index];

    /// <summary>Page and row of a slot.</summary>
    public (int Page, int Row) Locate(int slot) => (control[tableIndex + (slot / slots)], slot % slots);

    public int Position(int slot)
    {
        (int page, int row) = Locate(slot);
        return positions[(page * mostSlots) + row];
    }

    public void SetPosition(int slot, int position)
    {
        (int page, int row) = Locate(slot);
        positions[(page * mostSlots) + row] = position;
    }

    /// <summary>Writes the positions of all rows, by slot.</summary>
    public void CopyPositions(Span<int> target)
    {
        for (int from = 0; from < Count; from += slots)
        {
            int rows = Math.Min(slots, Count - from);
            positions.AsSpan(Page(from / slots) * mostSlots, rows).CopyTo(target[from..]);
        }
    }

    /// <summary>
    /// Closes up over the rows that go: the others take the lowest slots in their order, in <paramref name="fates"/> too. Pages that are then empty
    /// go back to the pool.
    /// </summary>
    /// <param name="fates">By slot.</param>
    /// <param name="pool">The pages.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Compact(Span<RowFate> fates, PagePool pool)
    {
        int kept = 0, target = 0, left = 0;
        for (int from = 0; from < Count;)
        {
            int source = Page(from / slots) * mostSlots;
            int end = Math.Min(from + slots, Count);
            for (; from < end; from++, source++)
            {
                if (fates[from] == RowFate.Evict) continue;
                if (left == 0) (target, left) = (Page(kept / slots) * mostSlots, slots);
                positions[target++] = positions[source];
                left--;
                fates[kept++] = fates[from];
            }
        }

        Count = kept;
        Shrink(pool);
    }

    /// <summary>Takes pages until <paramref name="rows"/> rows fit.</summary>
    /// <returns>Whether the table changed.</returns>
    public bool Reserve(int rows, PagePool pool)
    {
        bool changed = false;
        while (Capacity < rows)
        {
            if (PageCount == columns) throw new InvalidOperationException($"A page table of {columns} columns is full.");
            AddPage(pool.Take());
            changed = true;
        }

        return changed;
    }

    /// <summary>Appends a page that was taken already.</summary>
    public void AddPage(int page) => control[tableIndex + PageCount++] = page;

    /// <summary>Gives back the pages that no row lies in.</summary>
    public void Shrink(PagePool pool)
    {
        while (PageCount > 0 && Count <= (PageCount - 1) * slots) pool.Return(control[tableIndex + --PageCount]);
    }
}
