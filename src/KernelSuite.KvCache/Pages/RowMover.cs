using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using KernelSuite.Operations;
using KernelSuite.Operations.KvStorage;
using KernelSuite.Runtime;

namespace KernelSuite.KvCache;

/// <summary>Changes which rows of a layer are in full, quantised or gone. Only downwards: original to quantised, either to evicted.</summary>
internal sealed class RowMover(PagedStore store)
{
    private readonly DeviceSlice[] compact = new DeviceSlice[9], quantise = new DeviceSlice[9];

    /// <summary>Of each head: rows that the next launch takes, and where the first of them goes.</summary>
    private readonly int[] counts = new int[store.Layout.Shape.KvHeads], starts = new int[store.Layout.Shape.KvHeads];

    /// <summary>
    /// Keeps some rows of a layer's heads, quantises some originals and evicts everything else. Afterwards the originals are those kept in their
    /// order, the quantised rows those kept and then the demoted ones, both in their order. The caller uploads nothing.
    /// </summary>
    /// <param name="stream">The stream.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="tables">Each head's fates; used up.</param>
    public void Reshape(DeviceStream stream, int layer, VerdictTables tables)
    {
        int most = 0;
        for (int h = 0; h < counts.Length; h++)
            most = Math.Max(most, Math.Max(store.Originals(layer, h).Count, store.Quantised(layer, h)?.Count ?? 0));
        int[] indices = ArrayPool<int>.Shared.Rent(most);
        if (store.Layout.Geometry.Format is not null) Compact(stream, layer, tables, indices, isQuantised: true);

        // A page of originals becomes free only when its rows are quantised, and these need pages: so in rounds, each as long as the free pages
        // allow. Between rounds no head holds more pages than before the first, and the pool has one more than all may hold: the first head that
        // still waits gets it, and frees at least as many as it got, since rows shrink.
        bool more;
        do
        {
            more = Reserve(layer, tables, out bool any);
            if (any) Quantise(stream, layer, tables, indices);
            Compact(stream, layer, tables, indices, isQuantised: false);
        }
        while (more);
        ArrayPool<int>.Shared.Return(indices);
        store.Upload(stream, layer, tables: true);
    }

    /// <summary>Takes pages for the rows to quantise: of each head as many as there is room for.</summary>
    /// <returns>Whether rows must wait for another round.</returns>
    private bool Reserve(int layer, VerdictTables tables, out bool any)
    {
        any = false;
        bool more = false;
        for (int h = 0; h < counts.Length; h++)
        {
            counts[h] = 0;
            int waiting = tables.Fates(h)[..store.Originals(layer, h).Count].Count(RowFate.Demote);
            if (waiting == 0) continue;
            RowList quantised = store.Quantised(layer, h)!;
            int pages = Math.Min(store.Pool.Free, quantised.Columns - quantised.PageCount);
            int room = quantised.Capacity - quantised.Count + (pages * quantised.PageSlots);
            (counts[h], starts[h]) = (Math.Min(waiting, room), quantised.Count);
            quantised.Reserve(starts[h] + counts[h], store.Pool);
            any |= counts[h] > 0;
            more |= counts[h] < waiting;
        }

        if (more && !any) throw new InvalidOperationException("No page is free to begin a demotion: a page was leaked.");
        return more;
    }

    private void Quantise(DeviceStream stream, int layer, VerdictTables tables, int[] indices)
    {
        PageGeometry g = store.Layout.Geometry;
        int heads = store.Plans.OriginalHeads, capacity = store.Layout.OriginalCapacity;
        store.Upload(stream, layer, tables: true);
        for (int first = 0; first < counts.Length; first += heads)
        {
            if (counts.AsSpan(first, heads).IndexOfAnyExcept(0) < 0) continue;
            for (int h = first; h < first + heads; h++)
            {
                RowList originals = store.Originals(layer, h), quantised = store.Quantised(layer, h)!;
                int found = Take(tables.Fates(h)[..originals.Count], counts[h], indices);
                for (int i = 0; i < found; i++) quantised.SetPosition(starts[h] + i, originals.Position(indices[i]));
                if (found > 0) quantised.Count = starts[h] + found;
                WriteIndices(stream, indices.AsSpan(0, found), h - first, capacity);
            }

            WriteCounts(stream, first, heads, capacity);
            quantise[KvQuantizeProblem.PageTable] = store.Table(layer, first);
            quantise[KvQuantizeProblem.Rows] = new DeviceSlice(store.Scratch, 0);
            quantise[KvQuantizeProblem.Counts] = new DeviceSlice(store.Scratch, (long)heads * capacity);
            quantise[KvQuantizeProblem.Start] = new DeviceSlice(store.Scratch, (heads * (long)capacity) + heads);
            quantise[KvQuantizeProblem.TargetPageTable] = store.QuantisedTable(layer, first);
            QuantisedOperands.Set(quantise, store, values: false);
            quantise[KvQuantizeProblem.X] = store.Part(0, g.DType.SizeOf());
            store.Plans.Quantise!.Launch(stream, quantise);
            QuantisedOperands.Set(quantise, store, values: true);
            quantise[KvQuantizeProblem.X] = store.Part(g.ValueOffset, g.DType.SizeOf());
            store.Plans.Quantise!.Launch(stream, quantise);
        }
    }

