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
/// Measured on a shared Xeon, one thread, rows of 128 in the second-level cache, nanoseconds a row before and after: float32 to e4m3 46 and 30, to
/// int4 98 and 47; float16 to e4m3 76 and 42, to int4 174 and 74; bfloat16 to e4m3 54 and 42, to int4 131 and 74; e4m3 to float16 105 and 17, to
/// bfloat16 35 and 21; int4 to float16 94 and 24, to bfloat16 26 and 17.
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
    /// Coding a row of 128 in the second-level cache, nanoseconds with elements in order and so: float16 to e4m3 22.9 and 20.0, to int4 19.1 and
    /// 18.3; bfloat16 21.0 and 18.9, 14.5 and 13.0.
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
