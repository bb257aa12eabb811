using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KernelSuite.Operations.Simd;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.KvStorage.Cpu;

/// <summary>
/// The elements of largest magnitude of four groups of 32 in each of four rows. The largest positive and the largest negative magnitude are kept
/// apart and reduced in one tree of signed integers; only where the two are equal does the position decide, and the group is searched.
/// </summary>
internal static unsafe class WideExtremes<T>
    where T : unmanaged
{
    /// <summary>Groups of a row that are looked at together.</summary>
    public const int Groups = 4;

    /// <summary>
    /// Extremes as floats: lane 4 r + g is group g of row r from element <paramref name="first"/> on. Of a row that is not finite the group with the
    /// offender gives something that is not finite either (float16: 65536 and more).
    /// </summary>
    /// <param name="rows">Four rows.</param>
    /// <param name="first">Where the groups begin.</param>
    /// <param name="four">Whether there are four groups; otherwise two, and zeros.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Find(QuantizedRow* rows, int first, bool four)
    {
        T* a = (T*)rows[0].Source + first, b = (T*)rows[1].Source + first, c = (T*)rows[2].Source + first, d = (T*)rows[3].Source + first;
        Vector512<int> positive, negative;
        if (sizeof(T) == sizeof(ushort))
        {
            Vector512<short> upper = Lanes16(Pairs((short*)a, four), Pairs((short*)b, four));
            Vector512<int> both = Lanes(upper, Lanes16(Pairs((short*)c, four), Pairs((short*)d, four)));
            positive = Vector512.ShiftLeft(both, 16);
            negative = both & Vector512.Create(unchecked((int)0xFFFF0000));
        }
        else
        {
            Vector512<int> upper = Singles((int*)a, (int*)b, four), lower = Singles((int*)c, (int*)d, four);
            positive = Avx512F.PermuteVar16x32x2(upper, Vector512.Create(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30), lower);
            negative = Avx512F.PermuteVar16x32x2(upper, Vector512.Create(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31), lower);
        }

        // No branch on the sign: it is as good as random. Where there is no element of a sign its sign bit is set.
        Vector512<int> below = negative | Vector512.Create(int.MinValue);
        Vector512<int> extreme = Vector512.ConditionalSelect(Vector512.GreaterThan(positive, negative), positive, below);
        Vector512<float> value = typeof(T) == typeof(Half) ? Widen(extreme) : extreme.AsSingle();
        ulong ties = Vector512.Equals(positive, negative).ExtractMostSignificantBits();
        return ties == 0 ? value : Search(rows, first, value, ties);
    }

    /// <summary>float16 in the upper halves: a magnitude is moved into place and multiplied by 2^112.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Widen(Vector512<int> upper)
    {
        Vector512<int> magnitude = Vector512.ShiftRightLogical(upper & Vector512.Create(0x7FFF0000), 3);
        return ((magnitude.AsSingle() * Vector512.Create(WideRow.HalfShift)).AsInt32() | (upper & Vector512.Create(int.MinValue))).AsSingle();
    }

    /// <summary>
    /// Of four groups the largest positive and the largest negative magnitude beside each other, in each 128 bits the largest of a quarter.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<short> Pairs(short* row, bool four)
    {
        Vector512<int> first = Quarter16(Vector512.Load(row), Vector512.Load(row + 32));
        Vector512<int> second = four ? Quarter16(Vector512.Load(row + 64), Vector512.Load(row + 96)) : Vector512.Create(int.MinValue);
        return Vector512.Max(
            Avx512F.UnpackLow(first.AsInt64(), second.AsInt64()).AsInt16(), Avx512F.UnpackHigh(first.AsInt64(), second.AsInt64()).AsInt16());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Quarter16(Vector512<short> a, Vector512<short> b)
    {
        Vector512<short> flip = Vector512.Create(short.MinValue), negative = a ^ flip, negative2 = b ^ flip;
        Vector512<int> first = Vector512.Max(Avx512BW.UnpackLow(a, negative), Avx512BW.UnpackHigh(a, negative)).AsInt32();
        Vector512<int> second = Vector512.Max(Avx512BW.UnpackLow(b, negative2), Avx512BW.UnpackHigh(b, negative2)).AsInt32();
        return Vector512.Max(Avx512F.UnpackLow(first, second).AsInt16(), Avx512F.UnpackHigh(first, second).AsInt16()).AsInt32();
    }

    /// <summary>128-bit quarters 0 and 2, and 1 and 3, of two vectors reduced to two quarters each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<short> Lanes16(Vector512<short> a, Vector512<short> b) => Vector512.Max(
        Avx512F.Shuffle4x128(a.AsInt32(), b.AsInt32(), 0b01_00_01_00).AsInt16(),
        Avx512F.Shuffle4x128(a.AsInt32(), b.AsInt32(), 0b11_10_11_10).AsInt16());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Lanes(Vector512<short> a, Vector512<short> b) => Vector512.Max(
        Avx512F.Shuffle4x128(a.AsInt32(), b.AsInt32(), 0b10_00_10_00).AsInt16(),
        Avx512F.Shuffle4x128(a.AsInt32(), b.AsInt32(), 0b11_01_11_01).AsInt16()).AsInt32();

    /// <summary>The same for two rows of 32-bit elements; lane 8 r + 2 g is positive, the next negative.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Singles(int* a, int* b, bool four)
    {
        Vector512<int> first = Row(a, four), second = Row(b, four);
        return Vector512.Max(Avx512F.Shuffle4x128(first, second, 0b10_00_10_00), Avx512F.Shuffle4x128(first, second, 0b11_01_11_01));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Row(int* row, bool four)
    {
        Vector512<int> first = Half(row), second = four ? Half(row + 64) : Vector512.Create(long.MinValue).AsInt32();
        return Vector512.Max(Avx512F.Shuffle4x128(first, second, 0b01_00_01_00), Avx512F.Shuffle4x128(first, second, 0b11_10_11_10));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Half(int* row)
    {
        Vector512<int> a = Group(row), b = Group(row + 32);
        return Vector512.Max(Avx512F.UnpackLow(a.AsInt64(), b.AsInt64()).AsInt32(), Avx512F.UnpackHigh(a.AsInt64(), b.AsInt64()).AsInt32());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Group(int* row)
    {
        // Of unsigned integers the largest is that of the largest negative magnitude, and without its sign bit that magnitude.
        Vector512<int> a = Vector512.Load(row), b = Vector512.Load(row + 16);
        Vector512<int> positive = Vector512.Max(a, b);
        Vector512<int> negative = Vector512.Max(a.AsUInt32(), b.AsUInt32()).AsInt32() ^ Vector512.Create(int.MinValue);
        return Vector512.Max(Avx512F.UnpackLow(positive, negative), Avx512F.UnpackHigh(positive, negative));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector512<float> Search(QuantizedRow* rows, int first, Vector512<float> values, ulong ties)
    {
        for (; ties != 0; ties &= ties - 1)
        {
            int lane = BitOperations.TrailingZeroCount(ties);
            T* group = (T*)rows[lane / Groups].Source + first + (lane % Groups * KvFormats.GroupSize);
            values = values.WithElement(lane, Storage.ToSingle(RowMaximum<Simd512, Format512, Vector512<float>, T>.Extreme(group)));
        }

        return values;
    }
}
