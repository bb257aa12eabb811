using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace KernelSuite.Operations.Simd;

/// <summary>Memory that is asked for before its turn.</summary>
internal static unsafe class CacheLines
{
    private const int Line = 64;

    /// <summary>Asks for the lines of a piece of memory; nothing where the processor has no such instruction.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(byte* start, long bytes)
    {
        if (!Sse.IsSupported) return;
        for (long b = 0; b < bytes; b += Line) Sse.Prefetch0(start + b);
    }
}
