namespace KernelSuite.Operations.Simd;

/// <summary>
/// The float operations that the kernels need, one implementation a vector width. Static abstract members on a struct type
/// argument are resolved when the JIT specialises the kernel, so each call below is one instruction.
/// </summary>
/// <typeparam name="TVector">The vector type.</typeparam>
internal unsafe interface ISimd<TVector>
    where TVector : struct
{
    /// <summary>Float lanes.</summary>
    static abstract int Lanes { get; }

    /// <summary>All lanes zero.</summary>
    static abstract TVector Zero { get; }

    /// <summary>Unaligned load.</summary>
    static abstract TVector Load(float* source);

    /// <summary>Loads and widens float16, subnormals, infinities and NaN included.</summary>
    static abstract TVector LoadHalf(ushort* source);

    /// <summary>Loads and widens bfloat16.</summary>
    static abstract TVector LoadBFloat16(ushort* source);

    /// <summary>
    /// Widens bfloat16 elements 0, 2, 4, .. and 1, 3, 5, .. of two vectors: one instruction each, where elements in order take a permutation
    /// besides.
    /// </summary>
    static abstract void LoadBFloat16Pair(ushort* source, out TVector even, out TVector odd);

    /// <summary>
    /// Widens float16 elements 0, 2, 4, .. and 1, 3, 5, .. of two vectors to value * 2^-112: the bits in their places, under an exponent that is
    /// not re-biased. Exact for every number; vectors give finite numbers for infinities and NaN. A subnormal element becomes a subnormal float,
    /// which costs each multiplication some 120 cycles.
    /// </summary>
    static abstract void LoadHalfPair(ushort* source, out TVector even, out TVector odd);

    /// <summary>Unaligned store.</summary>
    static abstract void Store(TVector value, float* target);

    /// <summary>All lanes equal.</summary>
    static abstract TVector Create(float value);

    /// <summary>a*b + c, fused where the hardware can.</summary>
    static abstract TVector MultiplyAdd(TVector a, TVector b, TVector c);

    /// <summary>a + b.</summary>
    static abstract TVector Add(TVector a, TVector b);

    /// <summary>a - b.</summary>
    static abstract TVector Subtract(TVector a, TVector b);

    /// <summary>a * b.</summary>
    static abstract TVector Multiply(TVector a, TVector b);

    /// <summary>a / b.</summary>
    static abstract TVector Divide(TVector a, TVector b);

    /// <summary>Larger of two lanes; a NaN in <paramref name="value"/> gives NaN.</summary>
    static abstract TVector Max(TVector other, TVector value);

    /// <summary>Smaller of two lanes; a NaN in <paramref name="value"/> gives NaN.</summary>
    static abstract TVector Min(TVector other, TVector value);

    /// <summary>2^n for integral n in [-127, 127], given n + <see cref="VectorMath.RoundingBias"/>; n = -127 gives 0.</summary>
    static abstract TVector ExponentBits(TVector biased);

    /// <summary><paramref name="value"/> where from &lt;= position &lt; to, else -infinity.</summary>
    static abstract TVector MaskOutside(TVector value, TVector position, TVector from, TVector to);

    /// <summary><paramref name="value"/>, with 0 in place of -infinity.</summary>
    static abstract TVector ZeroIfNegativeInfinity(TVector value);

    /// <summary>Whether <see cref="LoadE4M3"/> gives elements 0, 2, 4, .. and 1, 3, 5, .. in place of the first and second half.</summary>
    static abstract bool E4M3EvenOdd { get; }

    /// <summary>
    /// Widens e4m3 codes to two vectors of value * 2^-8, subnormals included; the NaN code gives a finite number. The scale saves an addition and
    /// is exact.
    /// </summary>
    static abstract void LoadE4M3(byte* codes, out TVector first, out TVector second);

    /// <summary>
    /// Widens 4-bit codes to two vectors of (code - 8) * factor: those at <paramref name="shift"/> 0 (low) or 4 (high) in successive bytes; with 16
    /// lanes the low ones and then the high ones of 16 bytes, whatever the shift.
    /// </summary>
    static abstract void LoadInt4(byte* codes, int shift, TVector factor, out TVector first, out TVector second);

    /// <summary>Stores the sums over the lanes of four vectors in four successive floats.</summary>
    static abstract void StoreSums(TVector a, TVector b, TVector c, TVector d, float* target);

    /// <summary>Sum over the lanes.</summary>
    static abstract float Sum(TVector value);

    /// <summary>Largest lane; NaN where there is one.</summary>
    static abstract float Largest(TVector value);
}
