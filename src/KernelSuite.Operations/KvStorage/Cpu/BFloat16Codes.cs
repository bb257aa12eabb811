using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.KvStorage.Cpu;

/// <summary>
/// e4m3 codes of bfloat16 rows by a table. Where a row's scale comes from its own largest element, the fraction of the scale has 128 values, and
/// that of an element as many: their code is looked up, and the distance of their exponents counts eight codes each. So quotients that lie on a tie
/// (in one row of four) are exact like all others.
/// </summary>
internal static unsafe class BFloat16Codes
{
    private const int Fractions = 128;

    /// <summary>
    /// For each fraction of the largest element and of an element with its exponent: the code, not limited to 126, less the upper three bits of the
    /// element's fraction, which lie below the exponent where <see cref="Encode"/> adds it. 16 KiB.
    /// </summary>
    private static readonly byte* Table = Make();

    /// <summary>
    /// From the bits of the largest and the least magnitudes of four rows: the former of rows with no subnormal codes and no zeros, otherwise -1.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Takes(Vector128<int> most, Vector128<int> least)
    {
        // 2^-6 * scale is 8/7 * 2^-15 of the largest element: 15 exponents below it and a seventh, at most 37 fractions.
        return most | Vector128.LessThan(least, most - Vector128.Create((15 * Fractions) - 37));
    }

    /// <summary>Codes a row of a multiple of 64 elements.</summary>
    /// <param name="row">Elements.</param>
    /// <param name="width">Elements.</param>
    /// <param name="most">Bits of the largest magnitude.</param>
    /// <param name="codes">Codes.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Encode(ushort* row, int width, int most, byte* codes)
    {
        byte* table = Table + ((uint)most % Fractions * Fractions);
        Vector512<byte> exponent = Vector512.Create((byte)((uint)most / Fractions * 8));
        Vector512<byte> lower = Vector512.Load(table) - exponent, upper = Vector512.Load(table + 64) - exponent;
        for (int d = 0; d < width; d += WideRow.Step)
        {
            // Bytes of elements d + i and d + 32 + i: sign and exponent, exponent and fraction, and what lies between: the low five bits of the
            // exponent and the upper three of the fraction.
            Vector512<ushort> a = Vector512.Load(row + d), b = Vector512.Load(row + d + 32), even = Vector512.Create((ushort)0x00FF);
            Vector512<byte> high = Vector512.ConditionalSelect(even, Vector512.ShiftRightLogical(a, 8), b).AsByte();
            Vector512<byte> low = Vector512.ConditionalSelect(even, a, Vector512.ShiftLeft(b, 8)).AsByte();
            Vector512<byte> middle = Vector512.ConditionalSelect(even, Vector512.ShiftRightLogical(a, 4), Vector512.ShiftLeft(b, 4)).AsByte();
            Vector512<byte> code = Avx512Vbmi.PermuteVar64x8x2(lower, low, upper) + middle;
            Avx512Vbmi.PermuteVar64x8(Vector512.ConditionalSelect(Vector512.Create((byte)0x80), high, code), Order).Store(codes + d);
        }
    }

    private static Vector512<byte> Order
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector512.Create(
            (byte)0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 32, 34, 36, 38, 40, 42, 44, 46, 48, 50, 52, 54, 56, 58, 60, 62,
            1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31, 33, 35, 37, 39, 41, 43, 45, 47, 49, 51, 53, 55, 57, 59, 61, 63);
    }

    private static byte* Make()
    {
        var table = (byte*)System.Runtime.InteropServices.NativeMemory.AlignedAlloc(Fractions * Fractions, 64);
        for (int most = 0; most < Fractions; most++)
        {
            float scale = KvScale.Of(KvFormat.E4M3, Fractions + most);
            for (int fraction = 0; fraction < Fractions; fraction++)
            {
                // Times 2^-2, so that fractions above the largest element's are coded too.
                int code = Float8E4M3.Encode((Fractions + fraction) / scale / 4) + 16;
                table[(most * Fractions) + fraction] = (byte)(code - (fraction >> 4));
            }
        }

        return table;
    }
}
