namespace KernelSuite.Counters.Statistics;

/// <summary>
/// Units in which counts from 1e2 to 1e11 are alike: the root mean square of a counter's samples. A counter that is always zero takes the smallest
/// unit of the others, so that a tick of it is never small.
/// </summary>
internal static class CounterScale
{
    public static double[] Of(SampleMoments moments)
    {
        var scale = new double[moments.Dimension];
        ReadOnlySpan<double> mean = moments.Mean;
        double smallest = double.PositiveInfinity, share = moments.Count < 2 ? 0 : (moments.Count - 1.0) / moments.Count;
        for (int i = 0; i < scale.Length; i++)
        {
            scale[i] = Math.Sqrt(mean[i] * mean[i] + share * moments.Covariance(i, i));
            if (scale[i] > 0) smallest = Math.Min(smallest, scale[i]);
        }

        if (double.IsInfinity(smallest)) smallest = 1;
        for (int i = 0; i < scale.Length; i++)
            if (!(scale[i] > 0)) scale[i] = smallest;
        return scale;
    }
}
