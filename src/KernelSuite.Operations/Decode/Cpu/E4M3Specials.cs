using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace KernelSuite.Operations.Decode.Cpu;

/// <summary>Looks for NaN among e4m3 codes, which the widening without tables takes for numbers.</summary>
internal static unsafe class E4M3Specials
{
    private const byte Magnitude = 0x7F;

    /// <summary>Whether one of the first <paramref name="width"/> codes of a row is NaN: the largest magnitude there is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool Any(byte** rows, int count, int width)
    {
        Vector256<byte> mask = Vector256.Create(Magnitude), most = Vector256<byte>.Zero;
        Vector128<byte> rest = Vector128<byte>.Zero;
        int last = 0;
        for (int j = 0; j < count; j++)
        {
            byte* row = rows[j];
            int d = 0;
            for (; d + Vector256<byte>.Count <= width; d += Vector256<byte>.Count) most = Vector256.Max(most, Vector256.Load(row + d) & mask);
            for (; d + Vector128<byte>.Count <= width; d += Vector128<byte>.Count)
                rest = Vector128.Max(rest, Vector128.Load(row + d) & Vector128.Create(Magnitude));
            for (; d < width; d++) last = Math.Max(last, row[d] & Magnitude);
        }

        return last == Magnitude || Vector256.EqualsAny(most, mask) || Vector128.EqualsAny(rest, Vector128.Create(Magnitude));
    }
}
