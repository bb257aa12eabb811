using System.Runtime.InteropServices;
using KernelSuite.Operations.Decode;
using KernelSuite.Operations.KvStorage;
using KernelSuite.Runtime;

namespace KernelSuite.KvCache;

/// <summary>Changes which rows of a head are in full, quantised or gone. Only downwards: original to quantised, either to evicted.</summary>
internal sealed class RowMover(PagedStore store)
{
    private readonly DeviceSlice[] compact = new DeviceSlice[9];
    private readonly DeviceSlice[] quantise = new DeviceSlice[9];

    /// <summary>
    /// Keeps some originals, quantises others, keeps some quantised rows and evicts everything else. Afterwards the originals are those kept in their order, the
    /// quantised rows those kept and then the demoted ones, both in their order. The caller uploads nothing.
    /// </summary>
    /// <param name="stream">The stream.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="head">The KV head.</param>
    /// <param name="keep">Slots of originals that stay, ascending.</param>
    /// <param name="demote">Slots of originals to quantise, ascending, disjoint from <paramref name="keep"/>.</param>
    /// <param name="keepQuantised">Slots of quantised rows that stay, ascending.</param>
    public void Reshape(DeviceStream stream, int layer, int head, ReadOnlySpan<int> keep, ReadOnlySpan<int> demote, ReadOnlySpan<int> keepQuantised)
    {
        RowList originals = store.Originals(layer, head);
        RowList? quantised = store.Quantised(layer, head);
        if (quantised is not null && keepQuantised.Length < quantised.Count) Compact(stream, layer, head, quantised, keepQuantised, isQuantised: true);

        // Slots of originals that still wait, under the numbers that they have now.
        int[] stay = Merge(keep, demote, out bool[] goes);
        if (demote.IsEmpty)
        {
            if (stay.Length < originals.Count) Compact(stream, layer, head, originals, stay, isQuantised: false);
            store.Upload(stream, layer, tables: true);
            return;
        }

        // A page of originals becomes free only when its rows are quantised, and these need pages: so in rounds, each as long as the free pages allow. The
        // pool has one page more than all heads may hold, and rows shrink: every round frees more than the one before.
        while (true)
        {
            int waiting = goes.Count(g => g);
            int room = quantised!.Capacity - quantised.Count + (Math.Min(store.Pool.Free, quantised.Columns - quantised.PageCount) * quantised.PageSlots);
            int count = Math.Min(waiting, room);
            if (count == 0 && waiting > 0) throw new InvalidOperationException("No page is free to begin a demotion: a page was leaked.");
            var rows = new int[count];
            for (int i = 0, taken = 0; taken < count; i++)
            {
                if (goes[i]) rows[taken++] = i;
            }

            int[] slots = [.. rows.Select(i => stay[i])];
            Quantise(stream, layer, head, originals, quantised, slots);
            var remaining = new List<int>(stay.Length);
            var remainingGoes = new List<bool>(stay.Length);
            for (int i = 0, next = 0; i < stay.Length; i++)
            {
                if (next < count && rows[next] == i)
                {
                    next++;
                    continue;
                }

                remaining.Add(stay[i]);
                remainingGoes.Add(goes[i]);
            }

            Compact(stream, layer, head, originals, CollectionsMarshal.AsSpan(remaining), isQuantised: false);
            if (count == waiting) break;
            stay = [.. Enumerable.Range(0, remaining.Count)];
            goes = [.. remainingGoes];
        }

        store.Upload(stream, layer, tables: true);
    }

    private static int[] Merge(ReadOnlySpan<int> keep, ReadOnlySpan<int> demote, out bool[] isDemoted)
    {
        var all = new int[keep.Length + demote.Length];
        isDemoted = new bool[all.Length];
        for (int i = 0, a = 0, b = 0; i < all.Length; i++)
        {
            bool second = a == keep.Length || (b < demote.Length && demote[b] < keep[a]);
            all[i] = second ? demote[b++] : keep[a++];
            isDemoted[i] = second;
        }

        return all;
    }

    private void Compact(DeviceStream stream, int layer, int head, RowList list, ReadOnlySpan<int> keep, bool isQuantised)
    {
        PageGeometry g = store.Layout.Geometry;
        if (!keep.IsEmpty)
        {
            int capacity = isQuantised ? store.Layout.QuantisedCapacity : store.Layout.OriginalCapacity;
            WriteIndices(stream, keep, capacity, 0);
            compact[KvCompactProblem.Keep] = new DeviceSlice(store.Scratch, 0);
            compact[KvCompactProblem.Counts] = new DeviceSlice(store.Scratch, capacity);
            compact[KvCompactProblem.PageTable] = isQuantised ? store.QuantisedTable(layer, head) : store.Table(layer, head);
            if (!isQuantised)
            {
                Move(stream, store.Plans.CompactRows!, 0, g.ValueOffset, g.DType.SizeOf());
            }
            else
            {
                Move(stream, store.Plans.CompactCodes!, 0, g.ValueCodeOffset, 1);
                if (g.GroupBytes > 0) Move(stream, store.Plans.CompactGroups!, g.GroupOffset, g.ValueGroupOffset, 1);
                Move(stream, store.Plans.CompactScales!, g.ScaleOffset, g.ValueScaleOffset, sizeof(float));
            }
        }

        for (int i = 0; i < keep.Length; i++) list.SetPosition(i, list.Position(keep[i]));
        list.Count = keep.Length;
        list.Shrink(store.Pool);
    }

