using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.KvStorage.Cpu;

/// <summary>
/// Codes to rows of 16-bit elements by tables: a row's (or a group's) sixteen products are rounded once, and the codes pick among them. The
/// rounding of a product commutes with powers of two as long as the result is a normal number, so sixteen products serve all e4m3 codes.
/// </summary>
internal static unsafe class WideDecoder<T>
    where T : unmanaged
{
    /// <summary>Codes of a step of <see cref="TryE4M3"/>.</summary>
    public const int Step = 32;

    /// <summary>Whether rows of T are decoded here.</summary>
    public static bool IsSupported
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => WideRow.IsSupported && sizeof(T) == sizeof(ushort);
    }

    // The least normal code is 2^-6, the largest 448: products from 2^-14 to below 65504, for bfloat16 well within its range.
    private static float LeastScale => typeof(T) == typeof(Half) ? 1f / 256 : 7.888609e-31f;

    private static float LargestScale => typeof(T) == typeof(Half) ? 128 : 1.2676506e30f;

    /// <summary>Decodes a multiple of 32 codes.</summary>
    /// <returns>False where the scale is out of range or a code is NaN: the row is to be decoded again.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool TryE4M3(byte* codes, int width, float scale, ushort* row)
    {
        if (!(scale >= LeastScale && scale <= LargestScale)) return false;

        // Codes 0 to 15: the subnormals, and the least exponent with its eight fractions.
        Vector512<float> least = Vector512.Create(0f, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15) * Vector512.Create(1f / 512);
        Vector512<ushort> table = Round(least * Vector512.Create(scale)).ToVector512Unsafe();
        Vector512<ushort> largest = Vector512<ushort>.Zero;
        for (int d = 0; d < width; d += Step)
        {
            Vector512<ushort> code = Avx512BW.ConvertToVector512UInt16(Vector256.Load(codes + d)), magnitude = code & Vector512.Create((ushort)0x7F);
            largest = Vector512.Max(largest, magnitude);
            Vector512<ushort> exponent = Avx512BW.SubtractSaturate(magnitude, Vector512.Create((ushort)8)) & Vector512.Create((ushort)0x78);
            Vector512<ushort> power = Vector512.ShiftLeft(exponent, typeof(T) == typeof(Half) ? 7 : 4);
            Vector512<ushort> value = Avx512BW.PermuteVar32x16(table, magnitude - exponent) + power;
            Vector512.ConditionalSelect(Vector512.Create((ushort)0x8000), Vector512.ShiftLeft(code, 8), value).Store(row + d);
        }

        return !Vector512.EqualsAny(largest, Vector512.Create((ushort)0x7F));
    }

    /// <summary>Decodes a group of 32 codes; any factor.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Int4(byte* codes, float factor, ushort* row)
    {
        // A permutation looks at the low four bits of its indices only.
        Vector256<ushort> table = Round(Vector512.Create(-8f, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7) * Vector512.Create(factor));
        Vector256<ushort> pair = Avx2.ConvertToVector256Int16(Vector128.Load(codes)).AsUInt16();
        Avx512BW.VL.PermuteVar16x16(table, pair).Store(row);
        Avx512BW.VL.PermuteVar16x16(table, Vector256.ShiftRightLogical(pair, 4)).Store(row + 16);
    }

    /// <summary>Rounds to T, ties to even; infinities, NaN and subnormals too.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ushort> Round(Vector512<float> value) =>
        Avx512F.ConvertToVector256UInt16(typeof(T) == typeof(Half) ? ToHalf(value) : ToBFloat16(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> ToBFloat16(Vector512<float> value)
    {
        Vector512<uint> bits = value.AsUInt32();
        Vector512<uint> odd = Vector512.ShiftRightLogical(bits, 16) & Vector512<uint>.One, quiet = bits | Vector512.Create(0x00400000u);
        Vector512<uint> rounded = bits + Vector512.Create(0x7FFFu) + odd;
        return Vector512.ShiftRightLogical(Vector512.ConditionalSelect(Vector512.Equals(value, value).AsUInt32(), rounded, quiet), 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> ToHalf(Vector512<float> value)
    {
        // Adding 2^13 times the value's power of two, at least 2^-14, rounds to ten fraction bits (or to 2^-24), ties to even. The code of that
        // power of two lies ready in the low bits of what is added, so those of the sum are the result. From 65520 on the sum gives 65536's, which
        // is infinity's.
        Vector512<int> magnitude = value.AsInt32() & Vector512.Create(0x7FFFFFFF);
        Vector512<int> limited = Vector512.Min(magnitude, Vector512.Create(143 << 23));
        Vector512<int> power = Vector512.Max(limited, Vector512.Create(113 << 23)) & Vector512.Create(0x7F800000);
        Vector512<int> added = power + Vector512.ShiftRightLogical(power, 13) + Vector512.Create((13 << 23) - (113 << 10));
        Vector512<int> rounded = (limited.AsSingle() + added.AsSingle()).AsInt32();
        rounded = Vector512.ConditionalSelect(Vector512.GreaterThan(magnitude, Vector512.Create(0x7F800000)), Vector512.Create(0x7E00), rounded);
        return Vector512.ConditionalSelect(Vector512.Create(0x8000u), Vector512.ShiftRightLogical(value.AsUInt32(), 16), rounded.AsUInt32());
    }
}
