using KernelSuite.Runtime;

namespace KernelSuite.Operations.Attention;

/// <summary>Seeded inputs of the named distributions.</summary>
internal static class AttentionInputs
{
    public const string Normal = "normal(0,1)";
    public const string ExtremeLogits = "logits to +-100";
    public const string Ties = "equal keys";
    public const string Ragged = "normal(0,1), ragged lengths";

    /// <summary>Factor on q that makes three standard deviations of the scaled logits reach 100.</summary>
    private const double ExtremeFactor = 33;

    public static void Fill(AttentionProblem problem, string inputs, ulong seed, HostOperands operands)
    {
        switch (problem.DType)
        {
            case DType.Float32: Fill<float>(problem, inputs, seed, operands); break;
            case DType.Float16: Fill<Half>(problem, inputs, seed, operands); break;
            default: Fill<BFloat16>(problem, inputs, seed, operands); break;
        }
    }

    private static void Fill<T>(AttentionProblem problem, string inputs, ulong seed, HostOperands operands)
        where T : unmanaged
    {
        AttentionShape s = problem.Shape;
        double qFactor = inputs == ExtremeLogits ? ExtremeFactor : 1;
        FillTensor(operands.Data<T>(AttentionProblem.Q), s.Batch, s.QueryHeads, s.QueryLength, s.HeadDim, problem.QStrides, new SeededRandom(seed ^ 0x51), qFactor, false);
        FillTensor(operands.Data<T>(AttentionProblem.K), s.Batch, s.KvHeads, s.KvLength, s.HeadDim, problem.KStrides, new SeededRandom(seed ^ 0x4B), 1, inputs == Ties);
        FillTensor(operands.Data<T>(AttentionProblem.V), s.Batch, s.KvHeads, s.KvLength, s.ValueDim, problem.VStrides, new SeededRandom(seed ^ 0x56), 1, false);
        if (problem.HasKvLengths) FillLengths(problem, seed, operands.Data<int>(AttentionProblem.KvLengths));
        if (problem.HasKvLengths) PoisonPadding(problem, operands, operands.Data<T>(AttentionProblem.K), problem.KStrides, s.HeadDim);
        if (problem.HasKvLengths) PoisonPadding(problem, operands, operands.Data<T>(AttentionProblem.V), problem.VStrides, s.ValueDim);
    }

    private static void FillTensor<T>(
        Span<T> data, int batch, int heads, int rows, int width, TensorStrides strides, SeededRandom random, double factor, bool sameRows)
        where T : unmanaged
    {
        var row = new T[width];
        for (int b = 0; b < batch; b++)
        {
            for (int h = 0; h < heads; h++)
            {
                for (int n = 0; n < rows; n++)
                {
                    if (n == 0 || !sameRows)
                        for (int d = 0; d < width; d++) row[d] = Storage.FromDouble<T>(factor * random.NextNormal());
                    row.CopyTo(data[(int)((b * strides.Batch) + (h * strides.Head) + (n * strides.Row))..]);
                }
            }
        }
    }

    /// <summary>Lengths that hit the corners first: full, empty, one, then random.</summary>
    private static void FillLengths(AttentionProblem problem, ulong seed, Span<int> lengths)
    {
        var random = new SeededRandom(seed ^ 0x4C);
        int most = problem.Shape.KvLength;
        for (int b = 0; b < problem.Shape.Batch; b++)
        {
            lengths[b] = b switch
            {
                0 => (most + 1) / 2,
                1 => 0,
                2 => Math.Min(1, most),
                3 => most,
                _ => (int)(random.NextUniform() * (most + 1)),
            };
        }
    }

    /// <summary>What lies in padding must never reach the output; NaN shows it if it does.</summary>
    private static void PoisonPadding<T>(AttentionProblem problem, HostOperands operands, Span<T> data, TensorStrides strides, int width)
        where T : unmanaged
    {
        Span<int> lengths = operands.Data<int>(AttentionProblem.KvLengths);
        for (int b = 0; b < problem.Shape.Batch; b++)
        {
            for (int h = 0; h < problem.Shape.KvHeads; h++)
            {
                for (int n = lengths[b]; n < problem.Shape.KvLength; n++)
                    data.Slice((int)((b * strides.Batch) + (h * strides.Head) + (n * strides.Row)), width).Fill(Storage.FromDouble<T>(double.NaN));
            }
        }
    }
}
