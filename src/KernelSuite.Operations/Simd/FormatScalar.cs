using KernelSuite.Runtime;

namespace KernelSuite.Operations.Simd;

/// <summary>Formats one float at a time.</summary>
internal readonly unsafe struct FormatScalar : IFormatSimd<float>
{
    public static float FiniteMagnitude(float value) => float.IsFinite(value) ? MathF.Abs(value) : 0;

    public static float Largest(float value) => value;

    public static uint WithMagnitude(float value, float magnitude) => MathF.Abs(value) == magnitude ? 1u : 0u;

    public static void StoreE4M3(float value, byte* target) => *target = Float8E4M3.Encode(value);

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
