using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KernelSuite.Operations.Simd;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.KvStorage.Cpu;

/// <summary>
/// What the 64-elements-at-a-time coders share. They exist beside <see cref="RowEncoder{TSimd,TFormat,TVector,T}"/> because the general code spends
/// more on packing 32-bit lanes into bytes and on the exactness of quotients that are nowhere near a tie than on anything else; these need byte
/// permutations.
/// They take four rows at a time and find the scales of sixteen before they code the first: a row's chain of maximum, scale, factors and reciprocals
/// takes longer than its codes, and only other rows' work hides it.
/// Measured on a shared Xeon, one thread, rows of 128 in the second-level cache, nanoseconds a row with a row at a time and so: float32 to e4m3 40
/// and 30, to int4 58 and 37; float16 to e4m3 49 and 39, to int4 81 and 41; bfloat16 to e4m3 49 and 22, to int4 80 and 39.
/// </summary>
internal static unsafe class WideRow
{
    /// <summary>Elements of a step.</summary>
    public const int Step = 64;

    /// <summary>Whether this processor has what the coders use.</summary>
    public static bool IsSupported
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Avx512Vbmi.IsSupported && Avx512BW.VL.IsSupported && Avx512DQ.IsSupported;
    }

    /// <summary>2^112: what <see cref="LoadPair"/> leaves out of float16.</summary>
    public const float HalfShift = 5.192296858534828e33f;

    /// <summary>
    /// 32 finite elements as floats, float16 times 2^-112 (<see cref="Simd512.LoadHalfPair"/>). 32-bit elements i and i + 16 lie in lanes i; 16-bit
    /// elements 2 i and 2 i + 1, since even and odd ones are masks and shifts of one load, where elements in order take a permutation each.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadPair<T>(T* source, out Vector512<float> first, out Vector512<float> second)
        where T : unmanaged
    {
        if (typeof(T) == typeof(Half))
        {
            Simd512.LoadHalfPair((ushort*)source, out first, out second);
        }
        else if (typeof(T) == typeof(BFloat16))
        {
            Simd512.LoadBFloat16Pair((ushort*)source, out first, out second);
        }
        else
        {
            first = Vector512.Load((float*)source);
            second = Vector512.Load((float*)source + 16);
        }
    }

    /// <summary>
    /// The upper halves of 32-bit lanes: those of <paramref name="even"/> in even 16-bit lanes, of <paramref name="odd"/> in odd ones.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<ushort> UpperHalves(Vector512<uint> even, Vector512<uint> odd) =>
        Vector512.ConditionalSelect(Vector512.Create(0xFFFFu), Vector512.ShiftRightLogical(even, 16), odd).AsUInt16();
}
