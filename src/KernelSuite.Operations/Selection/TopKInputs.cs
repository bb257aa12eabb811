namespace KernelSuite.Operations.Selection;

/// <summary>Seeded scores of the named distributions.</summary>
internal static class TopKInputs
{
    public const string Normal = "normal(0,1)";
    public const string Equal = "all equal";
    public const string Ascending = "ascending";
    public const string Descending = "descending";
    public const string Ties = "eight values";
    public const string Special = "NaN, infinities, both zeros, subnormals";
    public const string Weights = "exp(4 normal(0,1)), as attention's weights are";

    private static readonly float[] Specials =
        [float.NaN, -float.NaN, float.PositiveInfinity, float.NegativeInfinity, 0f, -0f, float.Epsilon, -float.Epsilon, float.MaxValue, float.MinValue, 1f, -1f];

    public static void Fill(TopKProblem problem, string inputs, ulong seed, HostOperands operands)
    {
        var random = new SeededRandom(seed);
        Span<float> scores = operands.Data<float>(TopKProblem.Scores);
        for (int row = 0; row < problem.Rows; row++)
        {
            for (int i = 0; i < problem.Columns; i++)
                scores[(int)(row * problem.ScoreStride) + i] = Score(inputs, i, problem.Columns, random);
            if (problem.HasLengths) operands.Data<int>(TopKProblem.Lengths)[row] = Corner(row, problem.Columns, random);
            if (problem.HasLengths) Poison(problem, operands, row);
            if (problem.HasCounts) operands.Data<int>(TopKProblem.Counts)[row] = Corner(row + 1, problem.Selected, random);
        }
    }

    private static float Score(string inputs, int i, int columns, SeededRandom random) => inputs switch
    {
        Equal => 0.5f,
        Ascending => i * 0.25f,
        Descending => (columns - i) * 0.25f,
        Ties => MathF.Floor((float)random.NextUniform() * 8) - 4,
        Special => Specials[(int)(random.NextUniform() * Specials.Length)],
        Weights => (float)Math.Exp(4 * random.NextNormal()),
        _ => (float)random.NextNormal(),
    };

    /// <summary>What a table of lengths may hold: half, nothing, all, nonsense on both sides, then anything.</summary>
    private static int Corner(int row, int most, SeededRandom random) => row switch
    {
        0 => (most + 1) / 2,
        1 => most,
        2 => 0,
        3 => int.MaxValue,
        4 => -7,
        5 => Math.Min(1, most),
        _ => (int)(random.NextUniform() * (most + 1)),
    };

    /// <summary>Scores past the length win every comparison, so that one that is looked at shows.</summary>
    private static void Poison(TopKProblem problem, HostOperands operands, int row)
    {
        int length = Math.Clamp(operands.Data<int>(TopKProblem.Lengths)[row], 0, problem.Columns);
        operands.Data<float>(TopKProblem.Scores).Slice((int)(row * problem.ScoreStride) + length, problem.Columns - length).Fill(float.PositiveInfinity);
    }
}
