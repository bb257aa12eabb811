using KernelSuite.Counters.Cones;
using KernelSuite.Counters.Statistics;

namespace KernelSuite.Counters.Verdicts;

/// <summary>
/// max w · m over w · s ≤ 0 for every signature and Σ |w_i| sd_i ≤ 1: a corner of these, hence zero for most counters, and significant since |w|'s
/// weighted sum bounds its standard deviation. For models whose facets are too many to know.
/// </summary>
internal static class SparseDirection
{
    /// <summary>In scaled counters, for the mean of an observation.</summary>
    public static double[] Of(SignatureSet signatures, MeanRegion region)
    {
        int p = region.Counters.Count;
        double[] scale = region.Scale, units = [.. scale.Select((unit, i) => unit * Math.Sqrt(region.Covariance[i * p + i]))];
        double[] direction = Of(signatures, [.. scale.Select((unit, i) => unit * region.Mean[i])], units);
        return [.. direction.Select((weight, i) => weight * scale[i])];
    }

    /// <summary>For any point and standard deviations, in the counters' own units; zero where the point is in the cone.</summary>
    public static double[] Of(SignatureSet signatures, double[] point, double[] units)
    {
        int p = point.Length, count = signatures.Count;

        // Unknowns are sd_i w_i, positive and negative parts apart, so that the bound on them is a row of ones.
        var program = new DenseSimplex(count + 1, 2 * p);
        for (int j = 0; j < count; j++)
        {
            double most = 0;
            for (int i = 0; i < p; i++) most = Math.Max(most, signatures[j][i] / units[i]);
            for (int i = 0; i < p; i++)
            {
                double entry = signatures[j][i] / units[i] / most;
                (program[j, i], program[j, p + i]) = (entry, -entry);
            }
        }

        double largest = Math.Max(Enumerable.Range(0, p).Max(i => Math.Abs(point[i] / units[i])), double.Epsilon);
        for (int i = 0; i < p; i++)
        {
            program[count, i] = program[count, p + i] = 1;
            double gain = point[i] / units[i] / largest;
            (program[count + 1, i], program[count + 1, p + i]) = (gain, -gain);
        }

        program[count, 2 * p] = 1;
        program.Maximise();
        return [.. Enumerable.Range(0, p).Select(i => (program.Value(i) - program.Value(p + i)) / units[i])];
    }
}
