using KernelSuite.Operations.Attention;
using KernelSuite.Operations.KvStorage;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Decode;

/// <summary>Operands and options of the two operations, and from arrays and option texts to a problem.</summary>
internal static class DecodeBinding
{
    private const string CacheForm = "[B, Hk, N, D] or [Pages, Hk, PageSize, D]";

    public static OperationSignature Signature(bool mixed) => new(
        [
            new("q", "[B, Hq, Nq, D]", "queries; Nq from 1 to 16, D from 1 to 256"),
            new("k", "[B, Hk, N, D] or [P, Hk, PS, D]", "keys; Hq is a multiple of Hk; pages of PS slots with page_table"),
            new("v", "[B, Hk, N, Dv] or [P, Hk, PS, Dv]", "values; Dv from 1 to 256"),
            new("page_table", "[B, M] int32", "pages of each sequence's slots, in order; entries past its length are ignored", IsOptional: true),
            new("kv_lengths", "[B] int32", "valid slots of each sequence; needed with page_table", IsOptional: true),
            .. mixed ? QuantisedOperands() : [],
            new("out", "[B, Hq, Nq, Dv]", "output, dtype of q", IsOutput: true),
            new("lse", "[B, Hq, Nq] float32", "natural logarithm of each row's sum of exponentials", IsOutput: true, IsOptional: true),
            new("logits", mixed ? "[B, Hq, Nq, N + N2] float32" : "[B, Hq, Nq, N] float32", "scaled logits in slot order; -inf where masked, unspecified past a length", IsOutput: true, IsOptional: true),
        ],
        [
            new("causal", OptionKind.Flag, "query i of Nq does not see the last Nq - 1 - i slots" + (mixed ? " of the original segment" : string.Empty)),
            new("scale", OptionKind.Real, "factor on the logits (default 1/sqrt(D))"),
            new("softcap", OptionKind.Real, "c: logits become c*tanh(logit/c) (default 0: none)"),
            new("splits", OptionKind.Integer, "parts of a sequence's slots at most (default 0: chosen by size)"),
            new("batch-invariant", OptionKind.Flag, "parts of a fixed size: a sequence's bits do not depend on the batch or the capacity"),
        ]);

