using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Decode.Cpu;

/// <summary>
/// Widens e4m3 rows to bfloat16, exactly, with the NaN codes as NaN. Two tables of 128 bytes, which AVX-512 VBMI looks 64 codes up in, give the
/// upper and the lower byte of a magnitude, subnormals like any other: 14 instructions for 64 codes. A tile of rows then lies in the first-level
/// cache and is read as a bfloat16 cache is.
/// </summary>
/// <remarks>
/// Measured as <see cref="Int4BlockRows"/>, 4096 slots: 43.3, 32.1, 26.4 ns a slot against 43.5, 32.6, 26.9 with <see cref="E4M3Rows{TSimd,
/// TVector}"/>: what it gains is that no tile is looked through for NaN codes. Widening takes a third of it: permutations have one port. Widening
/// four rows and multiplying them in turn, so that both kinds of work overlap, was slower (45.3, 36.1, 30.5).
/// </remarks>
internal static unsafe class E4M3Tables
{
    private static readonly Vector512<byte> UpperLow = Bytes(0, 8), UpperHigh = Bytes(64, 8), LowerLow = Bytes(0, 0), LowerHigh = Bytes(64, 0);

    /// <summary>Whether this processor has what <see cref="Widen"/> needs.</summary>
    public static bool IsSupported => Avx512Vbmi.IsSupported;

    /// <summary>
    /// Puts rows in bfloat16, with zeros up to <paramref name="padded"/>, at <paramref name="target"/>, and their addresses in place of the codes'.
    /// </summary>
    /// <param name="rows">Addresses of <paramref name="count"/> rows of codes; receives those of the widened rows.</param>
    /// <param name="count">Rows.</param>
    /// <param name="width">Codes of a row.</param>
    /// <param name="padded">Elements of a widened row, a multiple of 32.</param>
    /// <param name="target">Memory for <paramref name="count"/> rows.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Widen(byte** rows, int count, int width, int padded, ushort* target)
    {
        Vector512<byte> upperLow = UpperLow, upperHigh = UpperHigh, lowerLow = LowerLow, lowerHigh = LowerHigh, sign = Vector512.Create((byte)0x80);

        // Unpacking goes by 128-bit lanes: with the 64-bit pieces in this order beforehand, elements come out in theirs.
        Vector512<long> order = Vector512.Create(0L, 4, 1, 5, 2, 6, 3, 7);
        byte* rest = stackalloc byte[Vector512<byte>.Count];
        Vector512<byte>.Zero.Store(rest);
        for (int j = 0; j < count; j++, target += padded)
        {
            byte* row = rows[j];
            rows[j] = (byte*)target;
            for (int d = 0; d < padded; d += Vector512<byte>.Count)
            {
                byte* source = row + d;
                if (d + Vector512<byte>.Count > width)
                {
                    Unsafe.CopyBlockUnaligned(rest, source, (uint)(width - d));
                    source = rest;
                }

                Vector512<byte> codes = Avx512F.PermuteVar8x64(Vector512.Load((long*)source), order).AsByte();
                Vector512<byte> upper = Avx512Vbmi.PermuteVar64x8x2(upperLow, codes, upperHigh) | (codes & sign);
                Vector512<byte> lower = Avx512Vbmi.PermuteVar64x8x2(lowerLow, codes, lowerHigh);
                Avx512BW.UnpackLow(lower, upper).AsUInt16().Store(target + d);
                if (d + Vector512<ushort>.Count < padded) Avx512BW.UnpackHigh(lower, upper).AsUInt16().Store(target + d + Vector512<ushort>.Count);
            }
        }
    }

    /// <summary>
    /// Bits <paramref name="shift"/> to <paramref name="shift"/> + 7 of the bfloat16 of magnitudes from <paramref name="first"/> on.
    /// </summary>
    private static Vector512<byte> Bytes(int first, int shift)
    {
        byte* bytes = stackalloc byte[Vector512<byte>.Count];
        for (int i = 0; i < Vector512<byte>.Count; i++)
        {
            float value = Float8E4M3.Decode((byte)(first + i));
            uint bits = float.IsNaN(value) ? 0x7FC00000 : BitConverter.SingleToUInt32Bits(value);
            bytes[i] = (byte)(bits >> (16 + shift));
        }

        return Vector512.Load(bytes);
    }
}
