using System.Runtime.InteropServices;
using KernelSuite.Operations.KvStorage;
using KernelSuite.Runtime;

namespace KernelSuite.KvCache.Tests.Cache;

/// <summary>What must hold of a store at every moment.</summary>
internal static class StoreChecks
{
    /// <summary>Bookkeeping: pages, positions, protection, the account.</summary>
    public static void Bookkeeping(CacheHarness run)
    {
        PagedStore store = run.Store;
        KvAccount account = run.Cache.Account;
        Assert.True(account.BytesHeld <= run.Cache.BudgetBytes, $"{account.BytesHeld} bytes are held, the budget is {run.Cache.BudgetBytes}.");
        Assert.Equal(account.BytesHeld, account.PeakBytesHeld);
        var pages = new HashSet<int>();
        var engine = (PagedEngine)run.Cache.Engine;
        int end = run.Cache.Position;
        for (int l = 0; l < run.Shape.Layers; l++)
        {
            for (int h = 0; h < run.Shape.KvHeads; h++)
            {
                RowList originals = store.Originals(l, h);
                RowList? quantised = store.Quantised(l, h);
                foreach (RowList list in quantised is null ? [originals] : new[] { originals, quantised })
                {
                    for (int p = 0; p < list.PageCount; p++) Assert.True(pages.Add(list.Page(p)), $"Page {list.Page(p)} is used twice.");
                    Assert.InRange(list.Count, list.Capacity == 0 ? 0 : list.Capacity - list.PageSlots + 1, list.Capacity);
                }

                Assert.True(store.PagesHeld(l, h) <= engine.Quotas[l], $"Layer {l} head {h} holds {store.PagesHeld(l, h)} pages of {engine.Quotas[l]}.");
                int[] positions = [.. Enumerable.Range(0, originals.Count).Select(originals.Position)];
                Assert.Equal(positions.Order(), positions);
                int[] all = [.. positions, .. Enumerable.Range(0, quantised?.Count ?? 0).Select(quantised is null ? _ => 0 : quantised.Position)];
                Assert.Equal(all.Length, all.Distinct().Count());
                Assert.All(all, p => Assert.InRange(p, 0, end - 1));
                int window = SegmentTargets.Window(store.Layout.Rules, store.Layout.Geometry, engine.Quotas[l]);
                for (int p = 0; p < end; p++)
                {
                    if (p < store.Layout.Rules.Sinks || p >= end - window) Assert.Contains(p, positions);
                }
            }
        }

        Assert.Equal(store.Pool.Total - store.Pool.Free, pages.Count);
    }

    /// <summary>Contents: originals bit for bit what was handed in, quantised rows bit for bit what kv_quantize makes of that.</summary>
    public static void Contents(CacheHarness run)
    {
        PageGeometry g = run.Store.Layout.Geometry;
        for (int l = 0; l < run.Shape.Layers; l++)
        {
            for (int h = 0; h < run.Shape.KvHeads; h++)
            {
                RowList originals = run.Store.Originals(l, h);
                for (int i = 0; i < originals.Count; i++)
                {
                    (int page, int row) = originals.Locate(i);
                    Assert.Equal(run.Key(l, originals.Position(i), h), Floats(run, page, row * g.HeadDim));
                    Assert.Equal(run.Value(l, originals.Position(i), h), Floats(run, page, (g.ValueOffset / g.DType.SizeOf()) + (row * g.HeadDim)));
                }

                if (run.Store.Quantised(l, h) is { Count: > 0 } quantised) Quantised(run, l, h, quantised);
            }
        }
    }

    /// <summary>Keys and values of a head as attention sees them, quantised rows dequantised.</summary>
    public static (List<float[]> Keys, List<float[]> Values) Held(CacheHarness run, int layer, int head)
    {
        PageGeometry g = run.Store.Layout.Geometry;
        var keys = new List<float[]>();
        var values = new List<float[]>();
        RowList originals = run.Store.Originals(layer, head);
        for (int i = 0; i < originals.Count; i++)
        {
            keys.Add(run.Key(layer, originals.Position(i), head));
            values.Add(run.Value(layer, originals.Position(i), head));
        }

        if (run.Store.Quantised(layer, head) is not { } quantised) return (keys, values);
        for (int i = 0; i < quantised.Count; i++)
        {
            (int page, int row) = quantised.Locate(i);
            keys.Add(Decode(run, g, page, row, 0, g.GroupOffset, g.ScaleOffset));
            values.Add(Decode(run, g, page, row, g.ValueCodeOffset, g.ValueGroupOffset, g.ValueScaleOffset));
        }

        return (keys, values);
    }

