using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KernelSuite.Operations.Simd;

namespace KernelSuite.Operations.KvStorage.Cpu;

/// <summary>
/// int4 codes, two groups at a time, without a division an element. x / step + 8 + 1/2 is one multiply-add with 18 fraction bits, two units too
/// large, so it lies 0 to 3 units above its value; its integer part can only be wrong where the fraction is below four units. Such rows are
/// reported (one in 500 of rows of 128) and coded by exact quotients.
/// </summary>
internal static unsafe class WideInt4Encoder<T>
    where T : unmanaged
{
    /// <summary>Groups of a row that are taken: the caller keeps so many reciprocals a row.</summary>
    public const int MostGroups = 16;

    private const float LargestScale = 1.2676506e30f;

    /// <summary>Whether a row is one this code takes; the caller has looked that it is finite and the scale at least 2^-70.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Takes(int width, float scale) =>
        width % WideRow.Step == 0 && width <= MostGroups * KvFormats.GroupSize && scale <= LargestScale;

    /// <summary>Group factors of a row and the reciprocals of its steps, 0 where the factor is 0: all codes are 8 then.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Prepare(T* row, int width, float scale, float* reciprocals, byte* groups)
    {
        int count = width / KvFormats.GroupSize;
        Vector128<float> divided = Vector128.Create(scale);
        for (int g = 0; g < count; g += 4, row += 4 * KvFormats.GroupSize)
        {
            bool four = g + 4 <= count;

            // Vectors of four from registers: a vector load of what narrower stores have just written would wait for all of them.
            Vector128<float> first = WideExtremes<T>.Find(row), second = four ? WideExtremes<T>.Find(row + WideRow.Step) : Vector128<float>.Zero;
            Vector128<float> quotient = Sse.Shuffle(first, second, 0b10_00_10_00) * Vector128.Create(-0.125f) / divided;
            uint codes;
            Format128.StoreE4M3(quotient, quotient, (byte*)&codes);
            Vector128<float> factor = Format128.LoadE4M3((byte*)&codes);
            Vector128<float> zero = Vector128.Equals(factor, Vector128<float>.Zero);
            Vector128.AndNot(Vector128<float>.One / (divided * factor), zero).Store(reciprocals + g);
            codes &= ~ZeroSigns(zero);
            if (four) *(uint*)(groups + g) = codes;
            else *(ushort*)(groups + g) = (ushort)codes;
        }
    }

    /// <summary>The sign bit of each byte whose factor is 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint ZeroSigns(Vector128<float> zero) => (zero.ExtractMostSignificantBits() * 0x00204081u & 0x01010101u) << 7;

    /// <summary>Codes a row.</summary>
    /// <returns>False where a code may be wrong: the row is to be coded again.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool TryEncode(T* row, int width, float* reciprocal, byte* codes)
    {
        int count = width / KvFormats.GroupSize;
        Vector512<uint> tie = Vector512<uint>.AllBitsSet;
        for (int g = 0; g < count; g += 2, row += WideRow.Step, codes += WideRow.Step / 2)
        {
            Vector512<ushort> first = Group(row, Vector512.Create(reciprocal[g]), ref tie);
            Vector512<ushort> second = Group(row + KvFormats.GroupSize, Vector512.Create(reciprocal[g + 1]), ref tie);

            // Bytes of a 32-bit lane: elements i of the first and the second group, then elements i + 16; of 16-bit elements 2 i, then 2 i + 1. Their
            // bits 2 to 6 are the code plus 8, not yet clamped.
            Vector512<ushort> pairs = Vector512.ConditionalSelect(Vector512.Create((ushort)0x00FF), first, Vector512.ShiftLeft(second, 8));
            Vector512<byte> bytes = (pairs & Vector512.Create((ushort)0x7C7C)).AsByte();
            Vector512<byte> above = Avx512BW.SubtractSaturate(bytes, Vector512.Create((byte)(8 << 2)));
            Vector512<uint> clamped = Vector512.Min(above, Vector512.Create((byte)(15 << 2))).AsUInt32();
            if (sizeof(T) == sizeof(ushort))
            {
                // Elements are in order: those below 16 of each group to the lower half, the others to the upper.
                Vector512<byte> ordered = Avx512Vbmi.PermuteVar64x8(clamped.AsByte(), OrderOfPairs);
                Vector256<uint> low = Vector256.ShiftRightLogical(ordered.GetLower().AsUInt32(), 2);
                (low | Vector256.ShiftLeft(ordered.GetUpper().AsUInt32(), 2)).AsByte().Store(codes);
                continue;
            }

            Vector512<uint> nibbles = Vector512.ConditionalSelect(
                Vector512.Create(0x0F0Fu), Vector512.ShiftRightLogical(clamped, 2), Vector512.ShiftRightLogical(clamped, 14));
            Avx512Vbmi.PermuteVar64x8(nibbles.AsByte(), Order).GetLower().Store(codes);
        }

        return !Vector512.EqualsAny(tie, Vector512<uint>.Zero);
    }

    /// <summary>
    /// Upper halves of the sums of a group: elements i in even, i + 16 in odd lanes, 16-bit elements in order. 48 + 1/2: sums from 36 to 61 have one
    /// exponent.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ushort> Group(T* source, Vector512<float> reciprocal, ref Vector512<uint> tie)
    {
        Vector512<float> bias = Vector512.Create(48.5f + (1f / (1 << 17)));
        WideRow.LoadPair(source, out Vector512<float> a, out Vector512<float> b);
        if (typeof(T) == typeof(Half))
        {
            a *= Vector512.Create(WideRow.HalfShift);
            b *= Vector512.Create(WideRow.HalfShift);
        }

        Vector512<uint> even = Vector512.FusedMultiplyAdd(a, reciprocal, bias).AsUInt32();
        Vector512<uint> odd = Vector512.FusedMultiplyAdd(b, reciprocal, bias).AsUInt32();
        Vector512<uint> nearby = Vector512.Create(0x3FFFCu);
        tie = Vector512.Min(tie, Vector512.Min(even & nearby, odd & nearby));
        return WideRow.UpperHalves(even, odd);
    }

    private static Vector512<byte> Order
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector512.Create(
            (byte)0, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40, 44, 48, 52, 56, 60, 1, 5, 9, 13, 17, 21, 25, 29, 33, 37, 41, 45, 49, 53, 57, 61,
            0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    }

    private static Vector512<byte> OrderOfPairs
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector512.Create(
            (byte)0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31,
            32, 34, 36, 38, 40, 42, 44, 46, 48, 50, 52, 54, 56, 58, 60, 62, 33, 35, 37, 39, 41, 43, 45, 47, 49, 51, 53, 55, 57, 59, 61, 63);
    }
}
