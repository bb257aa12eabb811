using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace KernelSuite.Operations.Simd;

/// <summary>Formats on 128-bit vectors.</summary>
internal readonly unsafe struct Format128 : IFormatSimd<Vector128<float>>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> FiniteMagnitude(Vector128<float> value)
    {
        Vector128<int> magnitude = value.AsInt32() & Vector128.Create(0x7FFFFFFF);
        return (magnitude & Vector128.LessThan(magnitude, Vector128.Create(0x7F800000))).AsSingle();
    }

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
    public static void StoreE4M3(Vector128<float> value, byte* target)
    {
        Vector128<int> bits = value.AsInt32();
        Vector128<int> sign = Vector128.ShiftRightLogical(bits, 24) & Vector128.Create(0x80);
        Vector128<int> magnitude = bits & Vector128.Create(0x7FFFFFFF);
        Vector128<int> nan = Vector128.GreaterThan(magnitude, Vector128.Create(0x7F800000));
        Vector128<int> small = (magnitude.AsSingle() + Vector128.Create(16384f)).AsInt32() - Vector128.Create(0x46800000);
        Vector128<int> odd = Vector128.ShiftRightLogical(magnitude, 20) & Vector128<int>.One;
        Vector128<int> code = Vector128.ShiftRightLogical(Vector128.Min(magnitude, Vector128.Create(0x43E00000)) + Vector128.Create(0x7FFFF) + odd, 20) - Vector128.Create(120 << 3);
        code = Vector128.Min(code, Vector128.Create(0x7E));
        code = Vector128.ConditionalSelect(Vector128.LessThan(magnitude, Vector128.Create(0x3C800000)), small, code);
        code = Vector128.ConditionalSelect(nan, Vector128.Create(0x7F), code) | sign;
        Narrow(code, target);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreNibbles(Vector128<float> low, Vector128<float> high, byte* target) =>
        Narrow(Nibble(low) | Vector128.ShiftLeft(Nibble(high), 4), target);

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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Nibble(Vector128<float> value)
    {
        Vector128<float> number = value & Vector128.Equals(value, value);
        Vector128<float> clamped = Vector128.Min(Vector128.Max(number, Vector128.Create(-8f)), Vector128.Create(7f));

        // Adding 1.5 * 2^23 leaves the nearest integer, ties to even, in the low bits.
        return (clamped + Vector128.Create(12582912f)).AsInt32() - Vector128.Create(0x4B400000 - 8);
    }

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
