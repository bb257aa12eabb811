using System.Runtime.InteropServices;
using KernelSuite.Runtime;

namespace KernelSuite.KvCache;

/// <summary>Saves and restores what a <see cref="PagedStore"/> holds: rows in order with their positions, not pages. Where pages lie changes no result.</summary>
internal static class PagedState
{
    /// <summary>Reads the sizes that a store must be made with.</summary>
    public static CacheLayout ReadLayout(KvFileReader reader, KvFileHeader header)
    {
        KvRules rules = header.Policy.Rules;
        int slots = reader.ReadInt32("page size", 1, PageGeometry.LargestSlots);
        var geometry = new PageGeometry(header.Shape.HeadDim, header.Shape.DType, rules.Format, slots);
        if (!geometry.IsUsable) throw new KvCacheFormatException($"The saved cache has pages of {slots} slots, which hold no quantised row.");
        long least = (long)header.Shape.Layers * SegmentTargets.LeastPages(rules, geometry);
        long most = Math.Min((int.MaxValue - 1) / header.Shape.KvHeads, Math.Min(header.BudgetBytes / geometry.PageBytes, (1L << 29) / geometry.MostSlots));
        if (least > most) throw new KvCacheFormatException($"The saved cache's budget of {header.BudgetBytes} bytes does not hold its layers.");
        CacheLayout layout = CacheLayout.Exact(header.Shape, rules, slots, reader.ReadInt32("number of pages", (int)least, (int)most));
        if (layout.Bytes > header.BudgetBytes) throw new KvCacheFormatException($"The saved cache takes {layout.Bytes} bytes, its budget is {header.BudgetBytes}.");
        return layout;
    }

    public static void Save(
        DeviceStream stream, KvFileWriter writer, PagedStore store, double[] weights, (double Entropy, double Variance, double Kurtosis)[] sums, int promptTokens, int purges)
    {
        writer.Write(store.Layout.Geometry.OriginalSlots);
        writer.Write(store.Layout.LayerPages);
        writer.Write(promptTokens);
        writer.Write(purges);
        for (int l = 0; l < weights.Length; l++)
        {
            writer.Write(weights[l]);
            writer.Write(sums[l].Entropy);
            writer.Write(sums[l].Variance);
            writer.Write(sums[l].Kurtosis);
        }

        for (int l = 0; l < weights.Length; l++)
        {
            for (int h = 0; h < store.Layout.Shape.KvHeads; h++)
            {
                foreach ((RowList list, (int Offset, int Bytes)[] parts, long sum) in Lists(store, l, h)) SaveList(stream, writer, store, list, parts, sum);
            }
        }
    }

    /// <summary>Reads into an empty store.</summary>
    /// <returns>Tokens of the prompt, and purges so far.</returns>
    public static (int PromptTokens, int Purges) Restore(
        DeviceStream stream, KvFileReader reader, PagedStore store, int position, double[] weights, (double Entropy, double Variance, double Kurtosis)[] sums)
    {
        int promptTokens = reader.ReadInt32("number of prompt tokens", 0, Math.Max(position, 0));
        int purges = reader.ReadInt32("number of purges", 0, int.MaxValue);
        for (int l = 0; l < weights.Length; l++)
        {
            weights[l] = reader.ReadDouble("layer weight");
            if (!double.IsFinite(weights[l]) || weights[l] < 0) throw new KvCacheFormatException($"The saved cache gives layer {l} the weight {weights[l]}. Expected a finite number, 0 or more.");
            sums[l] = (reader.ReadDouble("entropy"), reader.ReadDouble("variance"), reader.ReadDouble("kurtosis"));
        }

        for (int l = 0; l < weights.Length; l++)
        {
            for (int h = 0; h < store.Layout.Shape.KvHeads; h++)
            {
                var seen = new HashSet<int>();
                foreach ((RowList list, (int Offset, int Bytes)[] parts, long sum) in Lists(store, l, h)) RestoreList(stream, reader, store, list, parts, sum, position, seen);
                if (store.Originals(l, h).Count != store.Originals(l, 0).Count || store.Quantised(l, h)?.Count != store.Quantised(l, 0)?.Count)
                    throw new KvCacheFormatException($"The saved cache gives the KV heads of layer {l} different numbers of rows.");
            }

            store.Upload(stream, l, tables: true);
        }

        return (promptTokens, purges);
    }

