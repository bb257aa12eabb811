using KernelSuite.Runtime;

namespace KernelSuite.Operations.KvStorage;

/// <summary>The named cases of kv_dequantize and their inputs.</summary>
internal static class KvDequantizeCases
{
    public const string Codes = "every finite code, scales from 2^-8 to 2^2";

    public static IReadOnlyList<OperationCase> All { get; } = [.. KvQuantizeCases.DTypes.SelectMany(d => Make(d, KvFormat.E4M3).Concat(Make(d, KvFormat.Int4)))];

    public static void Fill(KvDequantizeProblem problem, ulong seed, HostOperands operands)
    {
        var random = new SeededRandom(seed);
        KvDequantizeShape s = problem.Shape;
        Fill(operands, KvDequantizeProblem.Codes, problem.Format == KvFormat.E4M3, random);
        if (problem.Format == KvFormat.Int4) Fill(operands, KvDequantizeProblem.Groups, true, random);
        KvInputs.FillRows(operands, KvDequantizeProblem.Scales, _ => (1 + random.NextUniform()) * Math.Pow(2, (int)(random.NextUniform() * 10) - 8));
        if (problem.Paging is { } paging) KvInputs.FillTable(operands.Data<int>(KvDequantizeProblem.PageTable), paging, s.Batch, s.Slots, random);
        if (problem.HasLengths) KvInputs.FillCounts(operands.Data<int>(KvDequantizeProblem.Lengths)[..(s.Batch * s.KvHeads)], s.Slots, random);
    }

    private static void Fill(HostOperands operands, int operand, bool finite, SeededRandom random)
    {
        // All bytes of the storage, gaps included: nothing there may reach an output.
        Span<byte> bytes = operands.Data<byte>(operand)[..(int)operands.Problem.Operands[operand]!.StorageLength];
        foreach (ref byte code in bytes)
        {
            code = (byte)random.NextBits();
            if (finite && (code & 0x7F) == 0x7F) code--;
        }
    }

    private static IEnumerable<OperationCase> Make(DType dtype, KvFormat format)
    {
        int odd = format == KvFormat.Int4 ? 96 : 77;
        OperationCase Case(string name, KvDequantizeShape shape, KvPaging? paging = null, KvQuantizeLayout? layout = null, bool lengths = false, CaseSuite suite = CaseSuite.Validate) =>
            new($"{format.Name()}-{name}", new KvDequantizeProblem(shape, dtype, format, paging, layout, lengths), Codes, suite);

        yield return Case("one", new(1, 1, 1, 32));
        yield return Case("no-batch", new(0, 2, 5, 32));
        yield return Case("d64", new(2, 2, 67, 64));
        yield return Case("odd", new(2, 3, 63, odd));
        yield return Case("d256", new(1, 1, 13, 256));
        yield return Case("wide", new(1, 2, 5, 1600));
        yield return Case("ragged", new(3, 2, 90, 64), lengths: true);
        yield return Case("paged", new(2, 2, 75, 32), new(12, 16, 6), lengths: true);
        yield return Case("paged-pool-too-small", new(2, 1, 64, 32), new(7, 16, 5));
        yield return Case("layout-gaps", new(2, 2, 20, odd), layout: new()
        {
            X = new(5000, 2300, odd + 3),
            Codes = new(4500, 2200, odd + 1),
            Groups = new(300, 140, 5),
            Scales = new(100, 45, 2),
        });
        yield return Case("h8n8kd128", new(1, 8, 8192, 128), suite: CaseSuite.Bench);
    }
}
