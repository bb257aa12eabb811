using System.Runtime.CompilerServices;
using KernelSuite.Operations.Simd;

namespace KernelSuite.Operations.Decode.Cpu;

/// <summary>
/// Rows that are wanted soon: while keys are multiplied the values of the same tile, while values are summed the keys of the next tile. Asked for
/// one at a time between the products, so that memory works while the cores do.
/// </summary>
/// <remarks>
/// Both cores, 8 heads of 16k slots, D = 128, one query row, best of many in turns without and with. 12 caches one after the other, so that each
/// comes from memory, in pages of 16 slots: int4 3.9 to 5.4 and 1.7 to 2.5 ms (four query rows 5.5 to 7.0 and 3.9 to 4.2). One contiguous cache in
/// the last-level cache: int4 1.1 to 1.5 and 1.1 to 1.7 ms, e4m3 2.8 to 3.2 and 2.2 to 2.5, bfloat16 2.5 to 3.3 and 2.0 to 2.6.
/// </remarks>
internal readonly unsafe struct RowsAhead(byte** rows, int count, int bytes)
{
    /// <summary>Asks for row <paramref name="j"/>, if there is one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Fetch(int j)
    {
        if (j < count) CacheLines.Prefetch(rows[j], bytes);
    }
}
