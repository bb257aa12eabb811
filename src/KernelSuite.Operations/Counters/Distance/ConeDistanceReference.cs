using KernelSuite.Runtime;

namespace KernelSuite.Operations.Counters.Distance;

/// <summary>The distance of one pair from its definition, with twice the digits of a double, and proven to be the optimum.</summary>
internal static class ConeDistanceReference
{
    // Weights and gradients below this share of |W mean| may be zero for a kernel, or not.
    private const double Unclear = 1e-3;

    public static void Measure(ConeDistanceProblem problem, HostOperands operands, long unit, double[]?[] outputs)
    {
        (long observation, long model) = Math.DivRem(unit, problem.Models);
        int p = problem.Counters, n = problem.MostSignatures;
        int count = problem.HasCounts ? Math.Clamp(operands.Data<int>(ConeDistanceProblem.Counts)[(int)model], 0, n) : n;
        double[][] factor = [.. Enumerable.Range(0, p).Select(i =>
            Read(operands, ConeDistanceProblem.Factors, ((observation * p) + i) * p, p))];
        double[] mean = Read(operands, ConeDistanceProblem.Means, observation * p, p);
        DoubleDouble[] target = Whiten(factor, mean);
        DoubleDouble[][] columns = [.. Enumerable.Range(0, count).Select(j =>
            Whiten(factor, Read(operands, ConeDistanceProblem.Signatures, ((model * n) + j) * p, p)))];
        bool finite = columns.Append(target).All(column => column.All(value => double.IsFinite(value.High)));
        double[] lengths = [.. columns.Select(Normalise)];
        ConeOptimum? optimum = finite ? ConeOptimum.Find(columns, target) : null;

        outputs[ConeDistanceProblem.Distances]![0] =
            optimum is null ? double.NaN : (double)DoubleDouble.Dot(optimum.Residual, optimum.Residual);
        outputs[ConeDistanceProblem.Status]![0] = optimum is null ? -1 : 1;
        if (outputs[ConeDistanceProblem.Ranks] is { } rank)
        {
            rank[0] = optimum is null ? 0 : IsClear(optimum, columns, (double)ConeOptimum.Length(target))
                ? optimum.Weights.Count(weight => weight.High > 0) : OperationProblem.Unspecified;
        }

        if (outputs[ConeDistanceProblem.Weights] is { } weights)
            for (int j = 0; j < n; j++) weights[j] = optimum is null ? double.NaN : j < count ? (double)optimum.Weights[j] / lengths[j] : 0;
        if (outputs[ConeDistanceProblem.Directions] is not { } direction) return;
        for (int i = 0; i < p; i++)
        {
            DoubleDouble sum = default;
            for (int k = 0; k < p && optimum is not null; k++) sum += factor[k][i] * optimum.Residual[k];
            direction[i] = optimum is null ? double.NaN : (double)sum;
        }
    }

    /// <summary>
    /// Whether rounding cannot change which signatures are active: no weight is near zero, no other signature's gradient is. Elsewhere the rank is
    /// left unspecified.
    /// </summary>
    private static bool IsClear(ConeOptimum optimum, DoubleDouble[][] columns, double length)
    {
        for (int j = 0; j < columns.Length; j++)
        {
            double gradient = (double)DoubleDouble.Dot(columns[j], optimum.Residual);
            if ((double)optimum.Weights[j] < Unclear * length && gradient > -Unclear * length) return false;
        }

        return true;
    }

    /// <summary>Scales to unit length and gives the length it had; leaves a column of zeros.</summary>
    private static double Normalise(DoubleDouble[] column)
    {
        DoubleDouble length = ConeOptimum.Length(column);
        if (!(length.High > 0)) return 1;
        for (int i = 0; i < column.Length; i++) column[i] /= length;
        return (double)length;
    }

    private static DoubleDouble[] Whiten(double[][] factor, double[] vector) => [.. factor.Select(row =>
    {
        DoubleDouble sum = default;
        for (int k = 0; k < vector.Length; k++) sum += (DoubleDouble)row[k] * vector[k];
        return sum;
    })];

    private static double[] Read(HostOperands operands, int operand, long offset, int length)
    {
        var values = new double[length];
        for (int i = 0; i < length; i++) values[i] = Storage.Read(operands[operand]!, operands.Offset + offset + i);
        return values;
    }
}
