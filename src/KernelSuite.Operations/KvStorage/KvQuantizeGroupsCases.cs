using KernelSuite.Operations.Attention;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.KvStorage;

/// <summary>The named cases of kv_quantize_groups and their inputs.</summary>
internal static class KvQuantizeGroupsCases
{
    public const string Ties = "half steps between codes, constant channels and tokens";
    public const string Extremes = "NaN, infinities, the largest floats, subnormals, the least range";

    private static readonly double[] Corners =
        [double.NaN, double.PositiveInfinity, double.NegativeInfinity, 3e38, -3e38, 1e-40, -1e-40, 1e-27, -1e-27, Math.Pow(2, -90), Math.Pow(2, 126), -0.0, 0.0];

    public static IReadOnlyList<OperationCase> All { get; } = [.. KvQuantizeCases.DTypes.SelectMany(d => Make(d, KvGroupAxis.Tokens).Concat(Make(d, KvGroupAxis.Dims)))];

    public static void Fill(KvQuantizeGroupsProblem problem, string inputs, ulong seed, HostOperands operands)
    {
        var random = new SeededRandom(seed);
        KvInputs.FillRows(operands, KvQuantizeGroupsProblem.X, inputs switch
        {
            Ties => HalfSteps(problem.Options.Levels, random),
            Extremes => Edges(random),
            _ => KvInputs.Generator(inputs, problem.DType, random),
        });
    }

    private static Func<int, double> HalfSteps(int levels, SeededRandom random)
    {
        bool constant = false;
        return d =>
        {
            if (d == 0) constant = random.NextUniform() < 0.2;
            return constant || d % 5 == 3 ? 1.25 : 0.5 * (int)(random.NextUniform() * ((2 * levels) + 1));
        };
    }

    private static Func<int, double> Edges(SeededRandom random)
    {
        double magnitude = 1;
        return d =>
        {
            // Whole tokens of tiny numbers, so that some groups have nothing but corners.
            if (d == 0) magnitude = random.NextUniform() < 0.5 ? 1 : 1e-27;
            return random.NextUniform() < 0.3 ? Corners[(int)(random.NextUniform() * Corners.Length)] : magnitude * random.NextNormal();
        };
    }

    private static IEnumerable<OperationCase> Make(DType dtype, KvGroupAxis axis)
    {
        OperationCase Case(
            string name, KvQuantizeGroupsShape shape, int bits, int group, string inputs = KvInputs.Normal, TensorStrides? x = null, CaseSuite suite = CaseSuite.Validate) => new(
            $"{(axis == KvGroupAxis.Tokens ? "tokens" : "dims")}-{name}", new KvQuantizeGroupsProblem(shape, dtype, new(bits, group, axis), x), inputs, suite);

        yield return Case("one", new(1, 1, 1, 1), 2, 1);
        yield return Case("no-batch", new(0, 2, 5, 32), 2, 4);
        yield return Case("no-slot", new(1, 2, 0, 32), 4, 4);
        yield return Case("whole-groups", new(2, 2, 64, 64), 2, 32);
        yield return Case("short-last-group", new(2, 3, 67, 77), 4, 32);
        yield return Case("group-of-one", new(1, 2, 7, 5), 2, 1);
        yield return Case("group-of-13", new(1, 3, 41, 37), 2, 13);
        yield return Case("group-past-the-end", new(1, 2, 19, 23), 4, 1 << 30);
        yield return Case("wide", new(1, 1, 9, 1601), 2, 128);
        yield return Case("ties-2-bit", new(1, 3, 63, 65), 2, 16, Ties);
        yield return Case("ties-4-bit", new(1, 3, 65, 63), 4, 33, Ties);
        yield return Case("wild", new(1, 3, 101, 67), 4, 17, KvInputs.Wild);
        yield return Case("extremes", new(1, 3, 101, 67), 2, 5, Extremes);
        yield return Case("extremes-4-bit", new(1, 2, 67, 101), 4, 48, Extremes);
        yield return Case("layout-gaps", new(2, 2, 20, 39), 2, 16, x: new(5000, 2300, 42));
        yield return Case("layout-token-major", new(2, 3, 21, 64), 4, 32, x: TensorStrides.TokenMajor(3, 21, 64));
        yield return Case("h8n8kd128", new(1, 8, 8192, 128), 2, 32, suite: CaseSuite.Bench);
    }
}
