using System.Numerics;
using KernelSuite.Operations.Attention;

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

    /// <summary>The scaled, soft-capped logit of a row and a key.</summary>
    public TReal Logit(int batch, int head, int row, int kvHead, int key)
    {
        ReadOnlySpan<T> a = q.Slice((int)((batch * qStrides.Batch) + (head * qStrides.Head) + (row * qStrides.Row)), headDim);
        ReadOnlySpan<T> b = k.Slice((int)((batch * kStrides.Batch) + (kvHead * kStrides.Head) + (key * kStrides.Row)), headDim);
        TReal dot = TReal.Zero;
        for (int d = 0; d < a.Length; d++) dot += TReal.CreateChecked(Storage.ToSingle(a[d])) * TReal.CreateChecked(Storage.ToSingle(b[d]));
        TReal logit = dot * TReal.CreateChecked(scale);
        if (softCap <= 0) return logit;
        TReal cap = TReal.CreateChecked(softCap);
        return cap * TReal.Tanh(logit / cap);
    }

    /// <summary>exp(logit - lse); a row whose LSE is -infinity saw no key and gives 0.</summary>
    public static TReal Probability(TReal logit, float lse) =>
        float.IsNegativeInfinity(lse) ? TReal.Zero : TReal.Exp(logit - TReal.CreateChecked(lse));
}
