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
}
