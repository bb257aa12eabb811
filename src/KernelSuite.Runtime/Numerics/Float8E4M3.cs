namespace KernelSuite.Runtime;

/// <summary>
/// The 8-bit float e4m3fn (OCP): 1 sign, 4 exponent (bias 7) and 3 fraction bits; no infinities, NaN is S.1111.111, largest finite value 448,
/// subnormals down to 2^-9. Storage only; arithmetic is done in <see cref="float"/>.
/// </summary>
public static class Float8E4M3
{
    /// <summary>Largest finite value.</summary>
    public const float MaxValue = 448;

    private static readonly float[] Values = [.. Enumerable.Range(0, 256).Select(code => Exact((byte)code))];

    /// <summary>Widens exactly.</summary>
    public static float Decode(byte code) => Values[code];

    /// <summary>Rounds to nearest, ties to the even code; magnitudes above 448, infinities included, saturate; NaN gives 0x7F with the sign of the NaN; zero keeps its sign.</summary>
    public static byte Encode(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        uint sign = (bits >> 24) & 0x80;
        uint magnitude = bits & 0x7FFFFFFF;
        if (magnitude > 0x7F800000) return (byte)(sign | 0x7F);
        if (magnitude >= 0x43E00000) return (byte)(sign | 0x7E);

        // Below 2^-6 the spacing is 2^-9: adding 2^14 leaves the nearest multiple, ties to even, in the low bits of the sum.
        if (magnitude < 0x3C800000)
            return (byte)(sign | (BitConverter.SingleToUInt32Bits(BitConverter.UInt32BitsToSingle(magnitude) + 16384f) - 0x46800000));

        uint rounded = magnitude + 0x7FFFF + ((magnitude >> 20) & 1);
        return (byte)(sign | Math.Min((rounded >> 20) - (120 << 3), 0x7E));
    }

    private static float Exact(byte code)
    {
        int exponent = (code >> 3) & 0xF, fraction = code & 7;
        if ((code & 0x7F) == 0x7F) return BitConverter.UInt32BitsToSingle(0x7FC00000 | ((uint)(code & 0x80) << 24));
        double magnitude = exponent == 0 ? Math.ScaleB(fraction, -9) : Math.ScaleB(8 + fraction, exponent - 10);
        return (float)(code >= 0x80 ? -magnitude : magnitude);
    }
}
