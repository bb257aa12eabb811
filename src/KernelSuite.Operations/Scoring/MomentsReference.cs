using System.Numerics;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Scoring;

/// <summary>Moments of one KV head from the definition, in double and in float: probabilities materialised, two passes down each column.</summary>
internal static class MomentsReference
{
    /// <summary>Keys that the planted fault leaves out: one narrow tile.</summary>
    private const int FaultTile = 16;

    private const double EntropyEpsilon = 1e-10;

    /// <summary>Below it a second moment has no kurtosis: the smallest normal float.</summary>
    private const double SmallestVariance = 1.17549435e-38;

    public static void Compute<TReal>(
        MomentsProblem problem, HostOperands operands, long unit, double[]?[] outputs, NaiveArithmetic arithmetic)
        where TReal : unmanaged, IFloatingPointIeee754<TReal>
    {
        switch (problem.DType)
        {
            case DType.Float32: Unit<float, TReal>(problem, operands, unit, outputs, arithmetic); break;
            case DType.Float16: Unit<Half, TReal>(problem, operands, unit, outputs, arithmetic); break;
            default: Unit<BFloat16, TReal>(problem, operands, unit, outputs, arithmetic); break;
        }
    }

    /// <summary>The float results with the tile of keys left at 0 that holds the largest score, and the statistics without it.</summary>
    public static bool Faulty(MomentsProblem problem, HostOperands operands, long unit, double[]?[] outputs)
    {
        Compute<float>(problem, operands, unit, outputs, NaiveArithmetic.Plain);
        ScoringShape s = problem.Shape;
        int past = problem.PastOf(problem.HasKvLengths ? operands.Data<int>(MomentsProblem.KvLengths)[(int)(unit / s.KvHeads)] : s.KvLength);
        if (past == 0) return false;
        for (int operand = MomentsProblem.Mean; operand <= MomentsProblem.Stats; operand++)
        {
            if (outputs[operand] is not { } values) continue;
            if (operand == MomentsProblem.Stats)
            {
                for (int i = 0; i < values.Length; i++) values[i] *= Math.Max(0, past - FaultTile) / (double)past;
                continue;
            }

            for (int row = 0; row < values.Length; row += problem.Past)
            {
                Span<double> columns = values.AsSpan(row, problem.Past);
                int from = columns.IndexOf(Largest(columns)) / FaultTile * FaultTile;
                columns.Slice(from, Math.Min(FaultTile, columns.Length - from)).Clear();
            }
        }

        return true;
    }

    private static double Largest(ReadOnlySpan<double> values)
    {
        double largest = values[0];
        foreach (double value in values) largest = value > largest ? value : largest;
        return largest;
    }

