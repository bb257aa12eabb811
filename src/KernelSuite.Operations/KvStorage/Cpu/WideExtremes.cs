using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KernelSuite.Operations.Simd;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.KvStorage.Cpu;

/// <summary>
/// The element of largest magnitude of two groups of 32 finite elements at a time. The largest positive and the largest negative magnitude are kept
/// apart and reduced in one tree of signed integers; only where the two are equal does the position decide, and the group is searched.
/// </summary>
internal static unsafe class WideExtremes<T>
    where T : unmanaged
{
    /// <summary>The extremes of two groups in lanes 0 and 2, as floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Find(T* row)
    {
        Vector128<int> most = sizeof(T) == sizeof(ushort) ? Pairs((short*)row) : Singles((int*)row);
        Vector128<int> other = Vector128.Shuffle(most, Vector128.Create(1, 0, 3, 2));
        if (((Vector128.Equals(most, other).ExtractMostSignificantBits()) & 5) != 0) return Search(row);

        // No branch on the sign: it is as good as random.
        return Vector128.ConditionalSelect(Vector128.GreaterThan(most, other), most, other | Vector128.Create(int.MinValue)).AsSingle();
    }

    /// <summary>Bits of the largest positive and the largest negative magnitude of two groups; below 0 where there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Singles(int* row)
    {
        Vector512<int> a = Vector512.Load(row), b = Vector512.Load(row + 16), c = Vector512.Load(row + 32), d = Vector512.Load(row + 48);

        // Of unsigned integers the largest is that of the largest negative magnitude, and without its sign bit that magnitude.
        Vector512<int> flip = Vector512.Create(int.MinValue);
        Vector512<int> positive = Vector512.Max(a, b), negative = Vector512.Max(a.AsUInt32(), b.AsUInt32()).AsInt32() ^ flip;
        Vector512<int> positive2 = Vector512.Max(c, d), negative2 = Vector512.Max(c.AsUInt32(), d.AsUInt32()).AsInt32() ^ flip;
        Vector512<int> first = Vector512.Max(Avx512F.UnpackLow(positive, negative), Avx512F.UnpackHigh(positive, negative));
        Vector512<int> second = Vector512.Max(Avx512F.UnpackLow(positive2, negative2), Avx512F.UnpackHigh(positive2, negative2));
        Vector512<int> both = Vector512.Max(
            Avx512F.UnpackLow(first.AsInt64(), second.AsInt64()).AsInt32(), Avx512F.UnpackHigh(first.AsInt64(), second.AsInt64()).AsInt32());
        Vector256<int> half = Vector256.Max(both.GetLower(), both.GetUpper());
        return Vector128.Max(half.GetLower(), half.GetUpper());
    }

    /// <summary>The same for 16-bit elements, widened.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Pairs(short* row)
    {
        Vector512<short> a = Vector512.Load(row), b = Vector512.Load(row + 32), flip = Vector512.Create(short.MinValue);
        Vector512<short> negative = a ^ flip, negative2 = b ^ flip;
        Vector512<int> first = Vector512.Max(Avx512BW.UnpackLow(a, negative), Avx512BW.UnpackHigh(a, negative)).AsInt32();
        Vector512<int> second = Vector512.Max(Avx512BW.UnpackLow(b, negative2), Avx512BW.UnpackHigh(b, negative2)).AsInt32();
        Vector512<short> both = Vector512.Max(Avx512F.UnpackLow(first, second).AsInt16(), Avx512F.UnpackHigh(first, second).AsInt16());
        Vector256<short> half = Vector256.Max(both.GetLower(), both.GetUpper());
        Vector128<short> quarter = Vector128.Max(half.GetLower(), half.GetUpper());
        Vector128<short> most = Vector128.Max(quarter, Vector128.Shuffle(quarter.AsInt64(), Vector128.Create(1L, 0)).AsInt16());
        Vector128<int> wide = Vector128.WidenLower(most);
        if (typeof(T) == typeof(BFloat16)) return Vector128.ShiftLeft(wide, 16);

        // Finite float16: a magnitude is moved into place and multiplied by 2^112; where there is none the sign stays.
        Vector128<int> magnitude = Vector128.ShiftLeft(wide & Vector128.Create(0x7FFF), 13);
        return (magnitude.AsSingle() * Vector128.Create(WideRow.HalfShift)).AsInt32() | (wide & Vector128.Create(int.MinValue));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector128<float> Search(T* row) => Vector128.Create(
        Storage.ToSingle(RowMaximum<Simd512, Format512, Vector512<float>, T>.Extreme(row)), 0,
        Storage.ToSingle(RowMaximum<Simd512, Format512, Vector512<float>, T>.Extreme(row + KvFormats.GroupSize)), 0);
}