    private void Move(DeviceStream stream, Operations.OperationPlan plan, int keys, int values, int size)
    {
        compact[KvCompactProblem.K] = compact[KvCompactProblem.KOut] = store.Part(keys, size);
        compact[KvCompactProblem.V] = compact[KvCompactProblem.VOut] = store.Part(values, size);
        plan.Launch(stream, compact);
    }

    private void Quantise(DeviceStream stream, int layer, int head, RowList originals, RowList quantised, ReadOnlySpan<int> slots)
    {
        if (slots.IsEmpty) return;
        PageGeometry g = store.Layout.Geometry;
        int capacity = store.Layout.OriginalCapacity;
        int start = quantised.Count;
        quantised.Reserve(start + slots.Length, store.Pool);
        store.Upload(stream, layer, tables: true);
        WriteIndices(stream, slots, capacity, start);
        quantise[KvQuantizeProblem.PageTable] = store.Table(layer, head);
        quantise[KvQuantizeProblem.Rows] = new DeviceSlice(store.Scratch, 0);
        quantise[KvQuantizeProblem.Counts] = new DeviceSlice(store.Scratch, capacity);
        quantise[KvQuantizeProblem.Start] = new DeviceSlice(store.Scratch, capacity + 1);
        quantise[KvQuantizeProblem.TargetPageTable] = store.QuantisedTable(layer, head);
        QuantisedOperands.Set(quantise, store, values: false);
        quantise[KvQuantizeProblem.X] = store.Part(0, g.DType.SizeOf());
        store.Plans.Quantise!.Launch(stream, quantise);
        QuantisedOperands.Set(quantise, store, values: true);
        quantise[KvQuantizeProblem.X] = store.Part(g.ValueOffset, g.DType.SizeOf());
        store.Plans.Quantise!.Launch(stream, quantise);
        for (int i = 0; i < slots.Length; i++) quantised.SetPosition(start + i, originals.Position(slots[i]));
        quantised.Count = start + slots.Length;
    }

    private void WriteIndices(DeviceStream stream, ReadOnlySpan<int> indices, int capacity, int start)
    {
        stream.WriteBytes(MemoryMarshal.AsBytes(indices), store.Scratch!, 0);
        stream.WriteBytes(MemoryMarshal.AsBytes((ReadOnlySpan<int>)[indices.Length, start]), store.Scratch!, 4L * capacity);
    }
}

/// <summary>The parts of quantised pages as operands.</summary>
internal static class QuantisedOperands
{
    /// <summary>Sets the destination of a quantisation to the pages' keys or values.</summary>
    public static void Set(Span<DeviceSlice> operands, PagedStore store, bool values)
    {
        PageGeometry g = store.Layout.Geometry;
        operands[KvQuantizeProblem.Codes] = store.Part(values ? g.ValueCodeOffset : 0, 1);
        operands[KvQuantizeProblem.Groups] = g.GroupBytes == 0 ? default : store.Part(values ? g.ValueGroupOffset : g.GroupOffset, 1);
        operands[KvQuantizeProblem.Scales] = store.Part(values ? g.ValueScaleOffset : g.ScaleOffset, sizeof(float));
    }

    /// <summary>Sets the quantised segment of an attention.</summary>
    public static void SetSegment(Span<DeviceSlice> operands, PagedStore store, int layer, int head)
    {
        PageGeometry g = store.Layout.Geometry;
        if (g.Format is null) return;
        operands[DecodeProblem.KCodes] = store.Part(0, 1);
        operands[DecodeProblem.VCodes] = store.Part(g.ValueCodeOffset, 1);
        if (g.GroupBytes > 0)
        {
            operands[DecodeProblem.KGroups] = store.Part(g.GroupOffset, 1);
            operands[DecodeProblem.VGroups] = store.Part(g.ValueGroupOffset, 1);
        }

        operands[DecodeProblem.KScales] = store.Part(g.ScaleOffset, sizeof(float));
        operands[DecodeProblem.VScales] = store.Part(g.ValueScaleOffset, sizeof(float));
        operands[DecodeProblem.QuantisedPageTable] = store.QuantisedTable(layer, head);
        operands[DecodeProblem.QuantisedLengths] = store.QuantisedLengths(layer, head);
    }
}
