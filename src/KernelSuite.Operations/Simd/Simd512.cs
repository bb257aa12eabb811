using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KernelSuite.Operations.Simd;

/// <summary>512-bit vectors (AVX-512F).</summary>
internal readonly unsafe struct Simd512 : ISimd<Vector512<float>>
{
    public static int Lanes => Vector512<float>.Count;

    public static Vector512<float> Zero => Vector512<float>.Zero;

    public static Vector512<float> Load(float* source) => Vector512.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> LoadHalf(ushort* source)
    {
        // Re-bias the exponent by 112. Subnormals are built as 2^-14 + fraction and the 2^-14 taken off again, which keeps every
        // intermediate a normal number (a denormal operand costs a microcode assist).
        Vector512<uint> word = Widen(source);
        Vector512<uint> magnitude = word & Vector512.Create(0x7FFFu);
        Vector512<uint> shifted = Vector512.ShiftLeft(magnitude, 13);
        Vector512<uint> normal = shifted + Vector512.Create(0x38000000u);
        Vector512<uint> special = normal + Vector512.Create(0x38000000u);
        Vector512<float> offset = Vector512.Create(0x38800000u).AsSingle();
        Vector512<uint> subnormal = ((shifted + Vector512.Create(0x38800000u)).AsSingle() - offset).AsUInt32();
        Vector512<uint> value = Vector512.ConditionalSelect(Vector512.LessThan(magnitude.AsInt32(), Vector512.Create(0x0400)).AsUInt32(),
            subnormal, normal);
        value = Vector512.ConditionalSelect(Vector512.GreaterThan(magnitude.AsInt32(), Vector512.Create(0x7BFF)).AsUInt32(), special, value);
        return (value | Vector512.ShiftLeft(word & Vector512.Create(0x8000u), 16)).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> LoadBFloat16(ushort* source) => Vector512.ShiftLeft(Widen(source), 16).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadBFloat16Pair(ushort* source, out Vector512<float> even, out Vector512<float> odd)
    {
        Vector512<uint> pair = Vector512.Load((uint*)source);
        even = Vector512.ShiftLeft(pair, 16).AsSingle();
        odd = (pair & Vector512.Create(0xFFFF0000u)).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadHalfPair(ushort* source, out Vector512<float> even, out Vector512<float> odd)
    {
        Vector512<int> pair = Vector512.Load((int*)source), kept = Vector512.Create(unchecked((int)0x8FFFE000));
        even = (Vector512.ShiftRightArithmetic(Vector512.ShiftLeft(pair, 16), 3) & kept).AsSingle();
        odd = (Vector512.ShiftRightArithmetic(pair, 3) & kept).AsSingle();
    }

    public static void Store(Vector512<float> value, float* target) => value.Store(target);

    public static Vector512<float> Create(float value) => Vector512.Create(value);

    public static Vector512<float> MultiplyAdd(Vector512<float> a, Vector512<float> b, Vector512<float> c) => Vector512.MultiplyAddEstimate(a, b, c);

    public static Vector512<float> Add(Vector512<float> a, Vector512<float> b) => a + b;

    public static Vector512<float> Subtract(Vector512<float> a, Vector512<float> b) => a - b;

    public static Vector512<float> Multiply(Vector512<float> a, Vector512<float> b) => a * b;

    public static Vector512<float> Divide(Vector512<float> a, Vector512<float> b) => a / b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Max(Vector512<float> other, Vector512<float> value) => Avx512F.Max(other, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Min(Vector512<float> other, Vector512<float> value) => Avx512F.Min(other, value);

    public static Vector512<float> ExponentBits(Vector512<float> biased) => Vector512.ShiftLeft(biased.AsInt32(), 23).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> MaskOutside(Vector512<float> value, Vector512<float> position, Vector512<float> from, Vector512<float> to) =>
        Vector512.ConditionalSelect(
            Vector512.GreaterThanOrEqual(position, from) & Vector512.LessThan(position, to), value, Vector512.Create(float.NegativeInfinity));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> ZeroIfNegativeInfinity(Vector512<float> value) =>
        Vector512.ConditionalSelect(Vector512.Equals(value, Vector512.Create(float.NegativeInfinity)), Vector512<float>.Zero, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Widen(ushort* source) => Avx512F.ConvertToVector512Int32(Vector256.Load(source)).AsUInt32();

    public static bool E4M3EvenOdd => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadE4M3(byte* codes, out Vector512<float> first, out Vector512<float> second)
    {
        // Two codes of 16 bits at a time: bfloat16 of value * 2^-8, whose exponent bits do not carry into those of the code. Subnormals come from a
        // table; then the two
        // halves of each 32-bit lane are a float each.
        Vector512<short> word = Avx512BW.ConvertToVector512Int16(Vector256.Load((sbyte*)codes));
        Vector512<short> bits = Vector512.ShiftLeft(word, 4) & Vector512.Create((short)0x07F0) | Vector512.Create((short)0x3800);
        Vector512<short> subnormal = Avx512BW.PermuteVar32x16(SubnormalE4M3, word);
        bits = Vector512.ConditionalSelect(Vector512.Equals(word & Vector512.Create((short)0x78), Vector512<short>.Zero), subnormal, bits);
        Vector512<uint> pair = (bits | word & Vector512.Create(short.MinValue)).AsUInt32();
        first = Vector512.ShiftLeft(pair, 16).AsSingle();
        second = (pair & Vector512.Create(0xFFFF0000u)).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadInt4(byte* codes, int shift, Vector512<float> factor, out Vector512<float> first, out Vector512<float> second)
    {
        // A permutation takes the low four bits of each lane as index: the table does masking, conversion, - 8 and the factor in one.
        Vector512<float> table = factor * CodeValues;
        Vector512<int> pair = Avx512F.ConvertToVector512Int32(Vector128.Load(codes));
        first = Avx512F.PermuteVar16x32(table, pair);
        second = Avx512F.PermuteVar16x32(table, Vector512.ShiftRightLogical(pair, 4));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreSums(Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d, float* target)
    {
        Vector512<float> ab = Avx512F.UnpackLow(a, b) + Avx512F.UnpackHigh(a, b);
        Vector512<float> cd = Avx512F.UnpackLow(c, d) + Avx512F.UnpackHigh(c, d);
        Vector512<double> low = Avx512F.UnpackLow(ab.AsDouble(), cd.AsDouble()), high = Avx512F.UnpackHigh(ab.AsDouble(), cd.AsDouble());
        Vector512<float> all = low.AsSingle() + high.AsSingle();
        Vector256<float> half = all.GetLower() + all.GetUpper();
        (half.GetLower() + half.GetUpper()).Store(target);
    }

    public static float Sum(Vector512<float> value) => Vector512.Sum(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Largest(Vector512<float> value) => Simd256.Largest(Simd256.Max(value.GetLower(), value.GetUpper()));

    private static Vector512<float> CodeValues
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector512.Create(-8f, -7f, -6f, -5f, -4f, -3f, -2f, -1f, 0f, 1f, 2f, 3f, 4f, 5f, 6f, 7f);
    }

    /// <summary>bfloat16 of n * 2^-17 for n = 0 to 7: the magnitudes of subnormal e4m3 codes, times 2^-8.</summary>
    private static Vector512<short> SubnormalE4M3
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector512.Create(Vector128.Create((short)0, 0x3700, 0x3780, 0x37C0, 0x3800, 0x3820, 0x3840, 0x3860).AsInt64().ToScalar(),
            0x3860384038203800, 0, 0, 0, 0, 0, 0).AsInt16();
    }
}
