using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KernelSuite.Operations.Selection.Cpu;

/// <summary>Positions from bits, 64 scores to a word, on vectors of 512 bits.</summary>
internal static unsafe class PositionScan
{
    private const int Block = CandidateScan.Block;

    /// <summary>Positions of a vector.</summary>
    private const int Lanes = 16;

    /// <summary>Writes the positions of the bits that are set, in ascending order.</summary>
    /// <param name="words">A word a block.</param>
    /// <param name="offsets">Place of the score of each block's lowest bit.</param>
    /// <param name="blocks">How many there are.</param>
    /// <param name="position">Position of place 0.</param>
    /// <param name="taken">Bits set in all; nothing is written behind their positions.</param>
    /// <param name="target">Receives the positions.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Emit(ulong* words, int* offsets, int blocks, int position, int taken, int* target)
    {
        int* end = target + taken;
        int block = 0;
        if (Avx512Vbmi2.IsSupported)
        {
            // Blocks are given 1, 2 or 4 vectors, all as many where nearly none needs more: the branch on their number is foreseen.
            double mean = (double)taken / Math.Max(1, blocks), most = mean + (2 * Math.Sqrt(mean * (1 - (mean / Block))));
            target = EmitBytes(words, offsets, blocks, position, most <= Lanes ? 1 : most <= 2 * Lanes ? 2 : 4, target, end, ref block);
        }

        EmitExactly(words + block, offsets + block, position, target, end);
    }

    /// <summary>
    /// Writes the positions of the blocks up to the first whose vectors reach beyond the end. The places in a block are bytes, which are compressed
    /// at once and then widened: a block of 64 scores takes 3 to 4 ns, 32 positions or fewer of it, against 11 by sixteens.
    /// </summary>
    /// <remarks>Shuffles go through one port of the processor; what a load spreads or widens on its way takes less of its time.</remarks>
    /// <param name="words">A word a block.</param>
    /// <param name="offsets">Place of the score of each block's lowest bit.</param>
    /// <param name="blocks">How many there are.</param>
    /// <param name="position">Position of place 0.</param>
    /// <param name="usual">Vectors for a block's positions, 1, 2 or 4; one with more positions is given 4.</param>
    /// <param name="target">Receives the positions; behind them anything up to <paramref name="end"/>.</param>
    /// <param name="end">Where to end.</param>
    /// <param name="firstLeft">The first block that is left to be written.</param>
    /// <returns>Where its positions go.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int* EmitBytes(ulong* words, int* offsets, int blocks, int position, int usual, int* target, int* end, ref int firstLeft)
    {
        byte* places = stackalloc byte[Block];
        Vector512<int> start = Vector512.Create(position);
        Vector512<byte> byteOfBit = Vector512.Create(
            0ul, 0x0101010101010101, 0x0202020202020202, 0x0303030303030303,
            0x0404040404040404, 0x0505050505050505, 0x0606060606060606, 0x0707070707070707).AsByte();
        Vector512<byte> bitOfByte = Vector512.Create(0x8040201008040201).AsByte(), all = Vector512<byte>.Indices;
        int* safe = end - (usual * Lanes), wide = end - Block;
        int block = 0;
        for (; block < blocks && target <= safe; block++)
        {
            int count = BitOperations.PopCount(words[block]), vectors = usual;
            if (count == 0) continue;
            if (count > usual * Lanes)
            {
                if (target > wide) break;
                vectors = 4;
            }

            Vector512<int> first = start + Vector512.Create(offsets[block]);
            Vector512<byte> bits = Avx512BW.Shuffle(Vector512.Create(words[block]).AsByte(), byteOfBit) & bitOfByte;
            Avx512Vbmi2.Compress(Vector512<byte>.Zero, Avx512BW.CompareNotEqual(bits, Vector512<byte>.Zero), all).Store(places);
            (Avx512F.ConvertToVector512Int32(Vector128.Load(places)) + first).Store(target);
            if (vectors >= 2) (Avx512F.ConvertToVector512Int32(Vector128.Load(places + Lanes)) + first).Store(target + Lanes);
            if (vectors == 4)
            {
                (Avx512F.ConvertToVector512Int32(Vector128.Load(places + (2 * Lanes))) + first).Store(target + (2 * Lanes));
                (Avx512F.ConvertToVector512Int32(Vector128.Load(places + (3 * Lanes))) + first).Store(target + (3 * Lanes));
            }

            target += count;
        }

        firstLeft = block;
        return target;
    }

    /// <summary>Writes the positions up to <paramref name="end"/> and nothing behind it. Does without the compression of bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void EmitExactly(ulong* words, int* offsets, int position, int* target, int* end)
    {
        Vector512<uint> bit = Avx512F.ShiftLeftLogicalVariable(Vector512<uint>.One, Vector512<uint>.Indices);
        for (; target < end; words++, offsets++)
        {
            Vector512<int> at = Vector512<int>.Indices + Vector512.Create(position + *offsets);
            for (ulong word = *words; word != 0; word >>= Lanes, at += Vector512.Create(Lanes))
            {
                int count = BitOperations.PopCount((ushort)word);
                Vector512<int> set = Avx512F.CompareNotEqual(Vector512.Create((uint)word) & bit, Vector512<uint>.Zero).AsInt32();
                Vector512<int> first = Vector512.LessThan(Vector512<int>.Indices, Vector512.Create(count));
                Avx512F.MaskStore(target, first, Avx512F.Compress(Vector512<int>.Zero, set, at));
                target += count;
            }
        }
    }
}
