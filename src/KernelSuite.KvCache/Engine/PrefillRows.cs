using System.Runtime.InteropServices;
using KernelSuite.Operations.Attention;
using KernelSuite.Operations.KvStorage;
using KernelSuite.Runtime;

namespace KernelSuite.KvCache;

/// <summary>Moves a prompt's rows from the caller's tensors into pages: those to keep in full by way of a buffer of one layer, the others quantised at once.</summary>
internal sealed class PrefillRows : IDisposable
{
    private readonly PagedStore store;
    private readonly int most, mostQuantised;
    private readonly KvCompactPlan gather;
    private readonly KvQuantizePlan? quantise;
    private readonly DeviceMemory keys, values;
    private readonly DeviceBuffer<int> indices;
    private readonly DeviceSlice[] gatherOperands = new DeviceSlice[9], quantiseOperands = new DeviceSlice[9];

    public PrefillRows(PagedStore store, int tokens)
    {
        this.store = store;
        CacheLayout layout = store.Layout;
        PageGeometry g = layout.Geometry;
        int heads = layout.Shape.KvHeads;
        most = Math.Min(tokens, layout.OriginalCapacity);
        mostQuantised = Math.Min(tokens, layout.QuantisedCapacity);

        // The caller's rows are [n, Hk, D].
        var source = new TensorStrides((long)tokens * heads * g.HeadDim, g.HeadDim, (long)heads * g.HeadDim);
        gather = KvCompactPlan.Create(store.Device, new KvCompactProblem(
            new KvCompactShape(1, heads, tokens, most, g.HeadDim, g.HeadDim), g.DType, null,
            new KvCompactLayout { K = source, V = source, KOut = TensorStrides.HeadMajor(heads, most, g.HeadDim), VOut = TensorStrides.HeadMajor(heads, most, g.HeadDim) },
            hasCounts: true));
        if (g.Format is { } format)
        {
            // To the destination heads are sequences, each with a table of its own; so they are to the source.
            quantise = KvQuantizePlan.Create(store.Device, new KvQuantizeProblem(
                new KvQuantizeShape(heads, 1, tokens, mostQuantised, layout.QuantisedCapacity, g.HeadDim), g.DType, format, null, StorePlans.QuantisedPaging(layout),
                StorePlans.QuantisedStrides(g) with { X = new TensorStrides(g.HeadDim, g.HeadDim, (long)heads * g.HeadDim) }, hasRows: true, hasCounts: true, hasStart: true));
        }

        keys = store.Device.Allocate(g.DType, (long)heads * most * g.HeadDim);
        values = store.Device.Allocate(g.DType, (long)heads * most * g.HeadDim);
        indices = store.Device.Allocate<int>(((long)heads * Math.Max(most, mostQuantised)) + (2 * heads));
    }

    public long Bytes => gather.WorkspaceBytes + (quantise?.WorkspaceBytes ?? 0) + keys.ByteLength + values.ByteLength + (4 * indices.Length);

    /// <summary>Stores rows of a layer that holds none.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="k">[n, Hk, D].</param>
    /// <param name="v">[n, Hk, D].</param>
    /// <param name="keep">Positions to keep in full of each KV head, ascending.</param>
    /// <param name="demote">Positions to quantise of each KV head, ascending.</param>
    public void Store(DeviceStream stream, int layer, DeviceSlice k, DeviceSlice v, int[][] keep, int[][] demote)
    {
        for (int h = 0; h < keep.Length; h++)
        {
            Enter(store.Originals(layer, h), keep[h]);
            if (store.Quantised(layer, h) is { } quantised) Enter(quantised, demote[h]);
        }

        store.Upload(stream, layer, tables: true);
        Gather(stream, k, v, keep);
        for (int h = 0; h < keep.Length; h++) CopyToPages(stream, layer, h);
        if (demote.Any(rows => rows.Length > 0)) Quantise(stream, layer, k, v, demote);
    }

    public void Dispose()
    {
        gather.Dispose();
        quantise?.Dispose();
        keys.Dispose();
        values.Dispose();
        indices.Dispose();
    }

    private void Enter(RowList list, int[] rows)
    {
        list.Reserve(rows.Length, store.Pool);
        list.Count = rows.Length;
        for (int i = 0; i < rows.Length; i++) list.SetPosition(i, rows[i]);
    }

    private void Gather(DeviceStream stream, DeviceSlice k, DeviceSlice v, int[][] keep)
    {
        long counts = WriteRows(stream, keep, most, starts: false);
        gatherOperands[KvCompactProblem.Keep] = indices;
        gatherOperands[KvCompactProblem.Counts] = indices.Slice(counts);
        gatherOperands[KvCompactProblem.K] = k;
        gatherOperands[KvCompactProblem.V] = v;
        gatherOperands[KvCompactProblem.KOut] = new DeviceSlice(keys, 0);
        gatherOperands[KvCompactProblem.VOut] = new DeviceSlice(values, 0);
        gather.Launch(stream, gatherOperands);
    }

    private void CopyToPages(DeviceStream stream, int layer, int head)
    {
        PageGeometry g = store.Layout.Geometry;
        RowList list = store.Originals(layer, head);
        long rowBytes = (long)g.HeadDim * g.DType.SizeOf();
        for (int from = 0; from < list.Count; from += g.OriginalSlots)
        {
            long bytes = Math.Min(g.OriginalSlots, list.Count - from) * rowBytes;
            long source = (((long)head * most) + from) * rowBytes;
            long target = (long)list.Page(from / g.OriginalSlots) * g.PageBytes;
            stream.Copy(keys, source, store.Slab, target, bytes);
            stream.Copy(values, source, store.Slab, target + g.ValueOffset, bytes);
        }
    }

    private void Quantise(DeviceStream stream, int layer, DeviceSlice k, DeviceSlice v, int[][] demote)
    {
        long counts = WriteRows(stream, demote, mostQuantised, starts: true);
        quantiseOperands[KvQuantizeProblem.Rows] = indices;
        quantiseOperands[KvQuantizeProblem.Counts] = indices.Slice(counts);
        quantiseOperands[KvQuantizeProblem.Start] = indices.Slice(counts + demote.Length);
        quantiseOperands[KvQuantizeProblem.TargetPageTable] = store.QuantisedTable(layer);
        QuantisedOperands.Set(quantiseOperands, store, values: false);
        quantiseOperands[KvQuantizeProblem.X] = k;
        quantise!.Launch(stream, quantiseOperands);
        QuantisedOperands.Set(quantiseOperands, store, values: true);
        quantiseOperands[KvQuantizeProblem.X] = v;
        quantise.Launch(stream, quantiseOperands);
    }

    /// <summary>Writes [Hk, width] rows, then the counts, then zeros for the starts.</summary>
    /// <returns>Where the counts lie.</returns>
    private long WriteRows(DeviceStream stream, int[][] rows, int width, bool starts)
    {
        var flat = new int[((long)rows.Length * width) + (rows.Length * (starts ? 2 : 1))];
        for (int h = 0; h < rows.Length; h++)
        {
            rows[h].CopyTo(flat.AsSpan(h * width));
            flat[(rows.Length * width) + h] = rows[h].Length;
        }

        stream.WriteBytes(MemoryMarshal.AsBytes(flat.AsSpan()), indices.Memory, 0);
        return (long)rows.Length * width;
    }
}
