using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KernelSuite.Operations.Simd;

/// <summary>Formats on 256-bit vectors.</summary>
internal readonly unsafe struct Format256 : IFormatSimd<Vector256<float>>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> FiniteMagnitude(Vector256<float> value)
    {
        Vector256<int> magnitude = value.AsInt32() & Vector256.Create(0x7FFFFFFF);
        return (magnitude & Vector256.LessThan(magnitude, Vector256.Create(0x7F800000))).AsSingle();
    }

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
    public static void StoreE4M3(Vector256<float> value, byte* target)
    {
        Vector256<int> bits = value.AsInt32();
        Vector256<int> sign = Vector256.ShiftRightLogical(bits, 24) & Vector256.Create(0x80);
        Vector256<int> magnitude = bits & Vector256.Create(0x7FFFFFFF);
        Vector256<int> nan = Vector256.GreaterThan(magnitude, Vector256.Create(0x7F800000));
        Vector256<int> small = (magnitude.AsSingle() + Vector256.Create(16384f)).AsInt32() - Vector256.Create(0x46800000);
        Vector256<int> odd = Vector256.ShiftRightLogical(magnitude, 20) & Vector256<int>.One;
        Vector256<int> code = Vector256.ShiftRightLogical(Vector256.Min(magnitude, Vector256.Create(0x43E00000)) + Vector256.Create(0x7FFFF) + odd, 20) - Vector256.Create(120 << 3);
        code = Vector256.Min(code, Vector256.Create(0x7E));
        code = Vector256.ConditionalSelect(Vector256.LessThan(magnitude, Vector256.Create(0x3C800000)), small, code);
        code = Vector256.ConditionalSelect(nan, Vector256.Create(0x7F), code) | sign;
        Narrow(code, target);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreNibbles(Vector256<float> low, Vector256<float> high, byte* target) =>
        Narrow(Nibble(low) | Vector256.ShiftLeft(Nibble(high), 4), target);

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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Nibble(Vector256<float> value)
    {
        Vector256<float> number = value & Vector256.Equals(value, value);
        Vector256<float> clamped = Vector256.Min(Vector256.Max(number, Vector256.Create(-8f)), Vector256.Create(7f));

        // Adding 1.5 * 2^23 leaves the nearest integer, ties to even, in the low bits.
        return (clamped + Vector256.Create(12582912f)).AsInt32() - Vector256.Create(0x4B400000 - 8);
    }

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
