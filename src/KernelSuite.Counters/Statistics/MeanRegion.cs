using MathNet.Numerics.LinearAlgebra;

namespace KernelSuite.Counters.Statistics;

/// <summary>
/// Where the true mean of an observation may be: its estimate, the covariance of that, and the regions that follow. Everything is in scaled
/// counters, value / <see cref="Scale"/>, so that results do not depend on the sizes of counts. The variance of every scaled counter is raised by
/// <see cref="Floor"/>², which keeps directions without noise (constants, counters of one group that are exactly proportional) testable: there a
/// deviation of a millionth counts as one standard deviation.
/// </summary>
public sealed class MeanRegion
{
    /// <summary>
    /// Standard deviation, in root mean squares of a counter, that is added to each: values that tools print have six or seven digits.
    /// </summary>
    public const double Floor = 1e-6;

    /// <summary>Slack of every region, in units of the largest scaled mean: the published tool's relative tolerance.</summary>
    public const double Slack = 2e-6;

    private readonly Lazy<(double[] Axes, double[] Deviations)> principal;

    private MeanRegion(Observation observation, SampleMoments moments, CounterSet counters)
    {
        int p = counters.Count;
        Counters = counters;
        Samples = moments.Count;
        Scale = CounterScale.Of(moments);
        Mean = new double[p];
        Covariance = new double[p * p];
        double mu = observation.Shrinkage is { } s ? s.Intensity * s.Variance / Samples : 0, kept = 1 - (observation.Shrinkage?.Intensity ?? 0);
        for (int i = 0; i < p; i++)
        {
            Mean[i] = moments.Mean[i] / Scale[i];
            for (int j = 0; j < p; j++) Covariance[i * p + j] = kept * moments.Covariance(i, j) / Samples / (Scale[i] * Scale[j]);
            Covariance[i * p + i] += mu + Floor * Floor;
        }

        principal = new Lazy<(double[], double[])>(Decompose);
    }

    /// <summary>The region of all of an observation's counters, or of some of them.</summary>
    /// <param name="observation">What was measured.</param>
    /// <param name="counters">Counters of the observation; null for all.</param>
    /// <exception cref="ArgumentException">A counter is not in the observation, or there is none.</exception>
    public static MeanRegion Of(Observation observation, CounterSet? counters = null)
    {
        ArgumentNullException.ThrowIfNull(observation);
        if (counters is null || counters.Equals(observation.Counters)) return new MeanRegion(observation, observation.Moments, observation.Counters);
        int[] places = counters.PlacesIn(observation.Counters);
        if (Array.IndexOf(places, -1) is >= 0 and int lacking)
            throw new ArgumentException($"'{observation.Id}' lacks the counter '{counters[lacking]}'. " +
                "Expected counters that were measured.", nameof(counters));
        return new MeanRegion(observation, observation.Moments.Select(places), counters);
    }

    /// <summary>The axes.</summary>
    public CounterSet Counters { get; }

    /// <summary>Number of samples behind the mean.</summary>
    public long Samples { get; }

    /// <summary>Unit of each counter: the root mean square of its samples; of one that is always zero, the smallest unit of the others.</summary>
    public double[] Scale { get; }

    /// <summary>Mean of each counter over its unit, at most 1 in magnitude.</summary>
    public double[] Mean { get; }

    /// <summary>Covariance of the scaled mean, shrunk where the observation says so, with the floor; row-major, positive definite.</summary>
    public double[] Covariance { get; }

    /// <summary>Principal directions of the scaled covariance: row k is the k-th, widest first, of unit length.</summary>
    public double[] Axes => principal.Value.Axes;

    /// <summary>Standard deviation of the mean along each of <see cref="Axes"/>.</summary>
    public double[] Deviations => principal.Value.Deviations;

    /// <summary>Number of principal directions whose deviation is mostly the floor.</summary>
    public int FlooredDirections => CountFloored();

