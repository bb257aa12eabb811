using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.KvStorage.Cpu;

/// <summary>The largest magnitudes of four rows at a time, reduced in one tree that also puts them beside each other.</summary>
internal static unsafe class WideMaxima<T>
    where T : unmanaged
{
    /// <summary>
    /// Largest magnitudes of four rows of a multiple of 64 elements, by their bits: an infinity or a NaN is larger than every number.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Singles(QuantizedRow* rows, int width)
    {
        Vector512<int> a = Vector512<int>.Zero, b = a, c = a, d = a, mask = Vector512.Create(0x7FFFFFFF);
        int* first = (int*)rows[0].Source, second = (int*)rows[1].Source, third = (int*)rows[2].Source, fourth = (int*)rows[3].Source;
        for (int i = 0; i < width; i += 16)
        {
            a = Vector512.Max(a, Vector512.Load(first + i) & mask);
            b = Vector512.Max(b, Vector512.Load(second + i) & mask);
            c = Vector512.Max(c, Vector512.Load(third + i) & mask);
            d = Vector512.Max(d, Vector512.Load(fourth + i) & mask);
        }

        Vector512<int> ab = Vector512.Max(Avx512F.UnpackLow(a, b), Avx512F.UnpackHigh(a, b));
        Vector512<int> cd = Vector512.Max(Avx512F.UnpackLow(c, d), Avx512F.UnpackHigh(c, d));
        Vector512<int> all = Vector512.Max(
            Avx512F.UnpackLow(ab.AsInt64(), cd.AsInt64()).AsInt32(), Avx512F.UnpackHigh(ab.AsInt64(), cd.AsInt64()).AsInt32());
        Vector256<int> half = Vector256.Max(all.GetLower(), all.GetUpper());
        return Vector128.Max(half.GetLower(), half.GetUpper()).AsSingle();
    }

    /// <summary>
    /// The same for 16-bit elements; of float16 infinities and NaN are widened to 65536 and more. For bfloat16 also the bits of the largest and the
    /// least magnitudes.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Pairs(QuantizedRow* rows, int width, out Vector128<int> most, out Vector128<int> least)
    {
        Vector512<ushort> a = Vector512<ushort>.Zero, b = a, c = a, d = a, mask = Vector512.Create((ushort)0x7FFF);
        Vector512<ushort> la = mask, lb = mask, lc = mask, ld = mask;
        ushort* first = (ushort*)rows[0].Source, second = (ushort*)rows[1].Source, third = (ushort*)rows[2].Source, fourth = (ushort*)rows[3].Source;
        for (int i = 0; i < width; i += 32)
        {
            Extend(first + i, ref a, ref la);
            Extend(second + i, ref b, ref lb);
            Extend(third + i, ref c, ref lc);
            Extend(fourth + i, ref d, ref ld);
        }

        most = Reduce(a, b, c, d);
        least = typeof(T) == typeof(BFloat16) ? Vector128.Create(0x7FFF) - Reduce(mask - la, mask - lb, mask - lc, mask - ld) : most;
        return typeof(T) == typeof(Half)
            ? Vector128.ShiftLeft(most, 13).AsSingle() * Vector128.Create(WideRow.HalfShift)
            : Vector128.ShiftLeft(most, 16).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Extend(ushort* source, ref Vector512<ushort> most, ref Vector512<ushort> least)
    {
        Vector512<ushort> magnitude = Vector512.Load(source) & Vector512.Create((ushort)0x7FFF);
        most = Vector512.Max(most, magnitude);
        if (typeof(T) == typeof(BFloat16)) least = Vector512.Min(least, magnitude);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Reduce(Vector512<ushort> a, Vector512<ushort> b, Vector512<ushort> c, Vector512<ushort> d)
    {
        Vector512<uint> ab = Vector512.Max(Avx512BW.UnpackLow(a, b), Avx512BW.UnpackHigh(a, b)).AsUInt32();
        Vector512<uint> cd = Vector512.Max(Avx512BW.UnpackLow(c, d), Avx512BW.UnpackHigh(c, d)).AsUInt32();
        Vector512<ushort> all = Vector512.Max(Avx512F.UnpackLow(ab, cd).AsUInt16(), Avx512F.UnpackHigh(ab, cd).AsUInt16());
        Vector256<ushort> half = Vector256.Max(all.GetLower(), all.GetUpper());
        Vector128<ushort> quarter = Vector128.Max(half.GetLower(), half.GetUpper());
        quarter = Vector128.Max(quarter, Sse2.Shuffle(quarter.AsInt32(), 0b01_00_11_10).AsUInt16());
        return Vector128.WidenLower(quarter).AsInt32();
    }
}
