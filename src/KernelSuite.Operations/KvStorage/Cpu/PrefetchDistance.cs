using System.Runtime.CompilerServices;
using KernelSuite.Operations.Simd;

namespace KernelSuite.Operations.KvStorage.Cpu;

/// <summary>
/// How far ahead of a row, in bytes, those lie that are asked for while it is worked on. The hardware's prefetchers stop at the end of a page and
/// know nothing of what is only written.
/// Measured (one thread, 65536 rows of 128 beyond the second-level cache, nanoseconds a row without, with sources, and with both, 16 rows ahead):
/// float32 to e4m3 59, 44, 43, to int4 57, 44, 43; bfloat16 to e4m3 35, 41, 26, to int4 39, 36, 35; 32 rows ahead 44, 46, 27, 35.
/// </summary>
/// <param name="Source">To the source row; 0 asks for none.</param>
/// <param name="Target">To the row that is written.</param>
internal readonly record struct PrefetchDistance(long Source, long Target)
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe void Prefetch(byte* source, int sourceBytes, byte* target, int targetBytes)
    {
        if (Source != 0) CacheLines.Prefetch(source + Source, sourceBytes);
        CacheLines.Prefetch(target + Target, targetBytes);
    }
}
