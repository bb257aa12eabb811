using MathNet.Numerics;
using MathNet.Numerics.Distributions;

namespace KernelSuite.Counters.Statistics;

/// <summary>Upper tails of the distributions that verdicts use, without the cancellation of 1 - CDF: a p-value of 1e-40 stays one.</summary>
internal static class Tails
{
    /// <summary>P(Z &gt; z).</summary>
    public static double Normal(double z) => .5 * SpecialFunctions.Erfc(z / Math.Sqrt(2));

    /// <summary>P(T &gt; t) with so many degrees of freedom; normal where they are infinite.</summary>
    public static double Student(double t, double freedom)
    {
        if (double.IsPositiveInfinity(freedom)) return Normal(t);
        if (double.IsInfinity(t)) return t > 0 ? 0 : 1;
        if (IsSure(t, freedom)) return 1;
        double tail = .5 * SpecialFunctions.BetaRegularized(freedom / 2, .5, freedom / (freedom + t * t));
        return t >= 0 ? tail : 1 - tail;
    }

    /// <summary>
    /// Whether P(T &gt; t) is 1 to the last bit. The other tail is ∫ f(s) ds ≤ ∫ s/|t| f(s) ds from |t| on, with f(0) below 0.4. Most rows of a model
    /// hold with as much room, and this takes a twentieth of the beta function's time.
    /// </summary>
    internal static bool IsSure(double t, double freedom) => t < -8 && freedom > 1 &&
        .4 / -t * (freedom / (freedom - 1)) * Math.Exp((1 - freedom) / 2 * Math.Log(1 + t * t / freedom)) < 1e-17;

    /// <summary>P(|T| &gt; t).</summary>
    public static double StudentTwoSided(double t, double freedom) => Math.Min(1, 2 * Student(Math.Abs(t), freedom));

    /// <summary>P(χ² &gt; x).</summary>
    public static double ChiSquared(double x, int freedom) =>
        x <= 0 ? 1 : double.IsPositiveInfinity(x) ? 0 : SpecialFunctions.GammaUpperRegularized(freedom / 2.0, x / 2);

    /// <summary>
    /// P(T² &gt; x) of Hotelling's T² in so many dimensions, from the covariance of n samples: T² (n - d) / (d (n - 1)) is F(d, n - d).
    /// </summary>
    public static double Hotelling(double x, int dimensions, double samples)
    {
        if (double.IsPositiveInfinity(samples)) return ChiSquared(x, dimensions);
        if (x <= 0) return 1;
        double f = samples - dimensions, ratio = x / (samples - 1);
        return double.IsPositiveInfinity(x) ? 0 : SpecialFunctions.BetaRegularized(f / 2, dimensions / 2.0, 1 / (1 + ratio));
    }

    /// <summary>x with P(T² &gt; x) = tail.</summary>
    public static double HotellingQuantile(double tail, int dimensions, double samples)
    {
        if (double.IsPositiveInfinity(samples)) return MathNet.Numerics.Distributions.ChiSquared.InvCDF(dimensions, 1 - tail);
        double f = samples - dimensions;
        return dimensions * (samples - 1) / f * FisherSnedecor.InvCDF(dimensions, f, 1 - tail);
    }
}
