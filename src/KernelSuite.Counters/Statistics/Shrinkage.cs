namespace KernelSuite.Counters.Statistics;

/// <summary>
/// A covariance mixed with a multiple of the identity so that it has full rank: (1 - Intensity) S + Intensity μ I, on counters divided by their root
/// mean squares, where a multiple of the identity means something. Ledoit and Wolf, "A well-conditioned estimator for large-dimensional covariance
/// matrices" (2004).
/// </summary>
/// <param name="Intensity">Weight of the identity, 0 to 1.</param>
/// <param name="Variance">μ: the mean variance of a scaled counter.</param>
public sealed record Shrinkage(double Intensity, double Variance)
{
    internal static Shrinkage LedoitWolf(SampleMoments moments, List<double[]> samples)
    {
        int p = moments.Dimension, n = samples.Count;
        double[] scale = CounterScale.Of(moments);
        double biased = (n - 1.0) / n, trace = 0, norm = 0, noise = 0;
        for (int i = 0; i < p; i++)
        {
            trace += Scaled(i, i);
            for (int j = 0; j < p; j++) norm += Scaled(i, j) * Scaled(i, j);
        }

        double mu = trace / p, spread = norm - p * mu * mu;
        foreach (double[] sample in samples)
        {
            // |x xᵀ - S|² = |x|⁴ - 2 xᵀ S x + |S|²
            double length = 0, form = 0;
            for (int i = 0; i < p; i++)
            {
                double x = (sample[i] - moments.Mean[i]) / scale[i];
                length += x * x;
                for (int j = 0; j < p; j++) form += x * Scaled(i, j) * (sample[j] - moments.Mean[j]) / scale[j];
            }

            noise += length * length - 2 * form + norm;
        }

        double intensity = spread > 0 ? Math.Clamp(noise / ((double)n * n) / spread, 0, 1) : 1;
        return new Shrinkage(intensity, mu / biased);

        double Scaled(int i, int j) => biased * moments.Covariance(i, j) / (scale[i] * scale[j]);
    }
}