    /// <summary>Checks that no head holds more than its part.</summary>
    public static void CheckQuotas(PagedStore store, int[] quotas)
    {
        for (int l = 0; l < quotas.Length; l++)
        {
            if (store.PagesHeld(l, 0) > quotas[l]) throw new KvCacheFormatException($"The saved cache's layer {l} holds {store.PagesHeld(l, 0)} pages a head, its part of the budget is {quotas[l]}.");
        }
    }

    private static IEnumerable<(RowList List, (int Offset, int Bytes)[] Parts, long Sum)> Lists(PagedStore store, int layer, int head)
    {
        PageGeometry g = store.Layout.Geometry;
        int row = g.HeadDim * g.DType.SizeOf();
        long sums = store.Accumulators is null ? -1 : (((long)layer * store.Layout.Shape.KvHeads) + head) * store.Layout.TotalSlots;
        yield return (store.Originals(layer, head), [(0, row), (g.ValueOffset, row)], sums);
        if (store.Quantised(layer, head) is { } quantised)
        {
            yield return (
                quantised,
                [(0, g.CodeBytes), (g.ValueCodeOffset, g.CodeBytes), (g.GroupOffset, g.GroupBytes), (g.ValueGroupOffset, g.GroupBytes), (g.ScaleOffset, 4), (g.ValueScaleOffset, 4)],
                sums < 0 ? -1 : sums + store.Layout.OriginalCapacity);
        }
    }

    private static void SaveList(DeviceStream stream, KvFileWriter writer, PagedStore store, RowList list, (int Offset, int Bytes)[] parts, long sum)
    {
        writer.Write(list.Count);
        for (int i = 0; i < list.Count; i++) writer.Write(list.Position(i));
        var buffer = new byte[store.Layout.Geometry.PageBytes];
        for (int from = 0; from < list.Count; from += list.PageSlots)
        {
            int rows = Math.Min(list.PageSlots, list.Count - from);
            foreach ((int offset, int bytes) in parts)
            {
                Span<byte> part = buffer.AsSpan(0, rows * bytes);
                stream.ReadBytes(store.Slab, ((long)list.Page(from / list.PageSlots) * store.Layout.Geometry.PageBytes) + offset, part);
                writer.Write(part);
            }
        }

        if (sum < 0) return;
        var sums = new float[list.Count];
        stream.ReadBytes(store.Accumulators!, 4 * sum, MemoryMarshal.AsBytes(sums.AsSpan()));
        writer.Write(MemoryMarshal.AsBytes(sums.AsSpan()));
    }

    private static void RestoreList(
        DeviceStream stream, KvFileReader reader, PagedStore store, RowList list, (int Offset, int Bytes)[] parts, long sum, int position, HashSet<int> seen)
    {
        int count = reader.ReadInt32("number of rows", 0, list.Columns * list.PageSlots);
        if ((count + list.PageSlots - 1) / list.PageSlots > store.Pool.Free) throw new KvCacheFormatException("The saved cache has more rows than its pages hold.");
        list.Reserve(count, store.Pool);
        list.Count = count;
        for (int i = 0; i < count; i++)
        {
            int at = reader.ReadInt32("position of a row", 0, Math.Max(position - 1, 0));
            if (!seen.Add(at)) throw new KvCacheFormatException($"The saved cache holds position {at} twice in one head.");
            list.SetPosition(i, at);
        }

        var buffer = new byte[store.Layout.Geometry.PageBytes];
        for (int from = 0; from < count; from += list.PageSlots)
        {
            int rows = Math.Min(list.PageSlots, count - from);
            foreach ((int offset, int bytes) in parts)
            {
                Span<byte> part = buffer.AsSpan(0, rows * bytes);
                reader.Read(part, "rows");
                stream.WriteBytes(part, store.Slab, ((long)list.Page(from / list.PageSlots) * store.Layout.Geometry.PageBytes) + offset);
            }
        }

        if (sum < 0) return;
        var sums = new float[count];
        reader.Read(MemoryMarshal.AsBytes(sums.AsSpan()), "sums");
        stream.WriteBytes(MemoryMarshal.AsBytes(sums.AsSpan()), store.Accumulators!, 4 * sum);
    }
}
