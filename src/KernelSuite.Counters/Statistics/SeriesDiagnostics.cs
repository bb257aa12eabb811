using System.Numerics.Tensors;
using MathNet.Numerics.Distributions;

namespace KernelSuite.Counters.Statistics;

/// <summary>
/// How much samples in order of time resemble those before them. The inflation of a direction is the variance of its mean over that of as many
/// independent samples, from the means of 16 to 31 equal batches: n / inflation samples' worth of evidence. Below 32 samples it cannot be told and
/// is 1.
/// </summary>
public sealed class SeriesDiagnostics
{
    private const double Significance = .001;

    private readonly SampleMoments moments;
    private readonly double[][] batchMeans;
    private readonly long batchLength;
    private readonly double[] lag1;

    internal SeriesDiagnostics(SampleMoments moments, double[][] batchMeans, long batchLength, double[] lag1)
    {
        (this.moments, this.batchMeans, this.batchLength, this.lag1) = (moments, batchMeans, batchLength, lag1);

        // The variance of B batch means is chi-square with B - 1 degrees of freedom about its own mean, which is what noise alone would exceed once
        // in a thousand times.
        SignificantInflation = batchMeans.Length < 2 ? double.PositiveInfinity
            : ChiSquared.InvCDF(batchMeans.Length - 1, 1 - Significance) / (batchMeans.Length - 1);
    }

    /// <summary>Autocorrelation of each counter with its own previous sample, in [-1, 1]; 0 of a constant one.</summary>
    public ReadOnlySpan<double> Lag1 => lag1;

    /// <summary>Inflation that independent samples exceed once in a thousand times.</summary>
    public double SignificantInflation { get; }

    /// <summary>Inflation of each counter.</summary>
    public double[] Inflation()
    {
        var direction = new double[moments.Dimension];
        var result = new double[moments.Dimension];
        for (int i = 0; i < result.Length; i++)
        {
            direction[i] = 1;
            result[i] = Inflation(direction);
            direction[i] = 0;
        }

        return result;
    }

    /// <summary>Inflation of a weighted sum of the counters; 1 where that sum is constant.</summary>
    /// <param name="direction">A weight for each counter, in the counters' units.</param>
    /// <exception cref="ArgumentException">The direction has another length.</exception>
    public double Inflation(ReadOnlySpan<double> direction)
    {
        int p = moments.Dimension, batches = batchMeans.Length;
        if (direction.Length != p)
            throw new ArgumentException($"The direction has {direction.Length} weights. Expected {p}, one a counter.", nameof(direction));
        double variance = 0;
        for (int i = 0; i < p; i++)
        {
            if (direction[i] == 0) continue;
            for (int j = 0; j < p; j++) variance += direction[i] * direction[j] * moments.Covariance(i, j);
        }

        if (batches < 2 || !(variance > 0)) return 1;
        Span<double> values = stackalloc double[batches];
        double mean = 0, squares = 0;
        for (int b = 0; b < batches; b++) mean += (values[b] = TensorPrimitives.Dot(batchMeans[b], direction)) / batches;
        foreach (double value in values) squares += (value - mean) * (value - mean);
        return batchLength * squares / (batches - 1) / variance;
    }
}
