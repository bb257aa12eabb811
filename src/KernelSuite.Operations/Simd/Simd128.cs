using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KernelSuite.Operations.Simd;

/// <summary>128-bit vectors (SSE, NEON).</summary>
internal readonly unsafe struct Simd128 : ISimd<Vector128<float>>
{
    public static int Lanes => Vector128<float>.Count;

    public static Vector128<float> Zero => Vector128<float>.Zero;

    public static Vector128<float> Load(float* source) => Vector128.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> LoadHalf(ushort* source)
    {
        // Re-bias the exponent by 112. Subnormals are built as 2^-14 + fraction and the 2^-14 taken off again, which keeps every
        // intermediate a normal number (a denormal operand costs a microcode assist).
        Vector128<uint> word = Widen(source);
        Vector128<uint> magnitude = word & Vector128.Create(0x7FFFu);
        Vector128<uint> shifted = Vector128.ShiftLeft(magnitude, 13);
        Vector128<uint> normal = shifted + Vector128.Create(0x38000000u);
        Vector128<uint> special = normal + Vector128.Create(0x38000000u);
        Vector128<float> offset = Vector128.Create(0x38800000u).AsSingle();
        Vector128<uint> subnormal = ((shifted + Vector128.Create(0x38800000u)).AsSingle() - offset).AsUInt32();
        Vector128<uint> value = Vector128.ConditionalSelect(Vector128.LessThan(magnitude.AsInt32(), Vector128.Create(0x0400)).AsUInt32(),
            subnormal, normal);
        value = Vector128.ConditionalSelect(Vector128.GreaterThan(magnitude.AsInt32(), Vector128.Create(0x7BFF)).AsUInt32(), special, value);
        return (value | Vector128.ShiftLeft(word & Vector128.Create(0x8000u), 16)).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> LoadBFloat16(ushort* source) => Vector128.ShiftLeft(Widen(source), 16).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadBFloat16Pair(ushort* source, out Vector128<float> even, out Vector128<float> odd)
    {
        Vector128<uint> pair = Vector128.Load((uint*)source);
        even = Vector128.ShiftLeft(pair, 16).AsSingle();
        odd = (pair & Vector128.Create(0xFFFF0000u)).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadHalfPair(ushort* source, out Vector128<float> even, out Vector128<float> odd)
    {
        Vector128<int> pair = Vector128.Load((int*)source), kept = Vector128.Create(unchecked((int)0x8FFFE000));
        even = (Vector128.ShiftRightArithmetic(Vector128.ShiftLeft(pair, 16), 3) & kept).AsSingle();
        odd = (Vector128.ShiftRightArithmetic(pair, 3) & kept).AsSingle();
    }

    public static void Store(Vector128<float> value, float* target) => value.Store(target);

    public static Vector128<float> Create(float value) => Vector128.Create(value);

    public static Vector128<float> MultiplyAdd(Vector128<float> a, Vector128<float> b, Vector128<float> c) => Vector128.MultiplyAddEstimate(a, b, c);

    public static Vector128<float> Add(Vector128<float> a, Vector128<float> b) => a + b;

    public static Vector128<float> Subtract(Vector128<float> a, Vector128<float> b) => a - b;

    public static Vector128<float> Multiply(Vector128<float> a, Vector128<float> b) => a * b;

    public static Vector128<float> Divide(Vector128<float> a, Vector128<float> b) => a / b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Max(Vector128<float> other, Vector128<float> value) =>
        Sse.IsSupported ? Sse.Max(other, value) : Vector128.Max(other, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Min(Vector128<float> other, Vector128<float> value) =>
        Sse.IsSupported ? Sse.Min(other, value) : Vector128.Min(other, value);

    public static Vector128<float> ExponentBits(Vector128<float> biased) => Vector128.ShiftLeft(biased.AsInt32(), 23).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> MaskOutside(Vector128<float> value, Vector128<float> position, Vector128<float> from, Vector128<float> to) =>
        Vector128.ConditionalSelect(
            Vector128.GreaterThanOrEqual(position, from) & Vector128.LessThan(position, to), value, Vector128.Create(float.NegativeInfinity));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> ZeroIfNegativeInfinity(Vector128<float> value) =>
        Vector128.ConditionalSelect(Vector128.Equals(value, Vector128.Create(float.NegativeInfinity)), Vector128<float>.Zero, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> Widen(ushort* source) => Vector128.WidenLower(Vector64.Load(source).ToVector128Unsafe());

    public static bool E4M3EvenOdd => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadE4M3(byte* codes, out Vector128<float> first, out Vector128<float> second)
    {
        first = E4M3(WidenBytes(codes));
        second = E4M3(WidenBytes(codes + Lanes));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadInt4(byte* codes, int shift, Vector128<float> factor, out Vector128<float> first, out Vector128<float> second)
    {
        first = Int4(WidenBytes(codes), shift) * factor;
        second = Int4(WidenBytes(codes + Lanes), shift) * factor;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreSums(Vector128<float> a, Vector128<float> b, Vector128<float> c, Vector128<float> d, float* target)
    {
        if (!Sse.IsSupported)
        {
            Vector128.Create(Vector128.Sum(a), Vector128.Sum(b), Vector128.Sum(c), Vector128.Sum(d)).Store(target);
            return;
        }

        Vector128<float> ab = Sse.UnpackLow(a, b) + Sse.UnpackHigh(a, b), cd = Sse.UnpackLow(c, d) + Sse.UnpackHigh(c, d);
        (Sse.MoveLowToHigh(ab, cd) + Sse.MoveHighToLow(cd, ab)).Store(target);
    }

    public static float Sum(Vector128<float> value) => Vector128.Sum(value);

    public static float Largest(Vector128<float> value)
    {
        float largest = value[0];
        for (int i = 1; i < Vector128<float>.Count; i++) largest = MathF.Max(largest, value[i]);
        return largest;
    }

    /// <summary>
    /// Value * 2^-8: the magnitude's bits above an exponent of -8; where the code is subnormal, the 2^-15 that this adds is taken off again.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> E4M3(Vector128<int> code)
    {
        Vector128<int> magnitude = code & Vector128.Create(0x7F);
        Vector128<float> value = (Vector128.ShiftLeft(magnitude, 20) + Vector128.Create(112 << 23)).AsSingle();
        Vector128<float> subnormal = (value - Vector128.Create(112 << 23).AsSingle()) * 2;
        value = Vector128.ConditionalSelect(Vector128.LessThan(magnitude, Vector128.Create(8)).AsSingle(), subnormal, value);
        return (value.AsInt32() | Vector128.ShiftLeft(code & Vector128.Create(0x80), 24)).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Int4(Vector128<int> pair, int shift) =>
        Vector128.ConvertToSingle((Vector128.ShiftRightLogical(pair, shift) & Vector128.Create(15)) - Vector128.Create(8));

    /// <summary>4 bytes, zero-extended.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> WidenBytes(byte* codes) =>
        Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalar(*(int*)codes).AsByte())).AsInt32();
}
