using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KernelSuite.Operations.Simd;

/// <summary>256-bit vectors (AVX2 and FMA, or pairs of 128-bit vectors).</summary>
internal readonly unsafe struct Simd256 : ISimd<Vector256<float>>
{
    public static int Lanes => Vector256<float>.Count;

    public static Vector256<float> Zero => Vector256<float>.Zero;

    public static Vector256<float> Load(float* source) => Vector256.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> LoadHalf(ushort* source)
    {
        // Re-bias the exponent by 112. Subnormals are built as 2^-14 + fraction and the 2^-14 taken off again, which keeps every
        // intermediate a normal number (a denormal operand costs a microcode assist).
        Vector256<uint> word = Widen(source);
        Vector256<uint> magnitude = word & Vector256.Create(0x7FFFu);
        Vector256<uint> shifted = Vector256.ShiftLeft(magnitude, 13);
        Vector256<uint> normal = shifted + Vector256.Create(0x38000000u);
        Vector256<uint> special = normal + Vector256.Create(0x38000000u);
        Vector256<float> offset = Vector256.Create(0x38800000u).AsSingle();
        Vector256<uint> subnormal = ((shifted + Vector256.Create(0x38800000u)).AsSingle() - offset).AsUInt32();
        Vector256<uint> value = Vector256.ConditionalSelect(Vector256.LessThan(magnitude.AsInt32(), Vector256.Create(0x0400)).AsUInt32(),
            subnormal, normal);
        value = Vector256.ConditionalSelect(Vector256.GreaterThan(magnitude.AsInt32(), Vector256.Create(0x7BFF)).AsUInt32(), special, value);
        return (value | Vector256.ShiftLeft(word & Vector256.Create(0x8000u), 16)).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> LoadBFloat16(ushort* source) => Vector256.ShiftLeft(Widen(source), 16).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadBFloat16Pair(ushort* source, out Vector256<float> even, out Vector256<float> odd)
    {
        Vector256<uint> pair = Vector256.Load((uint*)source);
        even = Vector256.ShiftLeft(pair, 16).AsSingle();
        odd = (pair & Vector256.Create(0xFFFF0000u)).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadHalfPair(ushort* source, out Vector256<float> even, out Vector256<float> odd)
    {
        Vector256<int> pair = Vector256.Load((int*)source), kept = Vector256.Create(unchecked((int)0x8FFFE000));
        even = (Vector256.ShiftRightArithmetic(Vector256.ShiftLeft(pair, 16), 3) & kept).AsSingle();
        odd = (Vector256.ShiftRightArithmetic(pair, 3) & kept).AsSingle();
    }

    public static void Store(Vector256<float> value, float* target) => value.Store(target);

    public static Vector256<float> Create(float value) => Vector256.Create(value);

    public static Vector256<float> MultiplyAdd(Vector256<float> a, Vector256<float> b, Vector256<float> c) => Vector256.MultiplyAddEstimate(a, b, c);

    public static Vector256<float> Add(Vector256<float> a, Vector256<float> b) => a + b;

    public static Vector256<float> Subtract(Vector256<float> a, Vector256<float> b) => a - b;

    public static Vector256<float> Multiply(Vector256<float> a, Vector256<float> b) => a * b;

    public static Vector256<float> Divide(Vector256<float> a, Vector256<float> b) => a / b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Max(Vector256<float> other, Vector256<float> value) =>
        Avx.IsSupported ? Avx.Max(other, value) : Vector256.Max(other, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Min(Vector256<float> other, Vector256<float> value) =>
        Avx.IsSupported ? Avx.Min(other, value) : Vector256.Min(other, value);

    public static Vector256<float> ExponentBits(Vector256<float> biased) => Vector256.ShiftLeft(biased.AsInt32(), 23).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> MaskOutside(Vector256<float> value, Vector256<float> position, Vector256<float> from, Vector256<float> to) =>
        Vector256.ConditionalSelect(
            Vector256.GreaterThanOrEqual(position, from) & Vector256.LessThan(position, to), value, Vector256.Create(float.NegativeInfinity));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> ZeroIfNegativeInfinity(Vector256<float> value) =>
        Vector256.ConditionalSelect(Vector256.Equals(value, Vector256.Create(float.NegativeInfinity)), Vector256<float>.Zero, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Widen(ushort* source) => Avx2.IsSupported
        ? Avx2.ConvertToVector256Int32(Vector128.Load(source)).AsUInt32()
        : Vector256.WidenLower(Vector128.Load(source).ToVector256Unsafe());

    public static bool E4M3EvenOdd => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadE4M3(byte* codes, out Vector256<float> first, out Vector256<float> second)
    {
        first = E4M3(WidenBytes(codes));
        second = E4M3(WidenBytes(codes + Lanes));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadInt4(byte* codes, int shift, Vector256<float> factor, out Vector256<float> first, out Vector256<float> second)
    {
        first = Int4(WidenBytes(codes), shift) * factor;
        second = Int4(WidenBytes(codes + Lanes), shift) * factor;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreSums(Vector256<float> a, Vector256<float> b, Vector256<float> c, Vector256<float> d, float* target) =>
        Simd128.StoreSums(a.GetLower() + a.GetUpper(), b.GetLower() + b.GetUpper(), c.GetLower() + c.GetUpper(), d.GetLower() + d.GetUpper(), target);

    public static float Sum(Vector256<float> value) => Vector256.Sum(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Largest(Vector256<float> value) => Simd128.Largest(Simd128.Max(value.GetLower(), value.GetUpper()));

    /// <summary>
    /// Value * 2^-8: the magnitude's bits above an exponent of -8; where the code is subnormal, the 2^-15 that this adds is taken off again.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> E4M3(Vector256<int> code)
    {
        Vector256<int> magnitude = code & Vector256.Create(0x7F);
        Vector256<float> value = (Vector256.ShiftLeft(magnitude, 20) + Vector256.Create(112 << 23)).AsSingle();
        Vector256<float> subnormal = (value - Vector256.Create(112 << 23).AsSingle()) * 2;
        value = Vector256.ConditionalSelect(Vector256.LessThan(magnitude, Vector256.Create(8)).AsSingle(), subnormal, value);
        return (value.AsInt32() | Vector256.ShiftLeft(code & Vector256.Create(0x80), 24)).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Int4(Vector256<int> pair, int shift) =>
        Vector256.ConvertToSingle((Vector256.ShiftRightLogical(pair, shift) & Vector256.Create(15)) - Vector256.Create(8));

    /// <summary>8 bytes, zero-extended.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> WidenBytes(byte* codes) => Avx2.IsSupported
        ? Avx2.ConvertToVector256Int32(codes)
        : Vector256.WidenLower(Vector256.WidenLower(Vector128.CreateScalar(*(long*)codes).AsByte().ToVector256Unsafe())).AsInt32();
}
