using System.Runtime.CompilerServices;

namespace KernelSuite.Operations.Simd;

/// <summary>Elementary functions on vectors.</summary>
internal static class VectorMath
{
    /// <summary>
    /// 1.5 * 2^23 + 127: adding it rounds a float below 2^22 to the nearest integer, ties to even, and leaves that integer in the low bits with the
    /// exponent bias of a float already on it. One addition in place of a rounding, a conversion and an addition.
    /// </summary>
    public const float RoundingBias = 12582912f + 127f;

    /// <summary>
    /// 2^x for x at most 127. Split x = n + f with f in [-1/2, 1/2]; 2^f is a degree-6 polynomial fitted for least relative error
    /// (2.0e-9, with p(0) = 1 exact), 2^n is put together from bits.
    /// Error at most 1.0 ulp over a dense sweep; exact at integers; results below 2^-126.5 are flushed to 0; -infinity gives 0, NaN gives NaN.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Exp2<TSimd, TVector>(TVector x)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        x = TSimd.Max(TSimd.Create(-127f), x);
        TVector biased = TSimd.Add(x, TSimd.Create(RoundingBias));
        TVector f = TSimd.Subtract(x, TSimd.Subtract(biased, TSimd.Create(RoundingBias)));
        TVector p = TSimd.MultiplyAdd(f, TSimd.Create(0.00015353362f), TSimd.Create(0.0013398874f));
        p = TSimd.MultiplyAdd(p, f, TSimd.Create(0.009618437f));
        p = TSimd.MultiplyAdd(p, f, TSimd.Create(0.055503324f));
        p = TSimd.MultiplyAdd(p, f, TSimd.Create(0.24022648f));
        p = TSimd.MultiplyAdd(p, f, TSimd.Create(0.6931472f));
        p = TSimd.MultiplyAdd(p, f, TSimd.Create(1f));
        return TSimd.Multiply(p, TSimd.ExponentBits(biased));
    }

    /// <summary>
    /// tanh y = t/(t + 2) with t = expm1(2y), which keeps the relative accuracy near 0 that 1 - 2/(e^2y + 1) loses.
    /// expm1 splits 2y = n ln2 + r; a degree-6 polynomial gives e^r - 1. |y| above 10 gives +-1. Error at most 4 ulp.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Tanh<TSimd, TVector>(TVector y)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        y = TSimd.Min(TSimd.Create(10f), TSimd.Max(TSimd.Create(-10f), y));
        TVector x = TSimd.Add(y, y);
        TVector biased = TSimd.MultiplyAdd(x, TSimd.Create(1.442695f), TSimd.Create(RoundingBias));
        TVector n = TSimd.Subtract(biased, TSimd.Create(RoundingBias));

        // ln2 in two parts: the first has 12 spare bits, so n times it is exact.
        TVector r = TSimd.MultiplyAdd(n, TSimd.Create(-0.693359375f), x);
        r = TSimd.MultiplyAdd(n, TSimd.Create(2.12194440e-4f), r);
        TVector p = TSimd.MultiplyAdd(r, TSimd.Create(0.0013882522f), TSimd.Create(0.008366514f));
        p = TSimd.MultiplyAdd(p, r, TSimd.Create(0.0416672f));
        p = TSimd.MultiplyAdd(p, r, TSimd.Create(0.16666543f));
        p = TSimd.MultiplyAdd(p, r, TSimd.Create(0.49999997f));
        p = TSimd.MultiplyAdd(TSimd.Multiply(p, r), r, r);
        TVector power = TSimd.ExponentBits(biased);
        TVector t = TSimd.MultiplyAdd(power, p, TSimd.Subtract(power, TSimd.Create(1f)));
        return TSimd.Divide(t, TSimd.Add(t, TSimd.Create(2f)));
    }
}