    /// <summary>Closes the gaps that evicted rows, and rows already quantised, leave in the lists of one state.</summary>
    private void Compact(DeviceStream stream, int layer, VerdictTables tables, int[] indices, bool isQuantised)
    {
        PageGeometry g = store.Layout.Geometry;
        int heads = isQuantised ? store.Plans.QuantisedHeads : store.Plans.OriginalHeads;
        int capacity = isQuantised ? store.Layout.QuantisedCapacity : store.Layout.OriginalCapacity;
        for (int first = 0; first < counts.Length; first += heads)
        {
            bool any = false;
            for (int h = first; h < first + heads; h++)
            {
                int originals = store.Originals(layer, h).Count;
                RowList list = isQuantised ? store.Quantised(layer, h)! : store.Originals(layer, h);
                Span<RowFate> fates = tables.Fates(h).Slice(isQuantised ? originals : 0, list.Count);
                int stay = Stay(fates, indices);
                counts[h] = stay < fates.Length ? stay : 0;
                if (stay == fates.Length) continue;
                any |= stay > 0;
                WriteIndices(stream, indices.AsSpan(0, stay), h - first, capacity);
                list.Compact(fates, store.Pool);
            }

            if (!any) continue;
            WriteCounts(stream, first, heads, capacity);
            compact[KvCompactProblem.Keep] = new DeviceSlice(store.Scratch, 0);
            compact[KvCompactProblem.Counts] = new DeviceSlice(store.Scratch, (long)heads * capacity);
            compact[KvCompactProblem.PageTable] = isQuantised ? store.QuantisedTable(layer, first) : store.Table(layer, first);
            if (!isQuantised)
            {
                Move(stream, store.Plans.CompactRows!, 0, g.ValueOffset, g.DType.SizeOf());
                continue;
            }

            Move(stream, store.Plans.CompactCodes!, 0, g.ValueCodeOffset, 1);
            if (g.GroupBytes > 0) Move(stream, store.Plans.CompactGroups!, g.GroupOffset, g.ValueGroupOffset, 1);
            Move(stream, store.Plans.CompactScales!, g.ScaleOffset, g.ValueScaleOffset, sizeof(float));
        }
    }

    private void Move(DeviceStream stream, OperationPlan plan, int keys, int values, int size)
    {
        compact[KvCompactProblem.K] = compact[KvCompactProblem.KOut] = store.Part(keys, size);
        compact[KvCompactProblem.V] = compact[KvCompactProblem.VOut] = store.Part(values, size);
        plan.Launch(stream, compact);
    }

    /// <summary>Slots of rows that do not go.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Stay(ReadOnlySpan<RowFate> fates, Span<int> slots)
    {
        int found = 0;
        for (int i = 0; i < fates.Length; i++)
        {
            if (fates[i] != RowFate.Evict) slots[found++] = i;
        }

        return found;
    }

    /// <summary>Slots of the first rows to quantise, which are then as good as gone.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Take(Span<RowFate> fates, int count, Span<int> slots)
    {
        int found = 0;
        for (int i = 0; found < count; i++)
        {
            if (fates[i] != RowFate.Demote) continue;
            fates[i] = RowFate.Evict;
            slots[found++] = i;
        }

        return found;
    }

    private void WriteIndices(DeviceStream stream, ReadOnlySpan<int> indices, int row, int capacity)
    {
        if (!indices.IsEmpty) stream.WriteBytes(MemoryMarshal.AsBytes(indices), store.Scratch!, 4L * row * capacity);
    }

    private void WriteCounts(DeviceStream stream, int first, int heads, int capacity)
    {
        stream.WriteBytes(MemoryMarshal.AsBytes(counts.AsSpan(first, heads)), store.Scratch!, 4L * heads * capacity);
        stream.WriteBytes(MemoryMarshal.AsBytes(starts.AsSpan(first, heads)), store.Scratch!, (4L * heads * capacity) + (4L * heads));
    }
}
