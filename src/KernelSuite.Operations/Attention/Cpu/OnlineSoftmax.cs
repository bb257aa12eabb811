using System.Runtime.CompilerServices;

namespace KernelSuite.Operations.Attention.Cpu;

/// <summary>One step of the online softmax on a tile S[keys, lanes]: queries lie in the lanes, so every reduction is vertical.</summary>
internal static unsafe class OnlineSoftmax<TSimd, TVector>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    /// <summary>Applies a soft-cap: s becomes cap*tanh(scale/cap*s).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SoftCap(float* scores, int count, float scale, float cap)
    {
        TVector inner = TSimd.Create(scale / cap);
        TVector outer = TSimd.Create(cap);
        for (float* end = scores + count; scores < end; scores += TSimd.Lanes)
            TSimd.Store(TSimd.Multiply(outer, VectorMath.Tanh<TSimd, TVector>(TSimd.Multiply(inner, TSimd.Load(scores)))), scores);
    }

    /// <summary>Sets scores outside each lane's interval to -infinity.</summary>
    /// <param name="scores">S, rows <paramref name="width"/> apart.</param>
    /// <param name="rows">Keys.</param>
    /// <param name="width">Lanes, a multiple of the vector length.</param>
    /// <param name="from">First visible row of each lane.</param>
    /// <param name="to">One past the last visible row of each lane.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Mask(float* scores, int rows, int width, float* from, float* to)
    {
        for (int r = 0; r < rows; r++)
        {
            TVector position = TSimd.Create(r);
            for (int lane = 0; lane < width; lane += TSimd.Lanes, scores += TSimd.Lanes)
                TSimd.Store(TSimd.MaskOutside(TSimd.Load(scores), position, TSimd.Load(from + lane), TSimd.Load(to + lane)), scores);
        }
    }

    /// <summary>
    /// Turns S into P = 2^(c(S - m)) for the new running maximum m, and brings the running sum up to date. The scale is applied to the
    /// difference, not to the queries: that rounds once, relative to the difference, and makes the largest weight exactly 1.
    /// </summary>
    /// <param name="scores">S in, P out, rows <paramref name="width"/> apart.</param>
    /// <param name="rows">Keys.</param>
    /// <param name="width">Lanes, a multiple of the vector length.</param>
    /// <param name="scale">c &gt; 0: the scale of the logits times log2(e).</param>
    /// <param name="max">Running maximum m of each lane; -infinity before the first visible key.</param>
    /// <param name="sum">Running sum of each lane.</param>
    /// <param name="alpha">Receives 2^(c(m_old - m_new)), the factor that re-bases the accumulated output.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Step(float* scores, int rows, int width, float scale, float* max, float* sum, float* alpha)
    {
        TVector c = TSimd.Create(scale);
        for (int lane = 0; lane < width; lane += TSimd.Lanes)
        {
            float* column = scores + lane;
            TVector oldMax = TSimd.Load(max + lane);
            TVector m0 = oldMax, m1 = oldMax;
            int r = 0;
            float* s = column;
            for (; r + 2 <= rows; r += 2, s += 2 * width)
            {
                m0 = TSimd.Max(m0, TSimd.Load(s));
                m1 = TSimd.Max(m1, TSimd.Load(s + width));
            }

            if (r < rows) m0 = TSimd.Max(m0, TSimd.Load(s));
            TVector newMax = TSimd.Max(m0, m1);

            // A lane that has seen no key yet keeps -infinity; subtracting 0 instead avoids (-inf) - (-inf).
            TVector shift = TSimd.ZeroIfNegativeInfinity(newMax);
            TVector factor = VectorMath.Exp2<TSimd, TVector>(TSimd.Multiply(c, TSimd.Subtract(oldMax, shift)));
            TVector sum0 = TSimd.Zero, sum1 = TSimd.Zero;
            r = 0;
            s = column;
            for (; r + 2 <= rows; r += 2, s += 2 * width)
            {
                TVector p0 = VectorMath.Exp2<TSimd, TVector>(TSimd.Multiply(c, TSimd.Subtract(TSimd.Load(s), shift)));
                TVector p1 = VectorMath.Exp2<TSimd, TVector>(TSimd.Multiply(c, TSimd.Subtract(TSimd.Load(s + width), shift)));
                sum0 = TSimd.Add(sum0, p0);
                sum1 = TSimd.Add(sum1, p1);
                TSimd.Store(p0, s);
                TSimd.Store(p1, s + width);
            }

            if (r < rows)
            {
                TVector p0 = VectorMath.Exp2<TSimd, TVector>(TSimd.Multiply(c, TSimd.Subtract(TSimd.Load(s), shift)));
                sum0 = TSimd.Add(sum0, p0);
                TSimd.Store(p0, s);
            }

            TSimd.Store(newMax, max + lane);
            TSimd.Store(factor, alpha + lane);
            TSimd.Store(TSimd.MultiplyAdd(TSimd.Load(sum + lane), factor, TSimd.Add(sum0, sum1)), sum + lane);
        }
    }
}
