using KernelSuite.Counters.Cones;
using KernelSuite.Counters.Statistics;

namespace KernelSuite.Counters.Verdicts;

/// <summary>
/// min t over f ≥ 0 and t ≥ 0 with |u_i · (Sᵀf - m)| ≤ t h_i + slack on every axis u_i of a box: how many half-widths a box must have to touch the
/// cone. One linear program gives the confidence at once that bisection would look for; its multipliers are the violated constraint.
/// </summary>
internal static class BoxDistance
{
    /// <summary>Solves the program.</summary>
    /// <param name="signatures">The cone.</param>
    /// <param name="region">Mean and covariance, on the same counters.</param>
    /// <param name="axes">Unit vectors, a row each, in scaled counters.</param>
    /// <param name="widths">Standard deviation along each.</param>
    /// <returns>t; a direction w with w · s ≤ 0 for every signature and w · m &gt; 0 where t is positive; whether the optimum was reached.</returns>
    public static (double Radius, double[] Direction, bool Solved) Measure(SignatureSet signatures, MeanRegion region, double[] axes, double[] widths)
    {
        int p = region.Counters.Count, count = signatures.Count;
        double slack = MeanRegion.Slack * region.Mean.Max(Math.Abs);
        var program = new DenseSimplex(2 * p, count + 1);
        var column = new double[p];
        for (int j = 0; j < count; j++)
        {
            double most = 0;
            for (int i = 0; i < p; i++)
            {
                column[i] = 0;
                for (int k = 0; k < p; k++) column[i] += axes[i * p + k] * signatures[j][k] / region.Scale[k];
                column[i] /= widths[i];
                most = Math.Max(most, Math.Abs(column[i]));
            }

            for (int i = 0; i < p; i++) (program[2 * i, j], program[2 * i + 1, j]) = (column[i] / most, -column[i] / most);
        }

        // Rows are in half-widths; another unit brings the right-hand sides to about 1 whatever the precision of the means.
        var offsets = new double[p];
        for (int i = 0; i < p; i++)
        {
            for (int k = 0; k < p; k++) offsets[i] += axes[i * p + k] * region.Mean[k];
            offsets[i] /= widths[i];
        }

        double unit = Math.Max(offsets.Max(Math.Abs), 1);
        for (int i = 0; i < p; i++)
        {
            program[2 * i, count] = program[2 * i + 1, count] = -1;
            program[2 * i, count + 1] = (offsets[i] + slack / widths[i]) / unit;
            program[2 * i + 1, count + 1] = (-offsets[i] + slack / widths[i]) / unit;
        }

        program[2 * p, count] = -1;
        program.MakeFeasible(count);
        bool solved = program.Maximise();
        var direction = new double[p];
        for (int i = 0; i < p; i++)
        {
            double multiplier = (program.Multiplier(2 * i + 1) - program.Multiplier(2 * i)) / widths[i];
            for (int k = 0; k < p; k++) direction[k] += multiplier * axes[i * p + k];
        }

        return (Math.Max(program.Value(count), 0) * unit, direction, solved);
    }

    /// <summary>The radius that a valid constraint w · v ≤ 0 alone proves: a box of fewer half-widths lies wholly on its far side.</summary>
    public static double Proven(MeanRegion region, double[] axes, double[] widths, ReadOnlySpan<double> direction)
    {
        int p = region.Counters.Count;
        double value = 0, reach = 0, slack = 0, largest = region.Mean.Max(Math.Abs);
        for (int i = 0; i < p; i++)
        {
            double along = 0;
            for (int k = 0; k < p; k++) along += axes[i * p + k] * direction[k];
            reach += Math.Abs(along) * widths[i];
            slack += Math.Abs(along);
            value += direction[i] * region.Mean[i];
        }

        return reach > 0 ? Math.Max(value - MeanRegion.Slack * largest * slack, 0) / reach : 0;
    }
}
