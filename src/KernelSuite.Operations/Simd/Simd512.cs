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
        Vector512<uint> value = Vector512.ConditionalSelect(Vector512.LessThan(magnitude.AsInt32(), Vector512.Create(0x0400)).AsUInt32(), subnormal, normal);
        value = Vector512.ConditionalSelect(Vector512.GreaterThan(magnitude.AsInt32(), Vector512.Create(0x7BFF)).AsUInt32(), special, value);
        return (value | Vector512.ShiftLeft(word & Vector512.Create(0x8000u), 16)).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> LoadBFloat16(ushort* source) => Vector512.ShiftLeft(Widen(source), 16).AsSingle();

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
}
