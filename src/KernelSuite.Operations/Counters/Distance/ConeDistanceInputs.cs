using System.Numerics;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Counters.Distance;

/// <summary>
/// Seeded whitening factors, means and signatures. Signatures are counts from 0 to 3, mostly 0; a factor is a matrix of correlated noise around
/// 1/sd; a mean is a non-negative mix of a model's signatures, moved by noise or not.
/// </summary>
internal static class ConeDistanceInputs
{
    public const string Outside = "counts 0 to 3; means outside of the cones";
    public const string Mixed = "counts 0 to 3; every second mean inside of the first cone";
    public const string Duplicates = "outside, with columns of zeros, equal and doubled columns";
    public const string Collinear = "outside, every column a multiple of one of two";
    public const string Zeros = "outside, columns of zeros only";
    public const string Empty = "outside, models without a column that counts";
    public const string Facet = "every second mean on a facet of the first cone";
    public const string Opposite = "means opposite to every signature";
    public const string NotFinite = "outside, with NaN and infinities in some operands and past the counts";

    public static void Fill(ConeDistanceProblem problem, string inputs, ulong seed, HostOperands operands)
    {
        if (problem.DType == DType.Float32) Fill<float>(problem, inputs, seed, operands);
        else Fill<double>(problem, inputs, seed, operands);
    }

    private static void Fill<T>(ConeDistanceProblem problem, string inputs, ulong seed, HostOperands operands)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var random = new SeededRandom(seed);
        int p = problem.Counters, n = problem.MostSignatures;
        Span<T> signatures = operands.Data<T>(ConeDistanceProblem.Signatures);
        for (int m = 0; m < problem.Models; m++)
        {
            for (int j = 0; j < n; j++)
            {
                Span<T> one = signatures.Slice(((m * n) + j) * p, p);
                for (int i = 0; i < p; i++) one[i] = T.CreateChecked(random.NextUniform() < 0.6 ? 0 : 1 + (int)(random.NextUniform() * 3));
                one[j % p] += T.One;
                if (inputs == Zeros) one.Clear();
                if (inputs == Collinear && j > 1)
                {
                    Span<T> same = signatures.Slice(((m * n) + (j % 2)) * p, p);
                    for (int i = 0; i < p; i++) one[i] = same[i] * T.CreateChecked(1 + (j % 3));
                }

                if (inputs == Duplicates && j > 0 && j % 4 != 0)
                {
                    Span<T> before = signatures.Slice(((m * n) + j - 1) * p, p);
                    for (int i = 0; i < p; i++) one[i] = before[i] * T.CreateChecked(j % 4 - 1);
                }
            }

            if (!problem.HasCounts) continue;
            int count = inputs == Empty ? -m : m switch
            {
                0 => n,
                1 => 0,
                2 => int.MaxValue,
                3 => -5,
                4 => 1,
                _ => (int)(random.NextUniform() * (n + 1)),
            };
            operands.Data<int>(ConeDistanceProblem.Counts)[m] = count;
            signatures.Slice(((m * n) + Math.Clamp(count, 0, n)) * p, (n - Math.Clamp(count, 0, n)) * p).Fill(T.NaN);
        }

        for (int b = 0; b < problem.Observations; b++)
        {
            Span<T> factor = operands.Data<T>(ConeDistanceProblem.Factors).Slice(b * p * p, p * p),
                mean = operands.Data<T>(ConeDistanceProblem.Means).Slice(b * p, p);
            for (int i = 0; i < p; i++)
                for (int k = 0; k < p; k++)
                    factor[(i * p) + k] = T.CreateChecked(i == k ? 0.5 + random.NextUniform() : 0.4 * random.NextNormal() / Math.Sqrt(p));
            bool exact = b % 2 == 0 && (inputs is Mixed or Facet);
            for (int i = 0; i < p; i++)
            {
                double value = 0;

                // Inside: all signatures of the first model; on a facet: few of them.
                for (int j = 0; j < (inputs == Facet ? Math.Min(n, (p / 2) + 1) : n) && problem.Models > 0; j++)
                {
                    double entry = double.CreateTruncating(signatures[(j * p) + i]);
                    if (double.IsFinite(entry)) value += entry * (1 + (j % 5)) * 4 / n;
                }

                if (inputs == Opposite) value = -value - 1;
                else if (!exact) value += 3 * random.NextNormal() - (inputs is not (Mixed or Facet) && i % 3 == 0 ? 8 : 0);
                mean[i] = T.CreateChecked(value);
            }
        }

        if (inputs != NotFinite || problem.Observations < 5) return;
        operands.Data<T>(ConeDistanceProblem.Means)[p] = T.NaN;
        operands.Data<T>(ConeDistanceProblem.Means)[2 * p] = T.PositiveInfinity;
        operands.Data<T>(ConeDistanceProblem.Factors)[(3 * p * p) + p] = T.NaN;
        if (problem.Models > 2) signatures[(2 * n * p) + p] = T.NegativeInfinity;
    }
}
