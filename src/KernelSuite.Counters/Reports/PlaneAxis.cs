using System.Numerics;
using KernelSuite.Counters.Cones;
using KernelSuite.Counters.Verdicts;

namespace KernelSuite.Counters.Reports;

/// <summary>A direction of a plane to draw: a sum of counters with weights that are not negative.</summary>
/// <param name="Name">What to write at the axis.</param>
/// <param name="Weights">One a counter of <see cref="VerdictResult.Signatures"/>.</param>
internal sealed record PlaneAxis(string Name, double[] Weights)
{
    public static PlaneAxis Counter(CounterSet counters, int place)
    {
        var weights = new double[counters.Count];
        weights[place] = 1;
        return new PlaneAxis(counters[place], weights);
    }

    /// <summary>A side of a row: the counters whose coefficients have that sign.</summary>
    public static PlaneAxis Side(CounterSet counters, IReadOnlyList<BigInteger> coefficients, int sign)
    {
        double[] weights = [.. coefficients.Select(c => c.Sign == sign ? Math.Abs((double)c) : 0)];
        IEnumerable<string> terms = weights.Index().Where(w => w.Item != 0)
            .Select(w => w.Item == 1 ? counters[w.Index] : $"{BigInteger.Abs(coefficients[w.Index])} {counters[w.Index]}");
        return new PlaneAxis(string.Join(" + ", terms), weights);
    }

    public double Of(ReadOnlySpan<long> signature)
    {
        double sum = 0;
        for (int i = 0; i < Weights.Length; i++) sum += Weights[i] * signature[i];
        return sum;
    }

    public double Of(IReadOnlyList<double> point)
    {
        double sum = 0;
        for (int i = 0; i < Weights.Length; i++) sum += Weights[i] * point[i];
        return sum;
    }
}