    /// <summary>
    /// Squared radius of the confidence ellipsoid, in squared standard deviations: the points with <see cref="SquaredDistance"/> up to it.
    /// Hotelling's p (n - 1) / (n - p) F(p, n - p), or chi-square; infinite where n ≤ p.
    /// </summary>
    /// <param name="confidence">In (0, 1).</param>
    /// <param name="finiteSample">Whether the covariance counts as estimated from the samples.</param>
    /// <exception cref="ArgumentOutOfRangeException">The confidence is out of range.</exception>
    public double SquaredRadius(double confidence, bool finiteSample = true)
    {
        if (!(confidence is > 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(confidence), confidence, $"The confidence is {confidence}. " +
                "Expected a number between 0 and 1.");
        if (finiteSample && Samples <= Counters.Count) return double.PositiveInfinity;
        return Tails.HotellingQuantile(1 - confidence, Counters.Count, finiteSample ? Samples : double.PositiveInfinity);
    }

    /// <summary>(x - m)ᵀ Σ⁻¹ (x - m), the squared distance of a point from the mean in standard deviations.</summary>
    /// <param name="point">A value for each counter, in the counters' own units.</param>
    /// <exception cref="ArgumentException">Another number of values.</exception>
    public double SquaredDistance(ReadOnlySpan<double> point)
    {
        double sum = 0;
        foreach (double offset in PrincipalOffsets(point)) sum += offset * offset;
        return sum;
    }

    /// <summary>Offset of a point from the mean along each principal direction, in standard deviations.</summary>
    /// <param name="point">A value for each counter, in the counters' own units.</param>
    /// <exception cref="ArgumentException">Another number of values.</exception>
    public double[] PrincipalOffsets(ReadOnlySpan<double> point)
    {
        int p = Counters.Count;
        if (point.Length != p) throw new ArgumentException($"The point has {point.Length} values. Expected {p}, one a counter.", nameof(point));
        var result = new double[p];
        for (int k = 0; k < p; k++)
        {
            for (int i = 0; i < p; i++) result[k] += Axes[k * p + i] * (point[i] / Scale[i] - Mean[i]);
            result[k] /= Deviations[k];
        }

        return result;
    }

    /// <summary>
    /// A counter that varies with no other one, such as a constant, is a principal direction by itself. What remains has no eigenvalue below the
    /// floor's where it has a Cholesky factor without (2 <see cref="Floor"/>)²: 2 µs for 23 counters, where all eigenvalues take 45 µs; most
    /// observations have noise in every other direction.
    /// </summary>
    private int CountFloored()
    {
        const double Least = 4 * Floor * Floor;
        int p = Counters.Count, alone = 0;
        int[] together = new int[p];
        int count = 0;
        for (int i = 0; i < p; i++)
        {
            ReadOnlySpan<double> row = Covariance.AsSpan(i * p, p);
            if (row[..i].ContainsAnyExcept(0.0) || row[(i + 1)..].ContainsAnyExcept(0.0)) together[count++] = i;
            else if (row[i] < Least) alone++;
        }

        var rest = new double[count * count];
        for (int i = 0; i < count; i++)
        {
            for (int j = i; j < count; j++) rest[i * count + j] = Covariance[together[i] * p + together[j]];
            rest[i * count + i] -= Least;
        }

        return CovarianceFactor.Eliminate(rest, count) ? alone : Deviations.Count(deviation => deviation < 2 * Floor);
    }

    private (double[] Axes, double[] Deviations) Decompose()
    {
        int p = Counters.Count;
        var factors = Matrix<double>.Build.Dense(p, p, (double[])Covariance.Clone()).Evd(Symmetricity.Symmetric);
        var axes = new double[p * p];
        var deviations = new double[p];
        for (int k = 0; k < p; k++)
        {
            // Eigenvalues come smallest first. Rounding may take one below the floor that was added.
            int from = p - 1 - k;
            deviations[k] = Math.Sqrt(Math.Max(factors.EigenValues[from].Real, Floor * Floor));
            for (int i = 0; i < p; i++) axes[k * p + i] = factors.EigenVectors[i, from];
        }

        return (axes, deviations);
    }
}
