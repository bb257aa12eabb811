namespace KernelSuite.Operations.Simd;

/// <summary>The bit operations of storage formats, one implementation a vector width, beside <see cref="ISimd{TVector}"/>.</summary>
/// <typeparam name="TVector">The float vector type.</typeparam>
internal unsafe interface IFormatSimd<TVector>
    where TVector : struct
{
    /// <summary>|x|, with 0 in place of infinities and NaN.</summary>
    static abstract TVector FiniteMagnitude(TVector value);

    /// <summary>Largest lane; no lane is NaN.</summary>
    static abstract float Largest(TVector value);

    /// <summary>One bit a lane: whether the lane's |x| equals <paramref name="magnitude"/>; lane 0 is bit 0.</summary>
    static abstract uint WithMagnitude(TVector value, float magnitude);

    /// <summary>Stores the lanes of a quotient as e4m3 codes, as <see cref="Runtime.Float8E4M3.Encode"/> rounds.</summary>
    static abstract void StoreE4M3(TVector value, byte* target);

    /// <summary>Stores clamp(round(low) + 8, 0, 15) | clamp(round(high) + 8, 0, 15) &lt;&lt; 4, rounding ties to even; NaN counts as 0.</summary>
    static abstract void StoreNibbles(TVector low, TVector high, byte* target);

    /// <summary>Loads e4m3 codes and widens them exactly.</summary>
    static abstract TVector LoadE4M3(byte* source);

    /// <summary>Loads bytes of two 4-bit codes each and gives code - 8 of the low and the high nibbles.</summary>
    static abstract void LoadNibbles(byte* source, out TVector low, out TVector high);

    /// <summary>Rounds to bfloat16, ties to even; a NaN stays one.</summary>
    static abstract void StoreBFloat16(TVector value, ushort* target);
}
