namespace KernelSuite.Operations.Simd;

/// <summary>One lane: for processors without vectors, and to hold the vector paths against.</summary>
internal readonly unsafe struct SimdScalar : ISimd<float>
{
    /// <summary>2^-112, as a float.</summary>
    private const float HalfFactor = 1.925929944e-34f;

    public static int Lanes => 1;

    public static float Zero => 0;

    public static float Load(float* source) => *source;

    public static float LoadHalf(ushort* source) => (float)BitConverter.UInt16BitsToHalf(*source);

    public static float LoadBFloat16(ushort* source) => BitConverter.UInt32BitsToSingle((uint)*source << 16);

    public static void LoadBFloat16Pair(ushort* source, out float even, out float odd)
    {
        even = LoadBFloat16(source);
        odd = LoadBFloat16(source + 1);
    }

    public static void LoadHalfPair(ushort* source, out float even, out float odd)
    {
        even = LoadHalf(source) * HalfFactor;
        odd = LoadHalf(source + 1) * HalfFactor;
    }

    public static void Store(float value, float* target) => *target = value;

    public static float Create(float value) => value;

    public static float MultiplyAdd(float a, float b, float c) => float.MultiplyAddEstimate(a, b, c);

    public static float Add(float a, float b) => a + b;

    public static float Subtract(float a, float b) => a - b;

    public static float Multiply(float a, float b) => a * b;

    public static float Divide(float a, float b) => a / b;

    public static float Max(float other, float value) => other > value ? other : value;

    public static float Min(float other, float value) => other < value ? other : value;

    public static float ExponentBits(float biased) => BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(biased) << 23);

    public static float MaskOutside(float value, float position, float from, float to) =>
        position >= from && position < to ? value : float.NegativeInfinity;

    public static float ZeroIfNegativeInfinity(float value) => float.IsNegativeInfinity(value) ? 0 : value;

    public static bool E4M3EvenOdd => false;

    public static void LoadE4M3(byte* codes, out float first, out float second)
    {
        first = E4M3(codes[0]);
        second = E4M3(codes[1]);
    }

    public static void LoadInt4(byte* codes, int shift, float factor, out float first, out float second)
    {
        first = (((codes[0] >> shift) & 15) - 8) * factor;
        second = (((codes[1] >> shift) & 15) - 8) * factor;
    }

    public static void StoreSums(float a, float b, float c, float d, float* target)
    {
        target[0] = a;
        target[1] = b;
        target[2] = c;
        target[3] = d;
    }

    public static float Sum(float value) => value;

    public static float Largest(float value) => value;

    /// <summary>Value * 2^-8: the magnitude's bits above an exponent of -8, with 2^-15 taken off where the code is subnormal.</summary>
    private static float E4M3(byte code)
    {
        int magnitude = code & 0x7F;
        float value = BitConverter.Int32BitsToSingle((magnitude << 20) + (112 << 23));
        if (magnitude < 8) value = (value - BitConverter.Int32BitsToSingle(112 << 23)) * 2;
        return code >= 0x80 ? -value : value;
    }
}
