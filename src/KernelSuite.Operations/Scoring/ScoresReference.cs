using System.Numerics;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Scoring;

/// <summary>Column sums of a run of keys from the definition, in double and in float: one probability after the other.</summary>
internal static class ScoresReference
{
    /// <summary>Query rows that the planted fault leaves out: one narrow tile.</summary>
    private const int FaultTile = 16;

    public static void Compute<TReal>(
        ScoresProblem problem, HostOperands operands, long unit, double[]?[] outputs, NaiveArithmetic arithmetic)
        where TReal : unmanaged, IFloatingPointIeee754<TReal> => Dispatch<TReal>(problem, operands, unit, outputs, arithmetic, 0, 0);

    /// <summary>The float results without the last <see cref="FaultTile"/> query rows: those that see every key.</summary>
    public static bool Faulty(ScoresProblem problem, HostOperands operands, long unit, double[]?[] outputs)
    {
        int rows = problem.Shape.QueryLength;
        Dispatch<float>(problem, operands, unit, outputs, NaiveArithmetic.Plain, Math.Max(0, rows - FaultTile), rows);
        return rows > 0;
    }

    private static void Dispatch<TReal>(
        ScoresProblem problem, HostOperands operands, long unit, double[]?[] outputs, NaiveArithmetic arithmetic, int dropFrom, int dropTo)
        where TReal : unmanaged, IFloatingPointIeee754<TReal>
    {
        switch (problem.DType)
        {
            case DType.Float32: Unit<float, TReal>(problem, operands, unit, outputs, arithmetic, dropFrom, dropTo); break;
            case DType.Float16: Unit<Half, TReal>(problem, operands, unit, outputs, arithmetic, dropFrom, dropTo); break;
            default: Unit<BFloat16, TReal>(problem, operands, unit, outputs, arithmetic, dropFrom, dropTo); break;
        }
    }

    private static void Unit<T, TReal>(
        ScoresProblem problem, HostOperands operands, long unit, double[]?[] outputs, NaiveArithmetic arithmetic, int dropFrom, int dropTo)
        where T : unmanaged
        where TReal : unmanaged, IFloatingPointIeee754<TReal>
    {
        ScoringShape s = problem.Shape;
        (int batch, int head, int first) = problem.Locate(unit);
        int kvHead = head / s.HeadsPerKv;
        int length = problem.Has(ScoresOperands.KvLengths)
            ? Math.Clamp(operands.Data<int>(ScoresProblem.KvLengths)[batch], 0, s.KvLength)
            : s.KvLength;
        double[] score = outputs[ScoresProblem.Score]!;

        // The run and the neighbours that pooling reaches.
        int reach = problem.Options.PoolTaps / 2;
        int from = Math.Max(0, first - reach), to = Math.Min(length, first + score.Length + reach);
        var group = new TReal[Math.Max(0, to - from)];
        var column = new TReal[s.QueryLength];
        foreach (double[]? output in outputs) output?.AsSpan().Clear();
        for (int j = from; j < to; j++)
        {
            for (int g = 0; g < s.HeadsPerKv; g++)
            {
                int other = (kvHead * s.HeadsPerKv) + g;
                (TReal sum, TReal squares) = Sums<T, TReal>(problem, operands, arithmetic, column, batch, other, j, length, dropFrom, dropTo);
                group[j - from] += sum;
                if (other != head || j < first || j >= first + score.Length) continue;
                if (outputs[ScoresProblem.ColumnSums] is { } sums) sums[j - first] = double.CreateChecked(sum);
                if (outputs[ScoresProblem.ColumnSquares] is { } sumsOfSquares) sumsOfSquares[j - first] = double.CreateChecked(squares);
            }

            group[j - from] /= TReal.CreateChecked(s.HeadsPerKv);
        }

        for (int j = first; j < Math.Min(length, first + score.Length); j++)
        {
            TReal result = MomentsReference.Pooled<TReal>(group, j - from, problem.Options.PoolTaps);
            if (problem.Has(ScoresOperands.Previous))
            {
                long row = ((long)batch * s.KvHeads) + kvHead;
                float previous = operands.Data<float>(ScoresProblem.Previous)[(int)((row * problem.ScoreRow) + j)];
                result = arithmetic.MultiplyAdd(TReal.CreateChecked(problem.Options.Decay), TReal.CreateChecked(previous), result);
            }

            score[j - first] = double.CreateChecked(result);
        }
    }

    private static (TReal Sum, TReal Squares) Sums<T, TReal>(
        ScoresProblem problem, HostOperands operands, NaiveArithmetic arithmetic, TReal[] column, int batch, int head, int key, int length,
        int dropFrom, int dropTo)
        where T : unmanaged
        where TReal : unmanaged, IFloatingPointIeee754<TReal>
    {
        ScoringShape s = problem.Shape;
        long firstLse = (((long)batch * s.QueryHeads) + head) * s.QueryLength;
        ReadOnlySpan<float> lse = operands.Data<float>(ScoresProblem.Lse).Slice((int)firstLse, s.QueryLength);
        ReadOnlySpan<float> given = problem.FromLogits ? operands.Data<float>(ScoresProblem.Logits) : default;
        ReferenceLogits<T, TReal> products = problem.FromLogits
            ? default
            : new(
                operands.Data<T>(ScoresProblem.Q), problem.QStrides, operands.Data<T>(ScoresProblem.K), problem.KStrides, s.HeadDim, problem.Scale,
                problem.Options.SoftCap, arithmetic);
        if (!problem.FromLogits) products.LoadKey(batch, head / s.HeadsPerKv, key);
        int count = 0;
        for (int i = 0; i < s.QueryLength; i++)
        {
            if ((i >= dropFrom && i < dropTo) || key >= problem.VisibleKeys(i, length)) continue;
            long at = (batch * problem.LogitStrides.Batch) + (head * problem.LogitStrides.Head) + (i * problem.LogitStrides.Row) + key;
            column[count++] = problem.FromLogits
                ? ReferenceLogits<T, TReal>.Probability(arithmetic, given[(int)at], lse[i])
                : products.Probability(batch, head, i, lse[i]);
        }

        ReadOnlySpan<TReal> seen = column.AsSpan(0, count);
        return (arithmetic.Sum(seen), arithmetic.Dot(seen, seen));
    }
}
