using System.Runtime.CompilerServices;
using KernelSuite.Operations.Simd;

namespace KernelSuite.Operations.Decode.Cpu;

/// <summary>
/// Merges softmax results over disjoint parts of the keys: with m the largest of the parts' maxima and w_p = 2^(c (m_p - m)), O = sum w_p O_p / sum
/// w_p t_p and LSE = m + ln(sum w_p t_p), where O_p is unnormalised and t_p the part's sum of weights. Parts that are known by their LSE alone have
/// m_p = LSE_p, t_p = 1 and a normalised O_p.
/// </summary>
internal static unsafe class LseMerge<TSimd, TVector>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    /// <summary>Merges one row. Parts are taken in order, so the bits of the result depend on nothing else.</summary>
    /// <param name="sums">O of part 0; that of the next lies <paramref name="step"/> floats further on, and so with the others.</param>
    /// <param name="max">Maximum of part 0; -infinity for a part that saw nothing.</param>
    /// <param name="weights">Sum of weights of part 0.</param>
    /// <param name="step">Floats from part to part.</param>
    /// <param name="parts">Number of parts, 0 or more.</param>
    /// <param name="width">Elements of O, a multiple of the vector length.</param>
    /// <param name="exponentScale">c.</param>
    /// <param name="result">Receives O, normalised; zeros where no part saw anything.</param>
    /// <returns>The largest maximum and the sum of weights relative to it; -infinity and 0 where no part saw anything.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static (float Max, float Sum) Merge(float* sums, float* max, float* weights, long step, int parts, int width, float exponentScale,
        float* result)
    {
        float most = float.NegativeInfinity, total = 0;
        for (int p = 0; p < parts; p++) most = MathF.Max(most, max[p * step]);
        new Span<float>(result, width).Clear();
        for (int p = 0; p < parts; p++)
        {
            // Skipping an empty part also keeps -infinity - -infinity out.
            if (float.IsNegativeInfinity(max[p * step]) && weights[p * step] == 0) continue;
            float weight = VectorMath.Exp2<SimdScalar, float>((max[p * step] - most) * exponentScale);
            total += weight * weights[p * step];
            TVector factor = TSimd.Create(weight);
            float* part = sums + (p * step);
            for (int d = 0; d < width; d += TSimd.Lanes) TSimd.Store(TSimd.MultiplyAdd(factor, TSimd.Load(part + d), TSimd.Load(result + d)),
                result + d);
        }

        if (total == 0) return (most, 0);
        TVector inverse = TSimd.Create(1 / total);
        for (int d = 0; d < width; d += TSimd.Lanes) TSimd.Store(TSimd.Multiply(inverse, TSimd.Load(result + d)), result + d);
        return (most, total);
    }
}
