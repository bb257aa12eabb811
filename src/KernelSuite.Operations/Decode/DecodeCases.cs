using KernelSuite.Operations.Attention;
using KernelSuite.Operations.KvStorage;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Decode;

/// <summary>The named cases of both operations: ugly sizes, every mask, every way to find a slot; and the shapes that are timed.</summary>
internal static class DecodeCases
{
    private const int Context = 32768;

    public static IReadOnlyList<OperationCase> Make(bool mixed) =>
        [.. DecodeOperation.StorageTypes.SelectMany(dtype => mixed ? Mixed(dtype) : Plain(dtype))];

    /// <summary>A paged segment with just enough pages for full sequences, and two that nobody owns.</summary>
    public static DecodeSegment Paged(int batch, int pageSize, int pagesPerSequence) =>
        DecodeSegment.Paged(new KvPaging((batch * pagesPerSequence) + 2, pageSize, pagesPerSequence));

    private static IEnumerable<OperationCase> Plain(DType dtype)
    {
        DecodeOptions causal = new() { Causal = true };
        OperationCase Validate(
            string name, DecodeShape shape, DecodeSegment slots, DecodeOptions? options = null, string inputs = DecodeInputs.Normal,
            DecodeLayout? layout = null) =>
            new(name, new DecodeProblem(shape, slots, dtype, options, layout, hasLogits: true), inputs, CaseSuite.Validate);
        DecodeSegment Slots(int n) => DecodeSegment.Contiguous(n);
        DecodeSegment Ragged(int n) => DecodeSegment.Contiguous(n, hasLengths: true);

        yield return Validate("one", new(1, 1, 1, 1, 1), Slots(1));
        yield return Validate("no-slot", new(2, 4, 2, 1, 64), Slots(0));
        yield return Validate("no-batch", new(0, 4, 2, 1, 64), Slots(9));
        yield return Validate("primes-d7-dv5", new(2, 3, 3, 1, 7, 5), Slots(19));
        yield return Validate("primes-d127-dv131", new(1, 2, 2, 1, 127, 131), Slots(211));
        yield return Validate("d1", new(1, 2, 2, 1, 1), Slots(65));
        yield return Validate("d80", new(1, 4, 2, 1, 80), Slots(130));
        yield return Validate("d96", new(1, 4, 2, 1, 96), Slots(130));
        yield return Validate("d256", new(1, 4, 2, 1, 256), Slots(131));
        yield return Validate("d192-dv128", new(1, 4, 2, 1, 192, 128), Slots(90));
        yield return Validate("tile-minus-1", new(1, 4, 1, 1, 64), Slots(63));
        yield return Validate("tile", new(1, 4, 1, 1, 64), Slots(64));
        yield return Validate("tile-plus-1", new(1, 4, 1, 1, 64), Slots(65));
        yield return Validate("part-minus-1", new(1, 4, 2, 1, 128), Slots(255));
        yield return Validate("part-plus-1", new(1, 4, 2, 1, 128), Slots(257));
        yield return Validate("long", new(1, 4, 1, 1, 128), Slots(3001));

        // Query rows that share a key/value head: 1 to many.
        yield return Validate("mha", new(2, 3, 3, 1, 64), Slots(301));
        yield return Validate("gqa-2", new(2, 4, 2, 1, 128), Slots(301));
        yield return Validate("gqa-3", new(2, 6, 2, 1, 64), Slots(301));
        yield return Validate("gqa-7", new(2, 7, 1, 1, 64), Slots(301));
        yield return Validate("gqa-8", new(2, 16, 2, 1, 128), Slots(301));
        yield return Validate("mqa-32", new(1, 32, 1, 1, 64), Slots(301));
        yield return Validate("queries-3-gqa-2", new(2, 4, 2, 3, 64), Slots(301), causal);
        yield return Validate("queries-16-gqa-4", new(1, 8, 2, 16, 64), Slots(131), causal);
        yield return Validate("queries-5-not-causal", new(1, 2, 2, 5, 64), Slots(77));

        yield return Validate("softcap-30", new(1, 4, 2, 1, 64), Slots(301), new() { SoftCap = 30 });
        yield return Validate("softcap-50-extreme", new(1, 4, 2, 1, 64), Slots(301), new() { SoftCap = 50 }, DecodeInputs.ExtremeLogits);
        yield return Validate("scale-0.3", new(1, 4, 2, 1, 64), Slots(301), new() { Scale = 0.3f });
        yield return Validate("scale-0", new(1, 4, 2, 1, 64), Slots(43), new() { Scale = 0 });
        yield return Validate("scale-negative", new(1, 4, 2, 1, 64), Slots(301), new() { Scale = -0.125f });

        // One slot takes nearly all of a row's weight: rows enough that some have it in the last tile.
        yield return Validate("logits-100", new(2, 16, 4, 1, 64), Slots(831), null, DecodeInputs.ExtremeLogits);
        yield return Validate("ties", new(1, 4, 2, 1, 64), Slots(203), null, DecodeInputs.Ties);
        yield return Validate("splits-1", new(1, 4, 2, 1, 64), Slots(703), new() { Splits = 1 });
        yield return Validate("splits-7", new(1, 4, 2, 1, 64), Slots(703), new() { Splits = 7 });
        yield return Validate("splits-4096", new(1, 4, 2, 1, 64), Slots(703), new() { Splits = 4096 });
        yield return Validate("batch-invariant", new(2, 4, 2, 1, 64), Ragged(1303), new() { BatchInvariant = true }, DecodeInputs.Ragged);

        yield return Validate("ragged", new(6, 4, 2, 1, 64), Ragged(303), null, DecodeInputs.Ragged);
        yield return Validate("ragged-causal-queries-5", new(6, 4, 2, 5, 64), Ragged(303), causal, DecodeInputs.Ragged);
        foreach (int pageSize in new[] { 1, 3, 16, 64, 100, 256, 1024 })
            yield return Validate($"paged-{pageSize}", new(5, 4, 2, 1, 64), Paged(5, pageSize, (700 / pageSize) + 1), null, DecodeInputs.Ragged);
        yield return Validate("paged-causal-queries-4-softcap", new(5, 4, 2, 4, 64), Paged(5, 16, 21),
            new() { Causal = true, SoftCap = 20 }, DecodeInputs.Ragged);
        yield return Validate("paged-shared-pages", new(3, 4, 2, 1, 64), DecodeSegment.Paged(new(7, 32, 9)));
        yield return Validate("paged-heads-as-batch", new(8, 4, 1, 1, 128), Paged(8, 16, 40), null, DecodeInputs.Ragged);

        // Strides: rows with gaps, heads innermost, pages in a slab with other things between them.
        yield return Validate("layout-gaps", new(2, 4, 2, 2, 40, 24), Slots(61), layout: new()
        {
            Q = new((4 * 2 * 47) + 9, 2 * 47, 47),
            K = new((2 * 61 * 53) + 5, 61 * 53, 53),
            V = new((2 * 61 * 29) + 3, 61 * 29, 29),
            Out = new((4 * 2 * 31) + 7, 2 * 31, 31),
        });
        yield return Validate("layout-token-major", new(2, 4, 2, 1, 64), Slots(161), layout: new()
        {
            K = TensorStrides.TokenMajor(2, 161, 64),
            V = TensorStrides.TokenMajor(2, 161, 64),
        });
        yield return Validate("layout-slab", new(4, 4, 1, 1, 64), Paged(4, 16, 12), null, DecodeInputs.Ragged, new()
        {
            K = new((16 * 128) + 24, 16 * 128, 64),
            V = new((16 * 128) + 24, 16 * 128, 64),
        });

        OperationCase Bench(string name, DecodeShape shape, DecodeSegment slots) =>
            new(name, new DecodeProblem(shape, slots, dtype), DecodeInputs.Normal, CaseSuite.Bench);
        yield return Bench("b1hq32hk8n32768d128", new(1, 32, 8, 1, 128), Slots(Context));
        yield return Bench("b1hq32hk8n32768d128-paged16", new(1, 32, 8, 1, 128), Paged(1, 16, Context / 16));
    }

