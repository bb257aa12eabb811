namespace KernelSuite.Operations.Simd;

/// <summary>The bit operations of storage formats, one implementation a vector width, beside <see cref="ISimd{TVector}"/>.</summary>
/// <typeparam name="TVector">The float vector type.</typeparam>
internal unsafe interface IFormatSimd<TVector>
    where TVector : struct
{
    /// <summary>The larger of <paramref name="most"/>, a magnitude, and |value|, by their bits: infinities and NaN are larger than every number.</summary>
    static abstract TVector MaxMagnitude(TVector most, TVector value);

    /// <summary>The same for a vector of words of two 16-bit elements each; a lane holds the bits of the larger magnitude as an integer.</summary>
    static abstract TVector MaxMagnitudePairs(TVector most, float* pairs);

    /// <summary>Lane whose bits are the largest integer; every lane is a magnitude.</summary>
    static abstract float Largest(TVector value);

    /// <summary>One bit a lane: whether the lane's |x| equals <paramref name="magnitude"/>; lane 0 is bit 0.</summary>
    static abstract uint WithMagnitude(TVector value, float magnitude);

    /// <summary>Which low and which high 16-bit elements of a vector of words have magnitude bits <paramref name="magnitude"/>; a bit a word.</summary>
    static abstract void PairsWithMagnitude(float* pairs, int magnitude, out uint low, out uint high);

    /// <summary>
    /// value / divisor, correctly rounded, given 1 / divisor. Multiplications and exact remainders take 2.5 cycles where a 512-bit division takes 10. The value is
    /// finite, divisor and reciprocal are normal; a quotient above 2^-12 is right where the divisor is at least 2^-80, a smaller one stays as small. A zero may lose its sign.
    /// </summary>
    static abstract TVector Quotient(TVector value, TVector divisor, TVector reciprocal);

    /// <summary>Stores e4m3 codes of values below 464 in magnitude, as <see cref="Runtime.Float8E4M3.Encode"/> rounds, with the signs of <paramref name="sign"/>.</summary>
    static abstract void StoreE4M3(TVector value, TVector sign, byte* target);

    /// <summary>Stores clamp(round(low) + 8, 0, 15) | clamp(round(high) + 8, 0, 15) &lt;&lt; 4 of finite values, rounding ties to even.</summary>
    static abstract void StoreNibbles(TVector low, TVector high, byte* target);

    /// <summary>Loads e4m3 codes and widens them exactly.</summary>
    static abstract TVector LoadE4M3(byte* source);

    /// <summary>Loads bytes of two 4-bit codes each and gives code - 8 of the low and the high nibbles.</summary>
    static abstract void LoadNibbles(byte* source, out TVector low, out TVector high);

    /// <summary>Rounds to bfloat16, ties to even; a NaN stays one.</summary>
    static abstract void StoreBFloat16(TVector value, ushort* target);
}
