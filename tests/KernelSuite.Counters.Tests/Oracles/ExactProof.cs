using System.Numerics;
using KernelSuite.Counters.Statistics;

namespace KernelSuite.Counters.Tests.Oracles;

/// <summary>
/// Holds a certificate against its claim in integers, from the definition: w · s ≤ 0 for every signature, and w · x &gt; 0 for every x of the region
/// that is refuted. Doubles enter as the fractions that they are. Shares no code with what makes certificates.
/// </summary>
internal static class ExactProof
{
    /// <summary>Null, or the signature that a row does not hold for.</summary>
    public static string? Broken(IReadOnlyList<BigInteger> w, IReadOnlyList<long[]> signatures)
    {
        for (int j = 0; j < signatures.Count; j++)
        {
            BigInteger product = Product(w, signatures[j]);
            if (product.Sign > 0) return $"signature {j} is on the wrong side by {product}";
        }

        return null;
    }

    /// <summary>w · s.</summary>
    public static BigInteger Product(IReadOnlyList<BigInteger> w, long[] signature)
    {
        BigInteger sum = 0;
        for (int i = 0; i < w.Count; i++) sum += w[i] * signature[i];
        return sum;
    }

    /// <summary>w · point.</summary>
    public static Dyadic At(IReadOnlyList<BigInteger> w, ReadOnlySpan<double> point)
    {
        Dyadic sum = 0.0;
        for (int i = 0; i < w.Count; i++) sum += w[i] * Dyadic.Of(point[i]);
        return sum;
    }

    /// <summary>
    /// The least w · x over the box of the points mean + Σ scale aᵢ uᵢ with |aᵢ| ≤ reaches[i], uᵢ row i of the axes: positive where all of it is
    /// beyond the row.
    /// </summary>
    public static Dyadic LeastInBox(
        IReadOnlyList<BigInteger> w, ReadOnlySpan<double> mean, ReadOnlySpan<double> scale, ReadOnlySpan<double> axes, ReadOnlySpan<double> reaches)
    {
        Dyadic least = At(w, mean);
        for (int i = 0; i < reaches.Length; i++)
        {
            Dyadic along = 0.0;
            for (int k = 0; k < w.Count; k++) along += w[k] * Dyadic.Of(scale[k]) * axes[i * w.Count + k];
            least -= Dyadic.Abs(along) * reaches[i];
        }

        return least;
    }

    /// <summary>
    /// Whether a row is positive on the whole ellipsoid (x - m)ᵀ Σ⁻¹ (x - m) ≤ squaredRadius: w · m &gt; 0 and (w · m)² &gt; squaredRadius wᵀΣw.
    /// </summary>
    public static bool IsBeyondEllipsoid(IReadOnlyList<BigInteger> w, ReadOnlySpan<double> mean, MeanRegion region, double squaredRadius)
    {
        Dyadic value = At(w, mean), variance = 0.0;
        int p = w.Count;
        Dyadic[] scaled = [.. w.Select((c, i) => c * Dyadic.Of(region.Scale[i]))];
        for (int i = 0; i < p; i++)
            for (int j = 0; j < p; j++) variance += scaled[i] * scaled[j] * region.Covariance[i * p + j];
        return value.Sign > 0 && (value * value - variance * squaredRadius).Sign > 0;
    }
}
