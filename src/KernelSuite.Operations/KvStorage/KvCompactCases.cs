using KernelSuite.Operations.Attention;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.KvStorage;

/// <summary>The named cases of kv_compact and their inputs.</summary>
internal static class KvCompactCases
{
    public const string Random = "random rows kept";
    public const string Runs = "runs of 64 rows kept";
    public const string Wrong = "entries out of range among them";

    public static IReadOnlyList<DType> DTypes { get; } = [DType.Float32, DType.Float16, DType.BFloat16, DType.UInt8];

    public static IReadOnlyList<OperationCase> All { get; } = [.. DTypes.SelectMany(Make)];

    public static void Fill(KvCompactProblem problem, string inputs, ulong seed, HostOperands operands)
    {
        var random = new SeededRandom(seed);
        KvCompactShape s = problem.Shape;
        KvInputs.FillRows(operands, KvCompactProblem.K, _ => random.NextNormal() + 2);
        if (problem.HasValues) KvInputs.FillRows(operands, KvCompactProblem.V, _ => random.NextNormal() + 2);
        if (problem.HasSlotMap)
            for (int i = 0; i < problem.MapEntries; i++) operands.Data<int>(KvCompactProblem.SlotMap)[i] = (int)(random.NextBits() & 0xFFFFFF) + 1;
        if (problem.Paging is { } paging) KvInputs.FillTable(operands.Data<int>(KvCompactProblem.PageTable), paging, s.Batch, s.Slots, random);
        if (problem.HasCounts) KvInputs.FillCounts(operands.Data<int>(KvCompactProblem.Counts)[..(s.Batch * s.KvHeads)], s.Kept, random);
        for (int pair = 0; pair < s.Batch * s.KvHeads; pair++) FillKeep(inputs, operands.Data<int>(KvCompactProblem.Keep).Slice(pair * s.Kept, s.Kept), s.Slots, random);
    }

    private static void FillKeep(string inputs, Span<int> keep, int slots, SeededRandom random)
    {
        int block = inputs == Runs ? 64 : 1;
        int at = 0;
        for (int i = 0; i < keep.Length; i++)
        {
            // As likely as leaves enough rows for the rest.
            while (i % block == 0 && slots - at > keep.Length - i && random.NextUniform() * (slots - at) > keep.Length - i) at += Math.Min(block, slots - at - (keep.Length - i));
            keep[i] = at++;
        }

        if (inputs != Wrong) return;
        for (int i = 0; i < keep.Length; i += 5) keep[i] = (i / 5 % 4) switch { 0 => -1, 1 => slots, 2 => int.MaxValue, _ => int.MinValue };
    }

    private static IEnumerable<OperationCase> Make(DType dtype)
    {
        OperationCase Validate(
            string name, KvCompactShape shape, string inputs = Random, KvPaging? paging = null, KvCompactLayout? layout = null, bool counts = false, bool map = false) =>
            new(name, new KvCompactProblem(shape, dtype, paging, layout, counts, map), inputs, CaseSuite.Validate);
        OperationCase Bench(string name, KvCompactShape shape, string inputs, bool map = false, KvPaging? paging = null) =>
            new(name, new KvCompactProblem(shape, dtype, paging, hasSlotMap: map), inputs, CaseSuite.Bench);

        yield return Validate("one", new(1, 1, 1, 1, 1));
        yield return Validate("no-batch", new(0, 2, 5, 3, 8, 8));
        yield return Validate("no-slot", new(2, 2, 0, 0, 8, 8));
        yield return Validate("keep-all", new(1, 2, 37, 37, 16, 16));
        yield return Validate("primes", new(2, 3, 211, 101, 7, 13), map: true);
        yield return Validate("d64", new(2, 2, 130, 97, 64, 64), map: true);
        yield return Validate("d64-dv128-counts", new(2, 4, 100, 60, 64, 128), counts: true, map: true);
        yield return Validate("runs", new(1, 3, 700, 450, 32, 32), Runs);
        yield return Validate("wide", new(1, 1, 40, 20, 5000));
        yield return Validate("width-1", new(2, 3, 300, 170, 1, 1));
        yield return Validate("wrong-entries", new(2, 2, 60, 47, 24, 8), Wrong, map: true);
        yield return Validate("paged-16", new(2, 2, 150, 90, 32, 32), paging: new(24, 16, 12), counts: true);
        yield return Validate("paged-7-map", new(3, 1, 100, 61, 20, 12), paging: new(50, 7, 20), map: true);
        yield return Validate("paged-1-runs", new(1, 2, 200, 130, 8), Runs, new(230, 1, 210));
        yield return Validate("paged-pool-too-small", new(2, 1, 100, 80, 16, 16), paging: new(9, 16, 7));
        yield return Validate("layout-gaps", new(2, 3, 50, 31, 9, 6), layout: new()
        {
            K = new(2000, 600, 12),
            V = new(1500, 450, 9),
            KOut = new(1700, 520, 10),
            VOut = new(1100, 350, 7),
        });
        yield return Validate("layout-token-major", new(2, 3, 50, 31, 16, 16), layout: new() { K = TensorStrides.TokenMajor(3, 50, 16), V = TensorStrides.TokenMajor(3, 50, 16) });
        yield return Validate("paged-slab", new(1, 2, 70, 45, 16, 16), paging: new(8, 16, 5), layout: new() { K = new(1031, 16 * 16, 16), V = new(1033, 16 * 16, 16) });

        yield return Bench("h8n8kd128-runs", new(1, 8, 8192, 4096, 128, 128), Runs);
        yield return Bench("h8n8kd128-random", new(1, 8, 8192, 4096, 128, 128), Random);
        yield return Bench("h8n8kd128-paged-runs", new(1, 8, 8192, 4096, 128, 128), Runs, paging: new(512, 16, 512));
    }
}
