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
        Vector128<uint> value = Vector128.ConditionalSelect(Vector128.LessThan(magnitude.AsInt32(), Vector128.Create(0x0400)).AsUInt32(), subnormal, normal);
        value = Vector128.ConditionalSelect(Vector128.GreaterThan(magnitude.AsInt32(), Vector128.Create(0x7BFF)).AsUInt32(), special, value);
        return (value | Vector128.ShiftLeft(word & Vector128.Create(0x8000u), 16)).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> LoadBFloat16(ushort* source) => Vector128.ShiftLeft(Widen(source), 16).AsSingle();

    public static void Store(Vector128<float> value, float* target) => value.Store(target);

    public static Vector128<float> Create(float value) => Vector128.Create(value);

    public static Vector128<float> MultiplyAdd(Vector128<float> a, Vector128<float> b, Vector128<float> c) => Vector128.MultiplyAddEstimate(a, b, c);

    public static Vector128<float> Add(Vector128<float> a, Vector128<float> b) => a + b;

    public static Vector128<float> Subtract(Vector128<float> a, Vector128<float> b) => a - b;

    public static Vector128<float> Multiply(Vector128<float> a, Vector128<float> b) => a * b;

    public static Vector128<float> Divide(Vector128<float> a, Vector128<float> b) => a / b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Max(Vector128<float> other, Vector128<float> value) => Sse.IsSupported ? Sse.Max(other, value) : Vector128.Max(other, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Min(Vector128<float> other, Vector128<float> value) => Sse.IsSupported ? Sse.Min(other, value) : Vector128.Min(other, value);

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
}
