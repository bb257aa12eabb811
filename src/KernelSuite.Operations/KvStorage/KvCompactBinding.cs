using KernelSuite.Runtime;

namespace KernelSuite.Operations.KvStorage;

/// <summary>From arrays to a compaction.</summary>
internal static class KvCompactBinding
{
    public static KvCompactProblem Bind(IReadOnlyDictionary<string, HostArray> inputs, OptionValues options)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(options);
        HostArray keep = inputs.Need("keep", 3, "[B, Hk, n]"), k = inputs.Need("k", 4, "[B, Hk, N, Wk]");
        HostArray? v = inputs.Take("v", 4, "[B, Hk, N, Wv]"), map = inputs.Take("slot_map", 3, "[B, Hk, N]");
        HostArray? counts = inputs.Take("counts", 2, "[B, Hk]");
        long batch = keep.Shape[0], heads = keep.Shape[1];
        (KvPaging? paging, int slots) = KvArrays.Paging(inputs, "page_table", k, batch);
        if (map is not null && paging is not null) slots = (int)Math.Min(slots, map.Shape[2]);
        keep.MustBe("keep", DType.Int32, batch, heads, keep.Shape[2]);
        counts.MustBe("counts", DType.Int32, batch, heads);
        k.MustBe("k", k.DType, k.Shape[0], heads, k.Shape[2], k.Shape[3]);
        if (paging is null) k.MustBe("k", k.DType, batch, heads, slots, k.Shape[3]);
        v.MustBe("v", k.DType, k.Shape[0], heads, k.Shape[2], v?.Shape[3] ?? 0);
        map.MustBe("slot_map", DType.Int32, batch, heads, slots);
        if (v is not null && v.Shape[3] == 0) throw new ArgumentException("Dimension 3 of 'v' is 0. Expected 1 or more; leave v out.", "v");
        return new KvCompactProblem(
            new((int)batch, (int)heads, slots, (int)keep.Shape[2], (int)k.Shape[3], (int)(v?.Shape[3] ?? 0)), k.DType, paging,
            hasCounts: counts is not null, hasSlotMap: map is not null);
    }
}

/// <summary>What the bindings of operations on stored rows share.</summary>
internal static class KvArrays
{
    /// <summary>The paging of a tensor whose table may be at hand, and the slots that a sequence has.</summary>
    /// <exception cref="ArgumentException">The table does not fit.</exception>
    public static (KvPaging? Paging, int Slots) Paging(IReadOnlyDictionary<string, HostArray> inputs, string name, HostArray rows, long batch)
    {
        if (inputs.Take(name, 2, "[B, M]") is not { } table) return (null, (int)rows.Shape[2]);
        table.MustBe(name, DType.Int32, batch, table.Shape[1]);
        var paging = new KvPaging((int)rows.Shape[0], (int)rows.Shape[2], (int)table.Shape[1]);
        paging.Validate(name);
        return (paging, (int)paging.Capacity);
    }

    public static KvFormat Format(OptionValues options) => options.Word("format", "e4m3", "int4") == "int4" ? KvFormat.Int4 : KvFormat.E4M3;
}
