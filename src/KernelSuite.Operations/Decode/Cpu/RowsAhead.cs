using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace KernelSuite.Operations.Decode.Cpu;

/// <summary>
/// Rows that are wanted soon: the values of the tile whose keys are being multiplied, and the keys of the next tile. Asked for a few at a time
/// between the products, so that memory works while the cores do. int4 does without: it is bound by arithmetic.
/// </summary>
/// <remarks>
/// 32k slots of bfloat16, D = 128, both cores, without and with, in turns: 8.3 and 5.7, 8.8 and 4.7 ms with one query row (memory's own speed),
/// 10.8 and 8.7 ms with four; pages of 16 slots 13.1 and 10.0, 14.0 and 7.4 ms; int4 4.8 and 5.4 ms.
/// </remarks>
internal readonly unsafe struct RowsAhead(byte** values, int valueCount, int valueBytes, byte** keys, int keyCount, int keyBytes)
{
    private const int Line = 64;

    /// <summary>Asks for rows <paramref name="first"/> to <paramref name="first"/> + 3 of both.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Fetch(int first)
    {
        if (!Sse.IsSupported) return;
        for (int i = first; i < Math.Min(first + 4, valueCount); i++) Fetch(values[i], valueBytes);
        for (int i = first; i < Math.Min(first + 4, keyCount); i++) Fetch(keys[i], keyBytes);
    }

    private static void Fetch(byte* row, int bytes)
    {
        for (int b = 0; b < bytes; b += Line) Sse.Prefetch0(row + b);
    }
}
