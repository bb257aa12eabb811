using System.Numerics;
using KernelSuite.Operations.Attention;

namespace KernelSuite.Operations.Scoring;

/// <summary>Single probabilities from the definition, in double or float, for the references.</summary>
/// <typeparam name="T">Storage type of q and k.</typeparam>
/// <typeparam name="TReal">Precision: double or float.</typeparam>
internal readonly ref struct ReferenceLogits<T, TReal>(
    ReadOnlySpan<T> q, TensorStrides qStrides, ReadOnlySpan<T> k, TensorStrides kStrides, int headDim, float scale, float softCap,
    NaiveArithmetic arithmetic)
    where T : unmanaged
    where TReal : unmanaged, IFloatingPointIeee754<TReal>
{
    private readonly ReadOnlySpan<T> q = q;
    private readonly ReadOnlySpan<T> k = k;
    private readonly TReal[] query = new TReal[headDim];
    private readonly TReal[] loadedKey = new TReal[headDim];

    /// <summary>Loads the key that <see cref="Probability(int, int, int, float)"/> is about.</summary>
    public void LoadKey(int batch, int kvHead, int key) =>
        Load(k[(int)((batch * kStrides.Batch) + (kvHead * kStrides.Head) + (key * kStrides.Row))..], loadedKey);

    /// <summary>exp(logit - lse) of a row and the loaded key.</summary>
    public TReal Probability(int batch, int head, int row, float lse)
    {
        Load(q[(int)((batch * qStrides.Batch) + (head * qStrides.Head) + (row * qStrides.Row))..], query);
        TReal dot = arithmetic.Dot<TReal>(query, loadedKey);
        TReal factor = TReal.CreateChecked(scale), shift = TReal.CreateChecked(lse);
        if (float.IsNegativeInfinity(lse)) return TReal.Zero;
        if (softCap == 0) return arithmetic.Exp(arithmetic.MultiplyAdd(dot, factor, -shift));
        TReal cap = TReal.CreateChecked(softCap);
        return arithmetic.Exp(arithmetic.MultiplyAdd(cap, TReal.Tanh(dot * factor / cap), -shift));
    }

    /// <summary>exp(logit - lse); a row whose LSE is -infinity saw no key and gives 0.</summary>
    public static TReal Probability(NaiveArithmetic arithmetic, float logit, float lse) =>
        float.IsNegativeInfinity(lse) ? TReal.Zero : arithmetic.Exp(TReal.CreateChecked(logit) - TReal.CreateChecked(lse));

    private static void Load(ReadOnlySpan<T> from, TReal[] to)
    {
        for (int d = 0; d < to.Length; d++) to[d] = TReal.CreateTruncating(Storage.ToSingle(from[d]));
    }
}
