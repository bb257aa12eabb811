using KernelSuite.Counters.Statistics;

namespace KernelSuite.Counters.Verdicts;

internal sealed partial class Judgement
{
    /// <summary>The statistic that a valid constraint alone proves; at most the solver's.</summary>
    private double Proven(double[] scaled)
    {
        if (axes.Length > 0) return BoxDistance.Proven(region, axes, widths, scaled);
        double z = Significance(scaled);
        return z > 0 ? z * z : 0;
    }

    /// <summary>w · m over its standard deviation.</summary>
    private double Significance(double[] scaled)
    {
        double value = 0, variance = 0;
        for (int i = 0; i < p; i++)
        {
            value += scaled[i] * region.Mean[i];
            for (int j = 0; j < p; j++) variance += scaled[i] * scaled[j] * region.Covariance[i * p + j];
        }

        return variance > 0 ? value / Math.Sqrt(variance) : 0;
    }

    private void SetBox()
    {
        if (options.Method != VerdictMethod.Box)
        {
            (axes, widths) = (region.Axes, region.Deviations);
            return;
        }

        axes = new double[p * p];
        widths = new double[p];
        for (int i = 0; i < p; i++) (axes[i * p + i], widths[i]) = (1, Math.Sqrt(region.Covariance[i * p + i]));
    }

    private double[] Mean() => [.. region.Counters.Select(name => observation.Moments.Mean[observation.Counters.IndexOf(name)])];

    private bool IsWithinSlack(double[] point)
    {
        double slack = MeanRegion.Slack * region.Mean.Max(Math.Abs);
        for (int i = 0; i < p; i++)
            if (Math.Abs(point[i] / region.Scale[i] - region.Mean[i]) > slack) return false;
        return true;
    }

    private double[] InCounterUnits(double[] direction) => [.. direction.Select((value, i) => value / region.Scale[i])];

    private double[] InCounterUnitsOf(CounterSet all, double[] direction)
    {
        var result = new double[all.Count];
        for (int i = 0; i < p; i++) result[all.IndexOf(region.Counters[i])] = direction[i] / region.Scale[i];
        return result;
    }

    /// <summary>An integer row in scaled counters, at a size that doubles can square.</summary>
    private double[] Scaled(System.Numerics.BigInteger[] row)
    {
        double most = row.Max(c => Math.Abs((double)c));
        return [.. row.Select((c, i) => (double)c / most * region.Scale[i])];
    }
}