    private static IEnumerable<OperationCase> Mixed(DType dtype)
    {
        DecodeOptions causal = new() { Causal = true };
        foreach (KvFormat format in Enum.GetValues<KvFormat>())
        {
            OperationCase Validate(
                string name, DecodeShape shape, DecodeSegment original, DecodeSegment quantised, DecodeOptions? options = null,
                string inputs = DecodeInputs.Normal, DecodeLayout? layout = null) =>
                new(
                    $"{format.Name()}-{name}",
                    new DecodeProblem(shape, original, dtype, options, layout, new(format, quantised), hasLogits: true), inputs, CaseSuite.Validate);
            DecodeSegment Slots(int n) => DecodeSegment.Contiguous(n);
            DecodeSegment Ragged(int n) => DecodeSegment.Contiguous(n, hasLengths: true);

            // Two logits can be near exact in all eight naive orders: several rows of them.
            yield return Validate("one", new(4, 8, 4, 1, 32), Slots(1), Slots(1));
            yield return Validate("none", new(2, 4, 2, 1, 64), Slots(0), Slots(0));
            yield return Validate("all-quantised", new(2, 4, 2, 1, 128), Slots(0), Slots(301));
            yield return Validate("all-original", new(2, 4, 2, 1, 128), Slots(301), Slots(0));
            yield return Validate("no-quantised", new(2, 4, 2, 1, 128), Ragged(301), Ragged(97), null, DecodeInputs.NoQuantised);
            yield return Validate("no-original", new(2, 4, 2, 1, 128), Ragged(301), Ragged(97), null, DecodeInputs.NoOriginal);
            yield return Validate("tile-minus-1", new(1, 4, 1, 1, 64), Slots(63), Slots(65));
            yield return Validate("d32", new(1, 4, 2, 1, 32), Slots(77), Slots(131));
            yield return Validate("d96-dv160", new(1, 4, 2, 1, 96, 160), Slots(77), Slots(131));
            yield return Validate("d256", new(1, 4, 2, 1, 256), Slots(77), Slots(131));
            if (format == KvFormat.E4M3)
            {
                yield return Validate("primes-d7-dv5", new(2, 3, 3, 1, 7, 5), Slots(19), Slots(23));
                yield return Validate("primes-d127-dv131", new(1, 2, 2, 1, 127, 131), Slots(101), Slots(103));
                yield return Validate("d80", new(1, 4, 2, 1, 80), Slots(77), Slots(131));
            }

            yield return Validate("long", new(1, 4, 1, 1, 128), Slots(1001), Slots(2003));
            yield return Validate("mha", new(2, 3, 3, 1, 64), Slots(101), Slots(301));
            yield return Validate("gqa-3", new(2, 6, 2, 1, 64), Slots(101), Slots(301));
            yield return Validate("gqa-8", new(2, 16, 2, 1, 128), Slots(101), Slots(301));
            yield return Validate("mqa-17", new(1, 17, 1, 1, 64), Slots(101), Slots(301));
            yield return Validate("queries-5-causal", new(2, 4, 2, 5, 64), Slots(101), Slots(301), causal);
            yield return Validate("softcap-20", new(1, 4, 2, 1, 64), Slots(101), Slots(301), new() { SoftCap = 20 });
            yield return Validate("scale-negative", new(1, 4, 2, 1, 64), Slots(101), Slots(301), new() { Scale = -0.125f });
            yield return Validate("logits-100", new(2, 16, 4, 1, 64), Slots(127), Slots(319), null, DecodeInputs.ExtremeLogits);
            yield return Validate("ties", new(1, 4, 2, 1, 64), Slots(0), Slots(301), null, DecodeInputs.Ties);
            yield return Validate("splits-7", new(1, 4, 2, 1, 64), Slots(303), Slots(703), new() { Splits = 7 });
            yield return Validate("batch-invariant", new(3, 4, 2, 1, 64), Ragged(703), Ragged(1301), new() { BatchInvariant = true },
                DecodeInputs.Ragged);
            yield return Validate("ragged-causal-queries-5", new(6, 4, 2, 5, 64), Ragged(303), Ragged(205), causal, DecodeInputs.Ragged);
            foreach (int pageSize in new[] { 1, 16, 100 })
                yield return Validate($"paged-{pageSize}", new(5, 4, 2, 1, 64), Paged(5, pageSize, (200 / pageSize) + 1),
                    Paged(5, pageSize + 1, (500 / pageSize) + 1), null, DecodeInputs.Ragged);
            yield return Validate("paged-original-only", new(5, 4, 2, 1, 64), Paged(5, 16, 11), Ragged(203), null, DecodeInputs.Ragged);
            yield return Validate("layout-slab", new(4, 4, 1, 1, 64), Paged(4, 16, 7), Paged(4, 16, 12), null, DecodeInputs.Ragged, Slab(format));
        }

        OperationCase Bench(string name, KvFormat format, int original, int quantised, int group = 4) => new(
            name,
            new DecodeProblem(
                new(1, 8 * group, 8, 1, 128), DecodeSegment.Contiguous(original), dtype, quantised: new(format, DecodeSegment.Contiguous(quantised))),
            DecodeInputs.Normal,
            CaseSuite.Bench);

        yield return Bench("b1hq32hk8n32768d128-e4m3", KvFormat.E4M3, 0, Context);
        yield return Bench("b1hq32hk8n32768d128-int4", KvFormat.Int4, 0, Context);

        // A quarter of the bytes of 32k 16-bit slots; a quarter of those as originals, the rest quantised.
        const int Row = 128;
        double rest = 3.0 / 16 * Context * Row * 2;
        yield return Bench("n32768-quarter-e4m3", KvFormat.E4M3, Context / 16, (int)(rest / KvFormat.E4M3.RowBytes(Row)));
        yield return Bench("n32768-quarter-int4", KvFormat.Int4, Context / 16, (int)(rest / KvFormat.Int4.RowBytes(Row)));

        // The whole cache in 16 bits against a quarter of its bytes, for 1, 2 and 4 query heads a KV head: times of one table divide.
        if (dtype != DType.BFloat16) yield break;
        const int Recent = 64;
        double budget = ((Context / 4.0) - Recent) * Row * 2;
        foreach (int group in new[] { 1, 2, 4 })
        {
            yield return Bench($"g{group}-n32768-full", KvFormat.Int4, Context, 0, group);
            foreach (KvFormat format in Enum.GetValues<KvFormat>())
                yield return Bench($"g{group}-n32768-64-and-quarter-{format.Name()}", format, Recent, (int)(budget / format.RowBytes(Row)), group);
        }
    }

    /// <summary>Pages of 16 slots of one KV head with D = 64, as a slab of a cache holds them, with a gap at the end of each page.</summary>
    private static DecodeLayout Slab(KvFormat format)
    {
        const int PageSize = 16, Dim = 64, Gap = 8;
        int codes = format.CodeBytes(Dim), groups = format.GroupCount(Dim);
        int bytes = (PageSize * 2 * format.RowBytes(Dim)) + (4 * Gap);
        return new DecodeLayout
        {
            K = new((PageSize * Dim * 2) + Gap, PageSize * Dim, Dim),
            V = new((PageSize * Dim * 2) + Gap, PageSize * Dim, Dim),
            KCodes = new(bytes, PageSize * codes, codes),
            VCodes = new(bytes, PageSize * codes, codes),
            KGroups = groups > 0 ? new(bytes, PageSize * groups, groups) : null,
            VGroups = groups > 0 ? new(bytes, PageSize * groups, groups) : null,
            KScales = new(bytes / sizeof(float), PageSize, 1),
            VScales = new(bytes / sizeof(float), PageSize, 1),
        };
    }
}
