using KernelSuite.Runtime;

namespace KernelSuite.Operations.KvStorage;

/// <summary>From arrays and option texts to a quantisation or a dequantisation.</summary>
internal static class KvQuantizeBinding
{
    public static KvQuantizeProblem Bind(IReadOnlyDictionary<string, HostArray> inputs, OptionValues options)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(options);
        if (inputs.ContainsKey("target_page_table"))
            throw new ArgumentException("'target_page_table' is given, but the size of the page pool is not known here. Use KvQuantizeProblem from the library.", "target_page_table");
        HostArray x = inputs.Need("x", 4, "[B, Hk, N, D]");
        HostArray? rows = inputs.Take("rows", 3, "[B, Hk, n]"), counts = inputs.Take("counts", 2, "[B, Hk]"), start = inputs.Take("start", 2, "[B, Hk]");
        HostArray? table = inputs.Take("page_table", 2, "[B, M]");
        long batch = table?.Shape[0] ?? x.Shape[0], heads = x.Shape[1];
        (KvPaging? paging, int slots) = KvArrays.Paging(inputs, "page_table", x, batch);
        rows.MustBe("rows", DType.Int32, batch, heads, rows?.Shape[2] ?? 0);
        counts.MustBe("counts", DType.Int32, batch, heads);
        start.MustBe("start", DType.Int32, batch, heads);
        int count = (int)(rows?.Shape[2] ?? slots);
        return new KvQuantizeProblem(
            new((int)batch, (int)heads, slots, count, options.Integer("target-slots") ?? count, (int)x.Shape[3]), x.DType, KvArrays.Format(options), paging,
            hasRows: rows is not null, hasCounts: counts is not null, hasStart: start is not null, sharedScale: options.Flag("shared-scale"));
    }

    public static KvDequantizeProblem BindDequantize(IReadOnlyDictionary<string, HostArray> inputs, OptionValues options)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(options);
        KvFormat format = KvArrays.Format(options);
        HostArray codes = inputs.Need("codes", 4, "[B, Hk, N, D or D/2]"), scales = inputs.Need("scales", 3, "[B, Hk, N]");
        HostArray? lengths = inputs.Take("lengths", 2, "[B, Hk]"), table = inputs.Take("page_table", 2, "[B, M]");
        long batch = table?.Shape[0] ?? codes.Shape[0], heads = codes.Shape[1];
        (KvPaging? paging, int slots) = KvArrays.Paging(inputs, "page_table", codes, batch);
        if (codes.Shape[3] > KvOperands.MaxWidth)
            throw new ArgumentException($"Dimension 3 of 'codes' is {codes.Shape[3]}. Expected at most {KvOperands.MaxWidth}.", "codes");
        int dim = (int)codes.Shape[3] * (format == KvFormat.Int4 ? 2 : 1);
        codes.MustBe("codes", DType.UInt8, codes.Shape.AsSpan());
        scales.MustBe("scales", DType.Float32, codes.Shape[0], heads, codes.Shape[2]);
        lengths.MustBe("lengths", DType.Int32, batch, heads);
        if (format == KvFormat.Int4) inputs.Need("groups", 4, "[B, Hk, N, D/32]").MustBe("groups", DType.UInt8, codes.Shape[0], heads, codes.Shape[2], format.GroupCount(dim));
        else if (inputs.ContainsKey("groups")) throw new ArgumentException("'groups' is given, but e4m3 has no group factors. Leave it out, or say --format int4.", "groups");
        DType dtype = options.Word("to", "float32", "float16", "bfloat16") switch { "float16" => DType.Float16, "bfloat16" => DType.BFloat16, _ => DType.Float32 };
        return new KvDequantizeProblem(new((int)batch, (int)heads, slots, dim), dtype, format, paging, hasLengths: lengths is not null);
    }
}
