using KernelSuite.Counters.Cones;
using KernelSuite.Counters.Statistics;

namespace KernelSuite.Counters.Verdicts;

/// <summary>
/// max w · m over w · s ≤ 0 for every signature and Σ |w_i| sd_i ≤ 1: a corner of these, hence zero for most counters, and significant since |w|'s
/// weighted sum bounds its standard deviation. For models whose facets are too many to know.
/// </summary>
internal static class SparseDirection
{
    public static double[] Of(SignatureSet signatures, MeanRegion region)
    {
        int p = region.Counters.Count, count = signatures.Count;

        // Unknowns are sd_i w_i, positive and negative parts apart, so that the bound on them is a row of ones.
        var program = new DenseSimplex(count + 1, 2 * p);
        double[] inverse = [.. Enumerable.Range(0, p).Select(i => 1 / Math.Sqrt(region.Covariance[i * p + i]))];
        for (int j = 0; j < count; j++)
        {
            double most = 0;
            for (int i = 0; i < p; i++) most = Math.Max(most, signatures[j][i] / region.Scale[i] * inverse[i]);
            for (int i = 0; i < p; i++)
            {
                double entry = signatures[j][i] / region.Scale[i] * inverse[i] / most;
                (program[j, i], program[j, p + i]) = (entry, -entry);
            }
        }

        double largest = Math.Max(Enumerable.Range(0, p).Max(i => Math.Abs(region.Mean[i] * inverse[i])), double.Epsilon);
        for (int i = 0; i < p; i++)
        {
            program[count, i] = program[count, p + i] = 1;
            double gain = region.Mean[i] * inverse[i] / largest;
            (program[count + 1, i], program[count + 1, p + i]) = (gain, -gain);
        }

        program[count, 2 * p] = 1;
        program.Maximise();
        return [.. Enumerable.Range(0, p).Select(i => (program.Value(i) - program.Value(p + i)) * inverse[i])];
    }
}
