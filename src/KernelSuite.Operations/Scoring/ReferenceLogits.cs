using System.Numerics;
using KernelSuite.Operations.Attention;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Scoring;

/// <summary>Single probabilities from the definition, in double or float, for the references.</summary>
/// <typeparam name="T">Storage type of q and k.</typeparam>
/// <typeparam name="TReal">Precision: double or float.</typeparam>
internal readonly ref struct ReferenceLogits<T, TReal>(ReadOnlySpan<T> q, TensorStrides qStrides, ReadOnlySpan<T> k, TensorStrides kStrides, int headDim, float scale, float softCap)
    where T : unmanaged
    where TReal : unmanaged, IFloatingPointIeee754<TReal>
{
    private readonly ReadOnlySpan<T> q = q;
    private readonly ReadOnlySpan<T> k = k;

    /// <summary>exp(logit - lse) of a row and a key.</summary>
    public TReal Probability(int batch, int head, int row, int kvHead, int key, float lse)
    {
        ReadOnlySpan<T> a = q.Slice((int)((batch * qStrides.Batch) + (head * qStrides.Head) + (row * qStrides.Row)), headDim);
        ReadOnlySpan<T> b = k.Slice((int)((batch * kStrides.Batch) + (kvHead * kStrides.Head) + (key * kStrides.Row)), headDim);
        TReal dot = TReal.Zero;
        double exact = 0, magnitude = 0;
        for (int d = 0; d < a.Length; d++)
        {
            dot += TReal.CreateChecked(Storage.ToSingle(a[d])) * TReal.CreateChecked(Storage.ToSingle(b[d]));
            double product = (double)Storage.ToSingle(a[d]) * Storage.ToSingle(b[d]);
            exact += product;
            magnitude += Math.Abs(product);
        }

        TReal logit = dot * TReal.CreateChecked(scale);
        TReal cap = TReal.CreateChecked(softCap);
        exact *= scale;
        if (softCap > 0) exact = softCap * Math.Tanh(exact / softCap);
        return Probability(softCap > 0 ? cap * TReal.Tanh(logit / cap) : logit, lse, exact, (2 * magnitude * Math.Abs(scale)) + Math.Abs(exact));
    }

    /// <summary>
    /// exp(logit - lse); a row whose LSE is -infinity saw no key and gives 0. In float the result lies further from the exact one by the
    /// roundings that any float computation may meet: two of each product's size (its own and that of the addition), one of the logit, one of the
    /// difference and two of the exponential. Fourth powers hang on one or two large probabilities, whose own rounding is as often small as
    /// not: a tolerance taken from it alone would be a matter of luck.
    /// </summary>
    /// <param name="logit">Scaled, soft-capped logit.</param>
    /// <param name="lse">LSE of the row.</param>
    /// <param name="exact">The logit in double.</param>
    /// <param name="magnitude">Size of what was rounded on the way to the logit; 0 where the logit is given.</param>
    public static TReal Probability(TReal logit, float lse, double exact, double magnitude)
    {
        if (float.IsNegativeInfinity(lse)) return TReal.Zero;
        TReal p = TReal.Exp(logit - TReal.CreateChecked(lse));
        if (typeof(TReal) == typeof(double) || !double.IsFinite(exact)) return p;
        double error = (magnitude + Math.Abs(exact - lse) + 2) * DType.Float32.UnitRoundoff();
        bool above = double.CreateTruncating(p) >= Math.Exp(exact - lse);
        return p + (p * TReal.CreateTruncating(above ? error : -error));
    }
}
