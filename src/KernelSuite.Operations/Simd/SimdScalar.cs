namespace KernelSuite.Operations.Simd;

/// <summary>One lane: for processors without vectors, and to hold the vector paths against.</summary>
internal readonly unsafe struct SimdScalar : ISimd<float>
{
    public static int Lanes => 1;

    public static float Zero => 0;

    public static float Load(float* source) => *source;

    public static float LoadHalf(ushort* source) => (float)BitConverter.UInt16BitsToHalf(*source);

    public static float LoadBFloat16(ushort* source) => BitConverter.UInt32BitsToSingle((uint)*source << 16);

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
}
