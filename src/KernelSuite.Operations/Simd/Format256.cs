using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KernelSuite.Operations.Simd;

/// <summary>Formats on 256-bit vectors.</summary>
internal readonly unsafe struct Format256 : IFormatSimd<Vector256<float>>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> MaxMagnitude(Vector256<float> most, Vector256<float> value) =>
        Vector256.Max(most.AsInt32(), value.AsInt32() & Vector256.Create(0x7FFFFFFF)).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> MaxMagnitudePairs(Vector256<float> most, float* pairs)
    {
        Vector256<int> words = Vector256.Load(pairs).AsInt32(), low = Vector256.Create(0x7FFF);
        return Vector256.Max(Vector256.Max(most.AsInt32(), words & low), Vector256.ShiftRightLogical(words, 16) & low).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Largest(Vector256<float> value)
    {
        // Bits of magnitudes order as the magnitudes do.
        Vector128<int> most = Vector128.Max(value.GetLower().AsInt32(), value.GetUpper().AsInt32());
        most = Vector128.Max(most, Vector128.Shuffle(most, Vector128.Create(2, 3, 0, 1)));
        most = Vector128.Max(most, Vector128.Shuffle(most, Vector128.Create(1, 0, 3, 2)));
        return BitConverter.Int32BitsToSingle(most.ToScalar());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint WithMagnitude(Vector256<float> value, float magnitude) =>
        (uint)Vector256.Equals(value.AsInt32() & Vector256.Create(0x7FFFFFFF), Vector256.Create(BitConverter.SingleToInt32Bits(magnitude))).ExtractMostSignificantBits();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void PairsWithMagnitude(float* pairs, int magnitude, out uint low, out uint high)
    {
        Vector256<int> words = Vector256.Load(pairs).AsInt32(), wanted = Vector256.Create(magnitude), mask = Vector256.Create(0x7FFF);
        low = (uint)Vector256.Equals(words & mask, wanted).ExtractMostSignificantBits();
        high = (uint)Vector256.Equals(Vector256.ShiftRightLogical(words, 16) & mask, wanted).ExtractMostSignificantBits();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Quotient(Vector256<float> value, Vector256<float> divisor, Vector256<float> reciprocal)
    {
        if (!(Fma.IsSupported)) return value / divisor;

        // The first correction leaves less than a unit in the last place; from there the second rounds correctly (Markstein 1990).
        Vector256<float> quotient = value * reciprocal;
        quotient = Vector256.FusedMultiplyAdd(Vector256.FusedMultiplyAdd(-quotient, divisor, value), reciprocal, quotient);
        return Vector256.FusedMultiplyAdd(Vector256.FusedMultiplyAdd(-quotient, divisor, value), reciprocal, quotient);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreE4M3(Vector256<float> value, Vector256<float> sign, byte* target)
    {
        // Adding 2^20 times the value's power of two, at least 2^-6, rounds to three fraction bits (or to 2^-9), ties to even. The code of that power
        // of two lies ready in the low bits of what is added, so the sum's low byte is the code.
        Vector256<int> magnitude = value.AsInt32() & Vector256.Create(0x7FFFFFFF);
        Vector256<int> power = Vector256.Max(magnitude, Vector256.Create(121 << 23)) & Vector256.Create(0x7F800000);
        Vector256<int> added = power + Vector256.ShiftRightLogical(power, 20) + Vector256.Create((20 << 23) - (121 << 3));
        Vector256<int> code = (magnitude.AsSingle() + added.AsSingle()).AsInt32();
        Narrow(Vector256.ConditionalSelect(Vector256.Create(0x80), Vector256.ShiftRightLogical(sign.AsInt32(), 24), code), target);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreNibbles(Vector256<float> low, Vector256<float> high, byte* target) =>
        Narrow((Nibble(low) & Vector256.Create(15)) | Vector256.ShiftLeft(Nibble(high) & Vector256.Create(15), 4), target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> LoadE4M3(byte* source)
    {
        Vector256<int> code = Widen(source);
        Vector256<int> magnitude = code & Vector256.Create(0x7F);

        // Exponent and fraction move into place and are re-biased by 120; the eight subnormals are multiples of 2^-9.
        Vector256<int> shifted = Vector256.ShiftLeft(magnitude, 20);
        Vector256<float> normal = (shifted + Vector256.Create(120 << 23)).AsSingle();
        Vector256<float> subnormal = Vector256.ConvertToSingle(magnitude) * Vector256.Create(1f / 512);
        Vector256<float> value = Vector256.ConditionalSelect(Vector256.LessThan(magnitude, Vector256.Create(8)).AsSingle(), subnormal, normal);
        value = Vector256.ConditionalSelect(Vector256.Equals(magnitude, Vector256.Create(0x7F)).AsSingle(), Vector256.Create(float.NaN), value);
        return ((value.AsInt32() & Vector256.Create(0x7FFFFFFF)) | Vector256.ShiftLeft(code & Vector256.Create(0x80), 24)).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadNibbles(byte* source, out Vector256<float> low, out Vector256<float> high)
    {
        Vector256<int> code = Widen(source);
        low = Vector256.ConvertToSingle((code & Vector256.Create(15)) - Vector256.Create(8));
        high = Vector256.ConvertToSingle(Vector256.ShiftRightLogical(code, 4) - Vector256.Create(8));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBFloat16(Vector256<float> value, ushort* target)
    {
        Vector256<uint> bits = value.AsUInt32();
        Vector256<uint> odd = Vector256.ShiftRightLogical(bits, 16) & Vector256<uint>.One;
        Vector256<uint> quiet = bits | Vector256.Create(0x00400000u);
        Vector256<uint> rounded = Vector256.ConditionalSelect(Vector256.Equals(value, value).AsUInt32(), bits + Vector256.Create(0x7FFFu) + odd, quiet);
        rounded = Vector256.ShiftRightLogical(rounded, 16);
        Vector128.Narrow(rounded.GetLower(), rounded.GetUpper()).Store(target);
    }

    /// <summary>The code in the low four bits: 1.5 * 2^23 + 8 leaves the nearest integer, ties to even, and 8 there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Nibble(Vector256<float> value) =>
        (Simd256.Min(Simd256.Create(7f), Simd256.Max(Simd256.Create(-8f), value)) + Vector256.Create(12582920f)).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Narrow(Vector256<int> codes, byte* target)
    {
        Vector128<ushort> words = Vector128.Narrow(codes.GetLower().AsUInt32(), codes.GetUpper().AsUInt32());
        Vector128.Narrow(words, words).GetLower().Store(target);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<int> Widen(byte* source)
    {
        Vector128<byte> bytes = Vector64.Load(source).ToVector128Unsafe();
        if (Avx2.IsSupported) return Avx2.ConvertToVector256Int32(bytes);
        Vector128<ushort> words = Vector128.WidenLower(bytes);
        return Vector256.Create(Vector128.WidenLower(words).AsInt32(), Vector128.WidenUpper(words).AsInt32());
    }
}