    public static DecodeProblem Bind(bool mixed, IReadOnlyDictionary<string, HostArray> inputs, OptionValues options)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(options);
        HostArray q = Tensor(inputs, "q", "[B, Hq, Nq, D]"), k = Tensor(inputs, "k", CacheForm), v = Tensor(inputs, "v", CacheForm);
        int batch = Extent(q, 0, "q"), kvHeads = Extent(k, 1, "k");
        var shape = new DecodeShape(batch, Extent(q, 1, "q"), kvHeads, Extent(q, 2, "q"), Extent(q, 3, "q"), Extent(v, 3, "v"));
        shape.Validate();
        DecodeSegment original = Segment(inputs, k, batch, "k", "page_table", "kv_lengths");
        QuantisedSegment? quantised = mixed ? Quantised(inputs, batch) : null;
        var settings = new DecodeOptions
        {
            Causal = options.Flag("causal"),
            Scale = (float?)options.Real("scale"),
            SoftCap = (float)(options.Real("softcap") ?? 0),
            Splits = options.Integer("splits") ?? 0,
            BatchInvariant = options.Flag("batch-invariant"),
        };
        var problem = new DecodeProblem(shape, original, q.DType, settings, null, quantised, hasLse: true, hasLogits: true);
        foreach (OperandSpec? spec in problem.Operands)
            if (spec is { IsOutput: false }) CheckFits(spec, inputs);
        return problem;
    }

    private static OperandSignature[] QuantisedOperands() =>
    [
        new("k_codes", "[B, Hk, N2, bytes] uint8, or paged", "codes of the quantised keys: D bytes (e4m3) or D/2 (int4)"),
        new("k_groups", "[B, Hk, N2, D/32] uint8, or paged", "e4m3 factors of the keys' groups; int4 is meant where it is given", IsOptional: true),
        new("k_scales", "[B, Hk, N2] float32, or paged", "a scale for each quantised key"),
        new("v_codes", "[B, Hk, N2, bytes] uint8, or paged", "codes of the quantised values"),
        new("v_groups", "[B, Hk, N2, Dv/32] uint8, or paged", "e4m3 factors of the values' groups", IsOptional: true),
        new("v_scales", "[B, Hk, N2] float32, or paged", "a scale for each quantised value"),
        new("quantised_page_table", "[B, M2] int32", "pages of each sequence's quantised slots", IsOptional: true),
        new("quantised_lengths", "[B] int32", "valid quantised slots of each sequence; needed with quantised_page_table", IsOptional: true),
    ];

    private static QuantisedSegment Quantised(IReadOnlyDictionary<string, HostArray> inputs, int batch)
    {
        HostArray codes = Tensor(inputs, "k_codes", "[B, Hk, N2, bytes] or [Pages, Hk, PageSize, bytes]");
        KvFormat format = inputs.ContainsKey("k_groups") ? KvFormat.Int4 : KvFormat.E4M3;
        if (format == KvFormat.E4M3 && inputs.ContainsKey("v_groups"))
            throw new ArgumentException("'v_groups' is given without 'k_groups'. Expected both (int4) or neither (e4m3).", "v_groups");
        return new QuantisedSegment(format, Segment(inputs, codes, batch, "k_codes", "quantised_page_table", "quantised_lengths"));
    }

    private static DecodeSegment Segment(IReadOnlyDictionary<string, HostArray> inputs, HostArray keys, int batch, string name, string tableName, string lengthsName)
    {
        inputs.TryGetValue(lengthsName, out HostArray? lengths);
        if (!inputs.TryGetValue(tableName, out HostArray? table))
        {
            var contiguous = DecodeSegment.Contiguous(Extent(keys, 2, name), lengths is not null);
            CheckLengths(lengths, lengthsName, batch, contiguous.Slots);
            return contiguous;
        }

        if (lengths is null) throw new ArgumentException($"'{lengthsName}' is missing. Expected it with '{tableName}'.", lengthsName);
        if (table.DType != DType.Int32 || table.Shape.Length != 2 || table.Shape[0] != batch)
            throw new ArgumentException($"'{tableName}' is {table.DType.Name()} of shape [{string.Join(", ", table.Shape)}]. Expected int32 of shape [{batch}, M].", tableName);
        var paging = new KvPaging(Extent(keys, 0, name), Extent(keys, 2, name), Extent(table, 1, tableName));
        var segment = DecodeSegment.Paged(paging);
        CheckLengths(lengths, lengthsName, batch, segment.Slots);
        CheckPages(table.AsSpan<int>(), lengths.AsSpan<int>(), paging, tableName);
        return segment;
    }

    private static void CheckLengths(HostArray? lengths, string name, int batch, int most)
    {
        if (lengths is null) return;
        if (lengths.DType != DType.Int32 || lengths.Shape.Length != 1 || lengths.Shape[0] != batch)
            throw new ArgumentException($"'{name}' is {lengths.DType.Name()} of shape [{string.Join(", ", lengths.Shape)}]. Expected int32 of shape [{batch}].", name);
        foreach (int length in lengths.AsSpan<int>())
            if (length < 0 || length > most) throw new ArgumentException($"'{name}' holds {length}. Expected 0 to {most} slots.", name);
    }

    private static void CheckPages(ReadOnlySpan<int> table, ReadOnlySpan<int> lengths, KvPaging paging, string name)
    {
        for (int b = 0; b < lengths.Length; b++)
        {
            for (int i = 0; (long)i * paging.PageSize < lengths[b]; i++)
            {
                int page = table[(b * paging.PagesPerSequence) + i];
                if ((uint)page >= (uint)paging.Pages)
                    throw new ArgumentException($"'{name}' holds page {page} for sequence {b}, which has {lengths[b]} slots. Expected 0 to {paging.Pages - 1}.", name);
            }
        }
    }

    private static void CheckFits(OperandSpec spec, IReadOnlyDictionary<string, HostArray> inputs)
    {
        if (!inputs.TryGetValue(spec.Name, out HostArray? array))
            throw new ArgumentException($"'{spec.Name}' is missing. Expected {spec.DType.Name()} of shape [{string.Join(", ", spec.Shape)}].", spec.Name);
        if (array.DType != spec.DType || !array.Shape.AsSpan().SequenceEqual(spec.Shape.AsSpan()))
        {
            throw new ArgumentException(
                $"'{spec.Name}' is {array.DType.Name()} of shape [{string.Join(", ", array.Shape)}]. Expected {spec.DType.Name()} of shape [{string.Join(", ", spec.Shape)}].", spec.Name);
        }
    }

    private static HostArray Tensor(IReadOnlyDictionary<string, HostArray> inputs, string name, string form)
    {
        if (!inputs.TryGetValue(name, out HostArray? array)) throw new ArgumentException($"'{name}' is missing. Expected an array of shape {form}.", name);
        return array.Shape.Length == 4 ? array
            : throw new ArgumentException($"'{name}' has shape [{string.Join(", ", array.Shape)}]. Expected four dimensions {form}.", name);
    }

    private static int Extent(HostArray array, int dimension, string name) => array.Shape[dimension] <= int.MaxValue ? (int)array.Shape[dimension]
        : throw new ArgumentException($"Dimension {dimension} of '{name}' is {array.Shape[dimension]}. Expected at most {int.MaxValue}.", name);
}
