using KernelSuite.Operations.Attention;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.KvStorage;

/// <summary>The named cases of kv_quantize and their inputs.</summary>
internal static class KvQuantizeCases
{
    public static IReadOnlyList<DType> DTypes { get; } = [DType.Float32, DType.Float16, DType.BFloat16];

    public static IReadOnlyList<OperationCase> All { get; } = [.. DTypes.SelectMany(d => Make(d, KvFormat.E4M3).Concat(Make(d, KvFormat.Int4)))];

    public static void Fill(KvQuantizeProblem problem, string inputs, ulong seed, HostOperands operands)
    {
        var random = new SeededRandom(seed);
        KvQuantizeShape s = problem.Shape;
        int pairs = s.Batch * s.KvHeads;
        KvInputs.FillRows(operands, KvQuantizeProblem.X, KvInputs.Generator(inputs, problem.DType, random));
        if (problem.Paging is { } paging) KvInputs.FillTable(operands.Data<int>(KvQuantizeProblem.PageTable), paging, s.Batch, s.Slots, random);
        if (problem.TargetPaging is { } target) KvInputs.FillTable(operands.Data<int>(KvQuantizeProblem.TargetPageTable), target, s.Batch, s.TargetSlots, random);
        if (problem.HasCounts) KvInputs.FillCounts(operands.Data<int>(KvQuantizeProblem.Counts)[..pairs], s.Rows, random);
        if (problem.HasStart)
            for (int i = 0; i < pairs; i++) operands.Data<int>(KvQuantizeProblem.Start)[i] = i switch { 0 => 3, 2 => int.MinValue, 3 => int.MaxValue, _ => (int)(random.NextUniform() * 5) };
        if (!problem.HasRows) return;
        for (int i = 0; i < pairs * s.Rows; i++)
            operands.Data<int>(KvQuantizeProblem.Rows)[i] = random.NextUniform() < 0.03 ? (random.NextUniform() < 0.5 ? -3 : s.Slots) : (int)(random.NextUniform() * s.Slots);
    }

    private static IEnumerable<OperationCase> Make(DType dtype, KvFormat format)
    {
        string Named(string name) => $"{format.Name()}-{name}";
        int d = format == KvFormat.Int4 ? 32 : 1, odd = format == KvFormat.Int4 ? 96 : 77;
        OperationCase Validate(
            string name, KvQuantizeShape shape, string inputs = KvInputs.Normal, KvPaging? paging = null, KvPaging? target = null, KvQuantizeLayout? layout = null,
            bool rows = false, bool counts = false, bool start = false, bool shared = false) =>
            new(Named(name), new KvQuantizeProblem(shape, dtype, format, paging, target, layout, rows, counts, start, shared), inputs, CaseSuite.Validate);
        OperationCase Bench(string name, KvQuantizeShape shape, bool rows = false) =>
            new(Named(name), new KvQuantizeProblem(shape, dtype, format, hasRows: rows), KvInputs.Normal, CaseSuite.Bench);

        yield return Validate("one", new(1, 1, 1, 1, 1, d));
        yield return Validate("no-batch", new(0, 2, 5, 5, 5, 32));
        yield return Validate("no-slot", new(1, 2, 0, 0, 0, 32));
        yield return Validate("d64", new(2, 2, 67, 67, 67, 64));
        yield return Validate("d128", new(1, 2, 65, 65, 65, 128));
        yield return Validate("odd", new(2, 3, 63, 63, 63, odd));
        yield return Validate("d256", new(1, 1, 13, 13, 13, 256));
        yield return Validate("wide", new(1, 2, 5, 5, 5, 1600));
        yield return Validate("wild", new(2, 3, 101, 101, 101, 64), KvInputs.Wild);
        yield return Validate("wild-odd", new(1, 2, 101, 101, 101, odd), KvInputs.Wild);
        yield return Validate("gather", new(2, 3, 90, 41, 50, 64), rows: true, counts: true, start: true);
        yield return Validate("shared", new(2, 3, 50, 50, 50, 32), shared: true);
        yield return Validate("shared-gather-wild", new(2, 3, 50, 33, 40, odd), KvInputs.Wild, rows: true, counts: true, start: true, shared: true);
        yield return Validate("paged-source", new(2, 2, 75, 40, 40, 64), paging: new(12, 16, 6), rows: true);
        yield return Validate("paged-both", new(2, 2, 75, 40, 45, 32), paging: new(40, 5, 18), target: new(9, 16, 4), rows: true, counts: true, start: true);
        yield return Validate("paged-pool-too-small", new(2, 1, 64, 64, 64, 32), paging: new(6, 16, 4), target: new(7, 16, 4));
        yield return Validate("page-past-the-pool", new(2, 1, 4, 4, 4, 32), paging: new(6, 1, 4), target: new(7, 1, 4));
        yield return Validate("layout-gaps", new(2, 2, 20, 20, 20, odd), layout: new()
        {
            X = new(5000, 2300, odd + 3),
            Codes = new(4500, 2200, odd + 1),
            Groups = new(300, 140, 5),
            Scales = new(100, 45, 2),
        });
        yield return Validate("layout-token-major", new(2, 3, 20, 20, 20, 64), layout: new() { X = TensorStrides.TokenMajor(3, 20, 64) });

        yield return Bench("h8n8kd128", new(1, 8, 8192, 8192, 8192, 128));
        yield return Bench("h8n8kd128-gather", new(1, 8, 16384, 8192, 8192, 128), rows: true);
    }
}
