using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace KernelSuite.Operations.Simd;

/// <summary>Formats on 128-bit vectors.</summary>
internal readonly unsafe struct Format128 : IFormatSimd<Vector128<float>>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> MaxMagnitude(Vector128<float> most, Vector128<float> value) =>
        Vector128.Max(most.AsInt32(), value.AsInt32() & Vector128.Create(0x7FFFFFFF)).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> MaxMagnitudePairs(Vector128<float> most, float* pairs)
    {
        Vector128<int> words = Vector128.Load(pairs).AsInt32(), low = Vector128.Create(0x7FFF);
        return Vector128.Max(Vector128.Max(most.AsInt32(), words & low), Vector128.ShiftRightLogical(words, 16) & low).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Largest(Vector128<float> value)
    {
        // Bits of magnitudes order as the magnitudes do.
        Vector128<int> most = value.AsInt32();
        most = Vector128.Max(most, Vector128.Shuffle(most, Vector128.Create(2, 3, 0, 1)));
        most = Vector128.Max(most, Vector128.Shuffle(most, Vector128.Create(1, 0, 3, 2)));
        return BitConverter.Int32BitsToSingle(most.ToScalar());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint WithMagnitude(Vector128<float> value, float magnitude) =>
        (uint)Vector128.Equals(value.AsInt32() & Vector128.Create(0x7FFFFFFF), Vector128.Create(BitConverter.SingleToInt32Bits(magnitude))).ExtractMostSignificantBits();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void PairsWithMagnitude(float* pairs, int magnitude, out uint low, out uint high)
    {
        Vector128<int> words = Vector128.Load(pairs).AsInt32(), wanted = Vector128.Create(magnitude), mask = Vector128.Create(0x7FFF);
        low = (uint)Vector128.Equals(words & mask, wanted).ExtractMostSignificantBits();
        high = (uint)Vector128.Equals(Vector128.ShiftRightLogical(words, 16) & mask, wanted).ExtractMostSignificantBits();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Quotient(Vector128<float> value, Vector128<float> divisor, Vector128<float> reciprocal)
    {
        if (!(Fma.IsSupported || AdvSimd.IsSupported)) return value / divisor;

        // The first correction leaves less than a unit in the last place; from there the second rounds correctly (Markstein 1990).
        Vector128<float> quotient = value * reciprocal;
        quotient = Vector128.FusedMultiplyAdd(Vector128.FusedMultiplyAdd(-quotient, divisor, value), reciprocal, quotient);
        return Vector128.FusedMultiplyAdd(Vector128.FusedMultiplyAdd(-quotient, divisor, value), reciprocal, quotient);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreE4M3(Vector128<float> value, Vector128<float> sign, byte* target)
    {
        // Adding 2^20 times the value's power of two, at least 2^-6, rounds to three fraction bits (or to 2^-9), ties to even. The code of that power
        // of two lies ready in the low bits of what is added, so the sum's low byte is the code.
        Vector128<int> magnitude = value.AsInt32() & Vector128.Create(0x7FFFFFFF);
        Vector128<int> power = Vector128.Max(magnitude, Vector128.Create(121 << 23)) & Vector128.Create(0x7F800000);
        Vector128<int> added = power + Vector128.ShiftRightLogical(power, 20) + Vector128.Create((20 << 23) - (121 << 3));
        Vector128<int> code = (magnitude.AsSingle() + added.AsSingle()).AsInt32();
        Narrow(Vector128.ConditionalSelect(Vector128.Create(0x80), Vector128.ShiftRightLogical(sign.AsInt32(), 24), code), target);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreNibbles(Vector128<float> low, Vector128<float> high, byte* target) =>
        Narrow((Nibble(low) & Vector128.Create(15)) | Vector128.ShiftLeft(Nibble(high) & Vector128.Create(15), 4), target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> LoadE4M3(byte* source)
    {
        Vector128<int> code = Widen(source);
        Vector128<int> magnitude = code & Vector128.Create(0x7F);

        // Exponent and fraction move into place and are re-biased by 120; the eight subnormals are multiples of 2^-9.
        Vector128<int> shifted = Vector128.ShiftLeft(magnitude, 20);
        Vector128<float> normal = (shifted + Vector128.Create(120 << 23)).AsSingle();
        Vector128<float> subnormal = Vector128.ConvertToSingle(magnitude) * Vector128.Create(1f / 512);
        Vector128<float> value = Vector128.ConditionalSelect(Vector128.LessThan(magnitude, Vector128.Create(8)).AsSingle(), subnormal, normal);
        value = Vector128.ConditionalSelect(Vector128.Equals(magnitude, Vector128.Create(0x7F)).AsSingle(), Vector128.Create(float.NaN), value);
        return ((value.AsInt32() & Vector128.Create(0x7FFFFFFF)) | Vector128.ShiftLeft(code & Vector128.Create(0x80), 24)).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadNibbles(byte* source, out Vector128<float> low, out Vector128<float> high)
    {
        Vector128<int> code = Widen(source);
        low = Vector128.ConvertToSingle((code & Vector128.Create(15)) - Vector128.Create(8));
        high = Vector128.ConvertToSingle(Vector128.ShiftRightLogical(code, 4) - Vector128.Create(8));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBFloat16(Vector128<float> value, ushort* target)
    {
        Vector128<uint> bits = value.AsUInt32();
        Vector128<uint> odd = Vector128.ShiftRightLogical(bits, 16) & Vector128<uint>.One;
        Vector128<uint> quiet = bits | Vector128.Create(0x00400000u);
        Vector128<uint> rounded = Vector128.ConditionalSelect(Vector128.Equals(value, value).AsUInt32(), bits + Vector128.Create(0x7FFFu) + odd, quiet);
        rounded = Vector128.ShiftRightLogical(rounded, 16);
        Vector128.Narrow(rounded, rounded).GetLower().Store(target);
    }

    /// <summary>The code in the low four bits: 1.5 * 2^23 + 8 leaves the nearest integer, ties to even, and 8 there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Nibble(Vector128<float> value) =>
        (Simd128.Min(Simd128.Create(7f), Simd128.Max(Simd128.Create(-8f), value)) + Vector128.Create(12582920f)).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Narrow(Vector128<int> codes, byte* target)
    {
        Vector128<ushort> words = Vector128.Narrow(codes.AsUInt32(), codes.AsUInt32());
        Unsafe.WriteUnaligned(target, Vector128.Narrow(words, words).AsUInt32().ToScalar());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Widen(byte* source) =>
        Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<uint>(source)).AsByte())).AsInt32();
}
