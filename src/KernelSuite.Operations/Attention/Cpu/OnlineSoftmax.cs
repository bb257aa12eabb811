using System.Runtime.CompilerServices;

using KernelSuite.Operations.Simd;
namespace KernelSuite.Operations.Attention.Cpu;

/// <summary>One step of the online softmax on a tile S[keys, lanes]: queries lie in the lanes, so every reduction is vertical.</summary>
internal static unsafe class OnlineSoftmax<TSimd, TVector, TShape>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
    where TShape : struct, ITileShape
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

    /// <summary>Raises each lane's maximum to that of its scores. A NaN may be passed over: its exponential is NaN all the same.</summary>
    /// <param name="scores">S, rows as wide as the register tile.</param>
    /// <param name="rows">Keys.</param>
    /// <param name="max">Running maximum of each lane.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void RaiseMax(float* scores, int rows, float* max)
    {
        int lanes = TSimd.Lanes, width = TShape.Vectors * lanes;

        // Two rows at a time: with one, four maxima in flight would wait for each other.
        TVector m0 = TSimd.Load(max), n0 = m0, m1 = m0, n1 = m0, m2 = m0, n2 = m0, m3 = m0, n3 = m0;
        if (TShape.Vectors > 1) n1 = m1 = TSimd.Load(max + lanes);
        if (TShape.Vectors > 2) n2 = m2 = TSimd.Load(max + (2 * lanes));
        if (TShape.Vectors > 2) n3 = m3 = TSimd.Load(max + (3 * lanes));
        int r = 0;
        for (; r + 2 <= rows; r += 2, scores += 2 * width)
        {
            m0 = TSimd.Max(m0, TSimd.Load(scores));
            if (TShape.Vectors > 1) m1 = TSimd.Max(m1, TSimd.Load(scores + lanes));
            if (TShape.Vectors > 2) m2 = TSimd.Max(m2, TSimd.Load(scores + (2 * lanes)));
            if (TShape.Vectors > 2) m3 = TSimd.Max(m3, TSimd.Load(scores + (3 * lanes)));
            n0 = TSimd.Max(n0, TSimd.Load(scores + width));
            if (TShape.Vectors > 1) n1 = TSimd.Max(n1, TSimd.Load(scores + width + lanes));
            if (TShape.Vectors > 2) n2 = TSimd.Max(n2, TSimd.Load(scores + width + (2 * lanes)));
            if (TShape.Vectors > 2) n3 = TSimd.Max(n3, TSimd.Load(scores + width + (3 * lanes)));
        }

        if (r < rows)
        {
            m0 = TSimd.Max(m0, TSimd.Load(scores));
            if (TShape.Vectors > 1) m1 = TSimd.Max(m1, TSimd.Load(scores + lanes));
            if (TShape.Vectors > 2) m2 = TSimd.Max(m2, TSimd.Load(scores + (2 * lanes)));
            if (TShape.Vectors > 2) m3 = TSimd.Max(m3, TSimd.Load(scores + (3 * lanes)));
        }

        TSimd.Store(TSimd.Max(m0, n0), max);
        if (TShape.Vectors > 1) TSimd.Store(TSimd.Max(m1, n1), max + lanes);
        if (TShape.Vectors > 2) TSimd.Store(TSimd.Max(m2, n2), max + (2 * lanes));
        if (TShape.Vectors > 2) TSimd.Store(TSimd.Max(m3, n3), max + (3 * lanes));
    }

    /// <summary>
    /// Turns S into P = 2^(c(S - m)) for the new running maximum m, and brings the running sum up to date. The scale is applied to the
    /// difference, not to the queries: that rounds once, relative to the difference, and makes the largest weight exactly 1.
    /// </summary>
    /// <param name="scores">S in, P out, rows as wide as the register tile.</param>
    /// <param name="rows">Keys.</param>
    /// <param name="scale">c &gt; 0: the scale of the logits times log2(e).</param>
    /// <param name="oldMax">Maximum of each lane before this tile; -infinity before the first visible key.</param>
    /// <param name="max">Maximum with this tile.</param>
    /// <param name="sum">Running sum of each lane.</param>
    /// <param name="alpha">Receives 2^(c(m_old - m_new)), the factor that re-bases the accumulated output. May be <paramref name="oldMax"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Exponentiate(float* scores, int rows, float scale, float* oldMax, float* max, float* sum, float* alpha)
    {
        TVector c = TSimd.Create(scale);
        int width = TShape.Vectors * TSimd.Lanes;
        for (int lane = 0; lane < width; lane += TSimd.Lanes)
        {
            // A lane that has seen no key yet keeps -infinity; subtracting 0 instead avoids (-inf) - (-inf).
            TVector shift = TSimd.ZeroIfNegativeInfinity(TSimd.Load(max + lane));
            TVector factor = VectorMath.Exp2<TSimd, TVector>(TSimd.Multiply(c, TSimd.Subtract(TSimd.Load(oldMax + lane), shift)));
            TVector sum0 = TSimd.Zero, sum1 = TSimd.Zero;
            float* s = scores + lane;
            int r = 0;
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

            TSimd.Store(factor, alpha + lane);
            TSimd.Store(TSimd.MultiplyAdd(TSimd.Load(sum + lane), factor, TSimd.Add(sum0, sum1)), sum + lane);
        }
    }
}