    private static void Unit<T, TReal>(
        MomentsProblem problem, HostOperands operands, long unit, double[]?[] outputs, NaiveArithmetic arithmetic)
        where T : unmanaged
        where TReal : unmanaged, IFloatingPointIeee754<TReal>
    {
        ScoringShape s = problem.Shape;
        int batch = (int)(unit / s.KvHeads), kvHead = (int)(unit % s.KvHeads);
        foreach (double[]? output in outputs) output?.AsSpan().Clear();
        int past = problem.PastOf(problem.HasKvLengths ? operands.Data<int>(MomentsProblem.KvLengths)[batch] : s.KvLength);
        var logits = new ReferenceLogits<T, TReal>(
            operands.Data<T>(MomentsProblem.Q), problem.QStrides, operands.Data<T>(MomentsProblem.K), problem.KStrides, s.HeadDim, problem.Scale,
            problem.Options.SoftCap, arithmetic);
        ReadOnlySpan<float> lse = operands.Data<float>(MomentsProblem.Lse);
        var column = new TReal[s.QueryLength];
        var logarithms = new TReal[s.QueryLength];
        var unpooled = new TReal[problem.Past];
        TReal[] entropies = new TReal[past], spreads = new TReal[past], kurtoses = new TReal[past];
        for (int g = 0; g < s.HeadsPerKv; g++)
        {
            int head = (kvHead * s.HeadsPerKv) + g;
            for (int j = 0; j < past; j++)
            {
                logits.LoadKey(batch, kvHead, j);
                for (int i = 0; i < column.Length; i++)
                {
                    column[i] = logits.Probability(batch, head, i, lse[(((batch * s.QueryHeads) + head) * s.QueryLength) + i]);
                    logarithms[i] = TReal.Log(column[i] + TReal.CreateChecked(EntropyEpsilon));
                }

                entropies[j] = -arithmetic.Dot<TReal>(column, logarithms);
                TReal mean = arithmetic.Sum<TReal>(column) / TReal.CreateChecked(column.Length);
                Column(problem, arithmetic, column, mean, out spreads[j], out TReal fourth, out kurtoses[j]);
                unpooled[j] += arithmetic.MultiplyAdd(TReal.CreateChecked(problem.Options.Gamma), spreads[j], mean);
                int at = (g * problem.Past) + j;
                if (outputs[MomentsProblem.Mean] is { } means) means[at] = double.CreateChecked(mean);
                if (outputs[MomentsProblem.Variance] is { } variances) variances[at] = double.CreateChecked(spreads[j]);
                if (outputs[MomentsProblem.Fourth] is { } fourths) fourths[at] = double.CreateChecked(fourth);
            }

            if (outputs[MomentsProblem.Stats] is not { } stats) continue;
            stats[g * MomentsProblem.StatsCount] = double.CreateChecked(arithmetic.Sum<TReal>(entropies));
            stats[(g * MomentsProblem.StatsCount) + 1] = double.CreateChecked(arithmetic.Sum<TReal>(spreads));
            stats[(g * MomentsProblem.StatsCount) + 2] = double.CreateChecked(arithmetic.Sum<TReal>(kurtoses));
        }

        if (outputs[MomentsProblem.Score] is not { } score) return;
        for (int j = 0; j < past; j++)
            score[j] = double.CreateChecked(Pooled<TReal>(unpooled, j, problem.Options.PoolTaps) / TReal.CreateChecked(s.HeadsPerKv));
    }

    /// <summary>Average over taps neighbours, zeros beyond the ends, always divided by taps.</summary>
    internal static TReal Pooled<TReal>(ReadOnlySpan<TReal> values, int at, int taps)
        where TReal : unmanaged, IFloatingPointIeee754<TReal>
    {
        TReal sum = TReal.Zero;
        for (int n = Math.Max(0, at - (taps / 2)); n <= Math.Min(values.Length - 1, at + (taps / 2)); n++) sum += values[n];
        return sum / TReal.CreateChecked(taps);
    }

    /// <summary>Variance, fourth moment and kurtosis of a column; overwrites it.</summary>
    private static void Column<TReal>(
        MomentsProblem problem, NaiveArithmetic arithmetic, Span<TReal> column, TReal mean, out TReal variance, out TReal fourth, out TReal kurtosis)
        where TReal : unmanaged, IFloatingPointIeee754<TReal>
    {
        TReal count = TReal.CreateChecked(column.Length);
        foreach (ref TReal p in column) p -= mean;
        TReal squares = arithmetic.Dot<TReal>(column, column);
        foreach (ref TReal p in column) p *= p;
        fourth = arithmetic.Dot<TReal>(column, column) / count;
        variance = column.Length > 1 ? squares / (count - TReal.One) : TReal.Zero;
        kurtosis = TReal.Zero;
        TReal divisor = TReal.Max(squares / count, TReal.CreateChecked(problem.Options.KurtosisFloor));
        if (divisor < TReal.CreateChecked(SmallestVariance)) return;
        foreach (ref TReal ratio in column) ratio /= divisor;
        kurtosis = arithmetic.Dot<TReal>(column, column) / count;
    }
}
