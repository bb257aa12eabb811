using System.Numerics;

namespace KernelSuite.Operations.Counters.Distance;

/// <summary>The distance of one pair in the kernels' precision, with sums in any order: what rounding alone does.</summary>
internal static class ConeDistanceNaive
{
    public static void Measure<TReal>(
        ConeDistanceProblem problem, HostOperands operands, long unit, double[]?[] outputs, NaiveArithmetic arithmetic, int hiddenCounters = 0)
        where TReal : unmanaged, IFloatingPointIeee754<TReal>
    {
        (long observation, long model) = Math.DivRem(unit, problem.Models);
        int p = problem.Counters, n = problem.MostSignatures;
        int count = problem.HasCounts ? Math.Clamp(operands.Data<int>(ConeDistanceProblem.Counts)[(int)model], 0, n) : n;
        TReal[] factor = Read<TReal>(problem, operands, ConeDistanceProblem.Factors, observation * p * p, p * p);
        TReal[] mean = Read<TReal>(problem, operands, ConeDistanceProblem.Means, observation * p, p);
        TReal[] signatures = Read<TReal>(problem, operands, ConeDistanceProblem.Signatures, model * n * p, count * p);

        var solver = new PlainActiveSet<TReal>(p, count, arithmetic);
        var lengths = new TReal[count];
        bool finite = Whiten(factor, mean, solver.Target, arithmetic);
        for (int j = 0; j < count; j++)
        {
            Span<TReal> column = solver.Columns.AsSpan(j * p, p);
            finite &= Whiten(factor, signatures.AsSpan(j * p, p), column, arithmetic);
            TReal length = TReal.Sqrt(arithmetic.Dot<TReal>(column, column));
            lengths[j] = length > TReal.Zero ? length : TReal.One;
            foreach (ref TReal value in column) value /= lengths[j];
        }

        // A kernel that drops its last rows does not see these counters.
        for (int i = p - hiddenCounters; i < p; i++)
        {
            solver.Target[i] = TReal.Zero;
            for (int j = 0; j < count; j++) solver.Columns[j * p + i] = TReal.Zero;
        }

        bool solved = finite && solver.Solve(count);
        outputs[ConeDistanceProblem.Distances]![0] =
            finite ? double.CreateChecked(arithmetic.Dot<TReal>(solver.Residual, solver.Residual)) : double.NaN;
        outputs[ConeDistanceProblem.Status]![0] = !finite ? -1 : solved ? 1 : 0;
        if (outputs[ConeDistanceProblem.Ranks] is { } rank)
            rank[0] = !finite ? 0 : solver.Rank;
        if (outputs[ConeDistanceProblem.Weights] is { } weights)
            for (int j = 0; j < n; j++) weights[j] = !finite ? double.NaN : j < count ? double.CreateChecked(solver.Weights[j] / lengths[j]) : 0;
        if (outputs[ConeDistanceProblem.Directions] is not { } direction) return;
        var across = new TReal[p];
        for (int i = 0; i < p; i++)
        {
            for (int k = 0; k < p; k++) across[k] = factor[k * p + i];
            direction[i] = finite ? double.CreateChecked(arithmetic.Dot<TReal>(across, solver.Residual)) : double.NaN;
        }
    }

    private static bool Whiten<TReal>(ReadOnlySpan<TReal> factor, ReadOnlySpan<TReal> vector, Span<TReal> result, NaiveArithmetic arithmetic)
        where TReal : unmanaged, IFloatingPointIeee754<TReal>
    {
        bool finite = true;
        for (int i = 0; i < vector.Length; i++)
        {
            result[i] = arithmetic.Dot(factor.Slice(i * vector.Length, vector.Length), vector);
            finite &= TReal.IsFinite(result[i]);
        }

        return finite;
    }

    private static TReal[] Read<TReal>(ConeDistanceProblem problem, HostOperands operands, int operand, long offset, int length)
        where TReal : unmanaged, IFloatingPointIeee754<TReal>
    {
        var values = new TReal[length];
        for (int i = 0; i < length; i++) values[i] = TReal.CreateChecked(Storage.Read(operands[operand]!, operands.Offset + offset + i));
        return values;
    }
}
