using System.Runtime.InteropServices;
using KernelSuite.Runtime;

namespace KernelSuite.KvCache;

/// <summary>
/// The memory of a cache: one slab of pages for all layers, KV heads and states, the page tables and lengths, and scratch for purges. All of it is allocated at
/// once, so that nothing a cache does later can exceed its budget.
/// </summary>
internal sealed class PagedStore : IDisposable
{
    private readonly int[] positions;
    private readonly RowList[] originals, quantised;
    private readonly long fixedScratch;

    private PagedStore(Device device, CacheLayout layout, StorePlans plans)
    {
        Device = device;
        Layout = layout;
        Plans = plans;
        fixedScratch = KernelScratch.Bytes(device, layout.Shape, layout.Rules);
        KvCacheShape shape = layout.Shape;
        PageGeometry g = layout.Geometry;
        Pool = new PagePool(layout.Pages);
        positions = new int[(long)layout.Pages * g.MostSlots];
        ControlMirror = new int[(long)shape.Layers * layout.ControlInts];
        originals = new RowList[shape.Layers * shape.KvHeads];
        quantised = new RowList[g.Format is null ? 0 : originals.Length];
        for (int i = 0; i < originals.Length; i++)
        {
            (int layer, int head) = Math.DivRem(i, shape.KvHeads);
            int start = layer * layout.ControlInts;
            int tables = start + (2 * shape.KvHeads);
            int columns = layout.TableColumns;
            originals[i] = new RowList(ControlMirror, start + head, tables + (head * columns), columns, g.OriginalSlots, positions, g.MostSlots);
            if (g.Format is null) continue;
            quantised[i] = new RowList(
                ControlMirror, start + shape.KvHeads + head, tables + ((shape.KvHeads + head) * columns), columns, g.QuantisedSlots, positions, g.MostSlots);
        }

        try
        {
            Slab = device.Allocate(DType.UInt8, layout.SlabBytes);
            Control = device.Allocate(DType.Int32, ControlMirror.Length);
            if (layout.ScratchFloats > 0) Scratch = device.Allocate(DType.Float32, layout.ScratchFloats);
            if (layout.AccumulatorFloats > 0) Accumulators = device.Allocate(DType.Float32, layout.AccumulatorFloats);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public Device Device { get; }

    public CacheLayout Layout { get; }

    public StorePlans Plans { get; }

    public PagePool Pool { get; }

    public DeviceMemory Slab { get; } = null!;

    public DeviceMemory Control { get; } = null!;

    public DeviceMemory? Scratch { get; }

    public DeviceMemory? Accumulators { get; }

    public int[] ControlMirror { get; }

    /// <summary>Bytes of the device buffers, and of the plans' workspace beyond <see cref="KernelScratchBytes"/>, as they are.</summary>
    public long DeviceBytes => Slab.ByteLength + Control.ByteLength + (Scratch?.ByteLength ?? 0) + (Accumulators?.ByteLength ?? 0) + Plans.WorkspaceBytes - KernelScratchBytes;

    /// <summary>Workspace that does not depend on what the cache holds; see <see cref="KernelScratch"/>.</summary>
    public long KernelScratchBytes => Plans.WorkspaceBytes - Charged(Plans, fixedScratch);

    /// <summary>Bytes of the host's bookkeeping, as it is.</summary>
    public long HostBytes => (4L * positions.Length) + (4L * ControlMirror.Length) + ((long)Pool.Total * PagePool.BytesPerPage);

    /// <summary>Makes the largest store that a budget holds.</summary>
    /// <exception cref="KvCacheBudgetException">None fits.</exception>
    public static PagedStore Create(Device device, KvCacheShape shape, KvRules rules, long budget)
    {
        (CacheLayout layout, StorePlans plans) = Decide(device, shape, rules, budget);
        return new PagedStore(device, layout, plans);
    }

    /// <summary>Makes a store of a given layout.</summary>
    /// <exception cref="KvCacheBudgetException">It takes more than the budget on this device.</exception>
    public static PagedStore CreateExact(Device device, CacheLayout layout, long budget)
    {
        var plans = new StorePlans(device, layout);
        long needed = layout.Bytes + Charged(plans, KernelScratch.Bytes(device, layout.Shape, layout.Rules));
        if (needed <= budget) return new PagedStore(device, layout, plans);
        plans.Dispose();
        throw new KvCacheBudgetException($"The saved cache takes {needed:N0} bytes on {device.Info.Id}, its budget is {budget:N0} bytes.", needed, budget);
    }

    /// <summary>The least budget with which <see cref="Create"/> makes a store whose heads all hold <paramref name="tokens"/> tokens in full.</summary>
    public static long BudgetFor(Device device, KvCacheShape shape, KvRules rules, int tokens)
    {
        // A cache that can purge keeps one slot free.
        int slots = tokens + (rules.Decode == DecodeScore.Never ? 0 : 1);
        CacheLayout wanted = CacheLayout.ForTokens(shape, rules, slots);
        for (long budget = BytesOf(device, wanted); ; budget += Math.Max(wanted.Geometry.PageBytes, rules.Layers == LayerRule.Uniform ? 0 : budget / 32))
        {
            (CacheLayout layout, StorePlans plans) = Decide(device, shape, rules, budget);
            plans.Dispose();
            if ((long)layout.FewestPages * layout.Geometry.OriginalSlots >= slots) return budget;
        }
    }

    /// <summary>Bytes that a layout takes on a device, workspace included.</summary>
    public static long BytesOf(Device device, CacheLayout layout)
    {
        using var plans = new StorePlans(device, layout);
        return layout.Bytes + Charged(plans, KernelScratch.Bytes(device, layout.Shape, layout.Rules));
    }

    public RowList Originals(int layer, int head) => originals[(layer * Layout.Shape.KvHeads) + head];

    /// <summary>The quantised rows; null where the policy has none.</summary>
    public RowList? Quantised(int layer, int head) => quantised.Length == 0 ? null : quantised[(layer * Layout.Shape.KvHeads) + head];

    /// <summary>Pages that a head holds.</summary>
    public int PagesHeld(int layer, int head) => Originals(layer, head).PageCount + (Quantised(layer, head)?.PageCount ?? 0);

    /// <summary>Working tables for verdicts on a layer's heads.</summary>
    public VerdictTables RentTables(int layer)
    {
        int most = 0;
        for (int h = 0; h < Layout.Shape.KvHeads; h++) most = Math.Max(most, Originals(layer, h).Count + (Quantised(layer, h)?.Count ?? 0));
        return new VerdictTables(most, Layout.Shape.KvHeads);
    }

    /// <summary>Sends a layer's lengths, and its tables where they changed.</summary>
    public void Upload(DeviceStream stream, int layer, bool tables)
    {
        int start = layer * Layout.ControlInts;
        int count = tables ? Layout.ControlInts : 2 * Layout.Shape.KvHeads;
        stream.WriteBytes(MemoryMarshal.AsBytes(ControlMirror.AsSpan(start, count)), Control, 4L * start);
    }

    public DeviceSlice Lengths(int layer, int head = 0) => new(Control, (layer * Layout.ControlInts) + head);

    public DeviceSlice QuantisedLengths(int layer, int head = 0) => new(Control, (layer * Layout.ControlInts) + Layout.Shape.KvHeads + head);

    public DeviceSlice Table(int layer, int head = 0) =>
        new(Control, (layer * Layout.ControlInts) + (2 * Layout.Shape.KvHeads) + (head * (long)Layout.TableColumns));

    public DeviceSlice QuantisedTable(int layer, int head = 0) => Table(layer, Layout.Shape.KvHeads + head);

    /// <summary>A part of every page, as an operand of elements of <paramref name="size"/> bytes.</summary>
    public DeviceSlice Part(int byteOffset, int size) => new(Slab, byteOffset / size);

    public void Dispose()
    {
        Plans.Dispose();
        Slab?.Dispose();
        Control?.Dispose();
        Scratch?.Dispose();
        Accumulators?.Dispose();
    }

    private static long Charged(StorePlans plans, long fixedBytes) => Math.Max(plans.WorkspaceBytes - fixedBytes, 0);

    /// <summary>The largest layout within a budget, and its plans.</summary>
    private static (CacheLayout Layout, StorePlans Plans) Decide(Device device, KvCacheShape shape, KvRules rules, long budget)
    {
        // What the plans need is known when they are made: fit, make, and fit again with what is left.
        long workspace = 0, fixedBytes = KernelScratch.Bytes(device, shape, rules);
        for (int attempt = 0; attempt < 6 && CacheLayout.Fit(shape, rules, budget - workspace) is { } layout; attempt++)
        {
            var plans = new StorePlans(device, layout);
            if (layout.Bytes + Charged(plans, fixedBytes) <= budget) return (layout, plans);
            workspace = Math.Max(workspace + 1, Charged(plans, fixedBytes));
            plans.Dispose();
        }

        CacheLayout least = CacheLayout.Least(shape, rules);
        var fewest = new StorePlans(device, least);
        long needed = least.Bytes + Charged(fewest, fixedBytes);
        if (needed <= budget) return (least, fewest);
        fewest.Dispose();
        throw new KvCacheBudgetException(
            $"A budget of {budget:N0} bytes does not hold this cache: {shape.Layers} layers of {shape.KvHeads} KV heads with sinks, window and a page to grow into take at least {needed:N0} bytes on "
            + $"{device.Info.Id}. Raise the budget, or choose a smaller window.", needed, budget);
    }
}
