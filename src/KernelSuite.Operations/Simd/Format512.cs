using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KernelSuite.Operations.Simd;

/// <summary>Formats on 512-bit vectors.</summary>
internal readonly unsafe struct Format512 : IFormatSimd<Vector512<float>>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> MaxMagnitude(Vector512<float> most, Vector512<float> value) =>
        Vector512.Max(most.AsInt32(), value.AsInt32() & Vector512.Create(0x7FFFFFFF)).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> MaxMagnitudePairs(Vector512<float> most, float* pairs)
    {
        Vector512<int> words = Vector512.Load(pairs).AsInt32(), low = Vector512.Create(0x7FFF);
        return Vector512.Max(Vector512.Max(most.AsInt32(), words & low), Vector512.ShiftRightLogical(words, 16) & low).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Largest(Vector512<float> value)
    {
        // Bits of magnitudes order as the magnitudes do.
        Vector128<int> most = Vector128.Max(Vector128.Max(value.GetLower().GetLower().AsInt32(), value.GetLower().GetUpper().AsInt32()),
            Vector128.Max(value.GetUpper().GetLower().AsInt32(), value.GetUpper().GetUpper().AsInt32()));
        most = Vector128.Max(most, Vector128.Shuffle(most, Vector128.Create(2, 3, 0, 1)));
        most = Vector128.Max(most, Vector128.Shuffle(most, Vector128.Create(1, 0, 3, 2)));
        return BitConverter.Int32BitsToSingle(most.ToScalar());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint WithMagnitude(Vector512<float> value, float magnitude) =>
        (uint)Vector512.Equals(value.AsInt32() & Vector512.Create(0x7FFFFFFF), Vector512.Create(BitConverter.SingleToInt32Bits(magnitude))).ExtractMostSignificantBits();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void PairsWithMagnitude(float* pairs, int magnitude, out uint low, out uint high)
    {
        Vector512<int> words = Vector512.Load(pairs).AsInt32(), wanted = Vector512.Create(magnitude), mask = Vector512.Create(0x7FFF);
        low = (uint)Vector512.Equals(words & mask, wanted).ExtractMostSignificantBits();
        high = (uint)Vector512.Equals(Vector512.ShiftRightLogical(words, 16) & mask, wanted).ExtractMostSignificantBits();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Quotient(Vector512<float> value, Vector512<float> divisor, Vector512<float> reciprocal)
    {
        if (!(Avx512F.IsSupported)) return value / divisor;

        // The first correction leaves less than a unit in the last place; from there the second rounds correctly (Markstein 1990).
        Vector512<float> quotient = value * reciprocal;
        quotient = Vector512.FusedMultiplyAdd(Vector512.FusedMultiplyAdd(-quotient, divisor, value), reciprocal, quotient);
        return Vector512.FusedMultiplyAdd(Vector512.FusedMultiplyAdd(-quotient, divisor, value), reciprocal, quotient);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreE4M3(Vector512<float> value, Vector512<float> sign, byte* target)
    {
        // Adding 2^20 times the value's power of two, at least 2^-6, rounds to three fraction bits (or to 2^-9), ties to even. The code of that power
        // of two lies ready in the low bits of what is added, so the sum's low byte is the code.
        Vector512<int> magnitude = value.AsInt32() & Vector512.Create(0x7FFFFFFF);
        Vector512<int> power = Vector512.Max(magnitude, Vector512.Create(121 << 23)) & Vector512.Create(0x7F800000);
        Vector512<int> added = power + Vector512.ShiftRightLogical(power, 20) + Vector512.Create((20 << 23) - (121 << 3));
        Vector512<int> code = (magnitude.AsSingle() + added.AsSingle()).AsInt32();
        Narrow(Vector512.ConditionalSelect(Vector512.Create(0x80), Vector512.ShiftRightLogical(sign.AsInt32(), 24), code), target);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreNibbles(Vector512<float> low, Vector512<float> high, byte* target) =>
        Narrow((Nibble(low) & Vector512.Create(15)) | Vector512.ShiftLeft(Nibble(high) & Vector512.Create(15), 4), target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> LoadE4M3(byte* source)
    {
        Vector512<int> code = Widen(source);
        Vector512<int> magnitude = code & Vector512.Create(0x7F);

        // Exponent and fraction move into place and are re-biased by 120; the eight subnormals are multiples of 2^-9.
        Vector512<int> shifted = Vector512.ShiftLeft(magnitude, 20);
        Vector512<float> normal = (shifted + Vector512.Create(120 << 23)).AsSingle();
        Vector512<float> subnormal = Vector512.ConvertToSingle(magnitude) * Vector512.Create(1f / 512);
        Vector512<float> value = Vector512.ConditionalSelect(Vector512.LessThan(magnitude, Vector512.Create(8)).AsSingle(), subnormal, normal);
        value = Vector512.ConditionalSelect(Vector512.Equals(magnitude, Vector512.Create(0x7F)).AsSingle(), Vector512.Create(float.NaN), value);
        return ((value.AsInt32() & Vector512.Create(0x7FFFFFFF)) | Vector512.ShiftLeft(code & Vector512.Create(0x80), 24)).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadNibbles(byte* source, out Vector512<float> low, out Vector512<float> high)
    {
        Vector512<int> code = Widen(source);
        low = Vector512.ConvertToSingle((code & Vector512.Create(15)) - Vector512.Create(8));
        high = Vector512.ConvertToSingle(Vector512.ShiftRightLogical(code, 4) - Vector512.Create(8));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBFloat16(Vector512<float> value, ushort* target)
    {
        Vector512<uint> bits = value.AsUInt32();
        Vector512<uint> odd = Vector512.ShiftRightLogical(bits, 16) & Vector512<uint>.One;
        Vector512<uint> quiet = bits | Vector512.Create(0x00400000u);
        Vector512<uint> rounded = Vector512.ConditionalSelect(Vector512.Equals(value, value).AsUInt32(), bits + Vector512.Create(0x7FFFu) + odd, quiet);
        rounded = Vector512.ShiftRightLogical(rounded, 16);
        (Avx512F.IsSupported ? Avx512F.ConvertToVector256UInt16(rounded) : Vector256.Narrow(rounded.GetLower(), rounded.GetUpper())).Store(target);
    }

    /// <summary>The code in the low four bits: 1.5 * 2^23 + 8 leaves the nearest integer, ties to even, and 8 there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Nibble(Vector512<float> value) =>
        (Simd512.Min(Simd512.Create(7f), Simd512.Max(Simd512.Create(-8f), value)) + Vector512.Create(12582920f)).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Narrow(Vector512<int> codes, byte* target)
    {
        if (Avx512F.IsSupported)
        {
            Avx512F.ConvertToVector128Byte(codes).Store(target);
            return;
        }

        Vector256<ushort> words = Vector256.Narrow(codes.GetLower().AsUInt32(), codes.GetUpper().AsUInt32());
        Vector128.Narrow(words.GetLower(), words.GetUpper()).Store(target);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Widen(byte* source) => Avx512F.IsSupported
        ? Avx512F.ConvertToVector512Int32(Vector128.Load(source))
        : Vector512.Create(Format256.Widen(source), Format256.Widen(source + 8));
}
