using KernelSuite.Runtime;

namespace KernelSuite.Operations.Simd;

/// <summary>Formats one float at a time; any value may be stored, infinities and NaN too (0x7F whatever its sign, which not every device keeps; nibble 8).</summary>
internal readonly unsafe struct FormatScalar : IFormatSimd<float>
{
    /// <summary>|x|, with 0 in place of infinities and NaN.</summary>
    public static float FiniteMagnitude(float value) => float.IsFinite(value) ? MathF.Abs(value) : 0;

    public static float MaxMagnitude(float most, float value) =>
        BitConverter.Int32BitsToSingle(Math.Max(BitConverter.SingleToInt32Bits(most), BitConverter.SingleToInt32Bits(value) & 0x7FFFFFFF));

    public static float MaxMagnitudePairs(float most, float* pairs)
    {
        int words = *(int*)pairs;
        return BitConverter.Int32BitsToSingle(Math.Max(BitConverter.SingleToInt32Bits(most), Math.Max(words & 0x7FFF, (words >> 16) & 0x7FFF)));
    }

    public static float Largest(float value) => value;

    public static uint WithMagnitude(float value, float magnitude) => MathF.Abs(value) == magnitude ? 1u : 0u;

    public static void PairsWithMagnitude(float* pairs, int magnitude, out uint low, out uint high)
    {
        int words = *(int*)pairs;
        low = (words & 0x7FFF) == magnitude ? 1u : 0u;
        high = ((words >> 16) & 0x7FFF) == magnitude ? 1u : 0u;
    }

    public static float Quotient(float value, float divisor, float reciprocal) => value / divisor;

    public static void StoreE4M3(float value, float sign, byte* target) => *target = float.IsNaN(value) ? (byte)0x7F : Float8E4M3.Encode(MathF.CopySign(value, sign));

    public static void StoreNibbles(float low, float high, byte* target) => *target = (byte)(Nibble(low) | (Nibble(high) << 4));

    public static float LoadE4M3(byte* source) => Float8E4M3.Decode(*source);

    public static void LoadNibbles(byte* source, out float low, out float high)
    {
        low = (*source & 15) - 8;
        high = (*source >> 4) - 8;
    }

    public static void StoreBFloat16(float value, ushort* target) => *(BFloat16*)target = (BFloat16)value;

    private static int Nibble(float value) => float.IsNaN(value) ? 8 : 8 + (int)MathF.Round(Math.Clamp(value, -8, 7), MidpointRounding.ToEven);
}