    public static byte[] Bytes(CacheHarness run, int page, int offset, int count)
    {
        var bytes = new byte[count];
        run.Stream.ReadBytes(run.Store.Slab, ((long)page * run.Store.Layout.Geometry.PageBytes) + offset, bytes);
        return bytes;
    }

    private static void Quantised(CacheHarness run, int layer, int head, RowList list)
    {
        PageGeometry g = run.Store.Layout.Geometry;
        for (int part = 0; part < 2; part++)
        {
            float[] source = [.. Enumerable.Range(0, list.Count).SelectMany(i => part == 0 ? run.Key(layer, list.Position(i), head) : run.Value(layer, list.Position(i), head))];
            using DeviceMemory x = run.Upload(source);
            using DeviceBuffer<byte> codes = run.Cache.Device.Allocate<byte>(list.Count * g.CodeBytes), groups = run.Cache.Device.Allocate<byte>(list.Count * g.GroupBytes);
            using DeviceBuffer<float> scales = run.Cache.Device.Allocate<float>(list.Count);
            using KvQuantizePlan plan = KvQuantizePlan.Create(
                run.Cache.Device, new KvQuantizeProblem(new KvQuantizeShape(1, 1, list.Count, list.Count, list.Count, g.HeadDim), g.DType, g.Format!.Value));
            plan.Launch(run.Stream, [new DeviceSlice(x, 0), default, default, default, default, default, codes, g.GroupBytes == 0 ? default : groups.ToDeviceSlice(), scales]);
            byte[] expectedCodes = new byte[codes.Length], expectedGroups = new byte[groups.Length];
            var expectedScales = new float[scales.Length];
            run.Stream.Read(codes, expectedCodes);
            run.Stream.Read(groups, expectedGroups);
            run.Stream.Read(scales, expectedScales);
            for (int i = 0; i < list.Count; i++)
            {
                (int page, int row) = list.Locate(i);
                Assert.Equal(expectedCodes[(i * g.CodeBytes)..((i + 1) * g.CodeBytes)], Bytes(run, page, (part == 0 ? 0 : g.ValueCodeOffset) + (row * g.CodeBytes), g.CodeBytes));
                Assert.Equal(expectedGroups[(i * g.GroupBytes)..((i + 1) * g.GroupBytes)], Bytes(run, page, (part == 0 ? g.GroupOffset : g.ValueGroupOffset) + (row * g.GroupBytes), g.GroupBytes));
                Assert.Equal(expectedScales[i], BitConverter.ToSingle(Bytes(run, page, (part == 0 ? g.ScaleOffset : g.ValueScaleOffset) + (4 * row), 4)));
            }
        }
    }

    /// <summary>The definition of the formats, once more.</summary>
    private static float[] Decode(CacheHarness run, PageGeometry g, int page, int row, int codeOffset, int groupOffset, int scaleOffset)
    {
        byte[] codes = Bytes(run, page, codeOffset + (row * g.CodeBytes), g.CodeBytes), groups = Bytes(run, page, groupOffset + (row * g.GroupBytes), g.GroupBytes);
        float scale = BitConverter.ToSingle(Bytes(run, page, scaleOffset + (4 * row), 4));
        var result = new float[g.HeadDim];
        for (int d = 0; d < result.Length; d++)
        {
            if (g.Format == KvFormat.E4M3)
            {
                result[d] = scale * Float8E4M3.Decode(codes[d]);
                continue;
            }

            int packed = codes[(16 * (d / 32)) + (d % 16)];
            result[d] = scale * Float8E4M3.Decode(groups[d / 32]) * (((d % 32) < 16 ? packed & 15 : packed >> 4) - 8);
        }

        return result;
    }

    private static float[] Floats(CacheHarness run, int page, int element)
    {
        PageGeometry g = run.Store.Layout.Geometry;
        byte[] bytes = Bytes(run, page, element * g.DType.SizeOf(), g.HeadDim * g.DType.SizeOf());
        return g.DType switch
        {
            DType.Float32 => [.. MemoryMarshal.Cast<byte, float>(bytes.AsSpan())],
            DType.Float16 => [.. MemoryMarshal.Cast<byte, Half>(bytes.AsSpan()).ToArray().Select(x => (float)x)],
            _ => [.. MemoryMarshal.Cast<byte, BFloat16>(bytes.AsSpan()).ToArray().Select(x => (float)x)],
        };
    }
}
