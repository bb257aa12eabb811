namespace KernelSuite.Measurement;

/// <summary>Order statistics of repeated timings. Medians and not means: on a shared machine the distribution has a long right tail.</summary>
/// <param name="Count">Number of samples.</param>
/// <param name="Minimum">Smallest sample.</param>
/// <param name="FirstQuartile">25th percentile, linear between neighbours.</param>
/// <param name="Median">50th percentile.</param>
/// <param name="ThirdQuartile">75th percentile.</param>
/// <param name="Maximum">Largest sample.</param>
/// <param name="MedianAbsoluteDeviation">Median distance from the median.</param>
public readonly record struct SampleStatistics(
    int Count, double Minimum, double FirstQuartile, double Median, double ThirdQuartile, double Maximum, double MedianAbsoluteDeviation)
{
    /// <summary>These make either spread of a normal distribution equal its standard deviation.</summary>
    private const double DeviationFactor = 1.4826;
    private const double QuartileFactor = 0.7413;

    /// <summary>
    /// Outlier-proof coefficient of variation: the larger of 1.4826 MAD and 0.7413 (Q3 - Q1), over the median; 0 for a zero median. The
    /// MAD alone is zero when just over half of the samples agree, which is how a machine with two speeds looks.
    /// </summary>
    public double RelativeNoise => Median > 0 ? Math.Max(DeviationFactor * MedianAbsoluteDeviation, QuartileFactor * (ThirdQuartile - FirstQuartile)) / Median : 0;

    /// <summary>Computes the statistics of at least one sample.</summary>
    /// <exception cref="ArgumentException">No sample, or one that is not a number.</exception>
    public static SampleStatistics Of(ReadOnlySpan<double> samples)
    {
        if (samples.IsEmpty) throw new ArgumentException("Expected at least one sample.", nameof(samples));
        double[] sorted = samples.ToArray();
        if (sorted.Any(double.IsNaN)) throw new ArgumentException("A sample is NaN; every sample must be a number.", nameof(samples));
        Array.Sort(sorted);
        double median = Quantile(sorted, 0.5);
        double[] distances = [.. sorted.Select(s => Math.Abs(s - median)).Order()];
        return new SampleStatistics(
            sorted.Length, sorted[0], Quantile(sorted, 0.25), median, Quantile(sorted, 0.75), sorted[^1], Quantile(distances, 0.5));
    }

    private static double Quantile(double[] sorted, double q)
    {
        double position = q * (sorted.Length - 1);
        int below = (int)position;
        int above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((position - below) * (sorted[above] - sorted[below]));
    }
}
