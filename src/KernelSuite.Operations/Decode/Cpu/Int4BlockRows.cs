using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KernelSuite.Operations.KvStorage;
using KernelSuite.Operations.Simd;

namespace KernelSuite.Operations.Decode.Cpu;

/// <summary>
/// int4 rows whose widths are multiples of 128, on 512-bit vectors: a vector holds the codes of a block of 128. Shifted right by 4k bits, each of
/// its 32-bit lanes has the code of one of the block's elements in its low four bits, which is all that a permutation of a 16-entry table looks at:
/// two instructions give 16 floats. 16 bytes hold a group, so lanes 4g to 4g + 3 belong to group g whatever the shift, and its factor needs no
/// multiplication for each element; see <see cref="Int4BlockProducts"/> and <see cref="Int4BlockSums"/>.
/// </summary>
/// <remarks>
/// Measured in one process, 8192 slots in the second-level cache, D = 128, ns a slot for 4, 2 and 1 query rows: 32.4, 20.6, 15.0 against 33.6,
/// 23.5, 18.9 of <see cref="Int4Rows{TSimd, TVector}"/>. Copying a tile's codes, so that loads one, two and three bytes on save half of the shifts,
/// and so that a 128-bit lane holds a row and fewer lanes are summed, was slower: 38.2, 25.9, 19.9. Loads that cross cache lines and a broadcast
/// load for each multiplication cost more than they save.
/// </remarks>
internal readonly unsafe struct Int4BlockRows : ICacheRows<Simd512, Vector512<float>>
{
    /// <summary>Codes of a vector.</summary>
    public const int BlockCodes = 128;

    /// <summary>Groups of a vector.</summary>
    public const int BlockGroups = BlockCodes / KvFormats.GroupSize;

    public static bool IsFloat => false;

    public static int Block => BlockCodes;

    public static float Factor => 1;

    /// <summary>Table of code - 8.</summary>
    public static Vector512<float> Codes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector512.Create(-8f, -7f, -6f, -5f, -4f, -3f, -2f, -1f, 0f, 1f, 2f, 3f, 4f, 5f, 6f, 7f);
    }

    public static int Element(int position)
    {
        // Nibble k of 32-bit lane i is in byte 4i + k/2 of the block; a byte's low half is element i of its group, its high half element i + 16.
        (int k, int lane) = Math.DivRem(position, Vector512<float>.Count);
        (int group, int within) = Math.DivRem((4 * lane) + (k / 2), KvFormats.GroupSize / 2);
        return (group * KvFormats.GroupSize) + within + (k % 2 * KvFormats.GroupSize / 2);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(byte* row, float* factors, int d, out Vector512<float> first, out Vector512<float> second)
    {
        int block = d / BlockCodes;
        uint shift = (uint)(d % BlockCodes / Vector512<float>.Count * 4);
        Vector512<float> factor = GroupFactors(factors + (block * BlockGroups));
        Vector512<uint> codes = Vector512.Load((uint*)(row + (block * BlockCodes / 2)));
        first = factor * Floats(Avx512F.ShiftRightLogicalVariable(codes, Vector512.Create(shift)));
        second = factor * Floats(Avx512F.ShiftRightLogicalVariable(codes, Vector512.Create(shift + 4)));
    }

    public static float LoadOne(byte* row, float* factors, int d) => Int4Rows<SimdScalar, float>.LoadOne(row, factors, d);

    public static bool CanLoad(byte** rows, int count, int width) => true;

    /// <summary>code - 8 of the codes in the low four bits of each lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Floats(Vector512<uint> codes) => Avx512F.PermuteVar16x32(Codes, codes.AsInt32());

    /// <summary>The factors of a block's four groups, each in the four lanes that hold the group.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> GroupFactors(float* factors) =>
        Avx512F.PermuteVar4x32(Avx512F.BroadcastVector128ToVector512(factors), Vector512.Create(0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3));
}
