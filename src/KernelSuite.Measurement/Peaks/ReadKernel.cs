using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using KernelSuite.Runtime.Cpu;

namespace KernelSuite.Measurement;

/// <summary>
/// Adds up one large block, a chunk a task: what a kernel that only reads can get from memory at most. A copy's bytes are half writes, which on some machines are slower and on
/// some faster than reads.
/// </summary>
/// <param name="source">Source, 64-byte aligned.</param>
/// <param name="bytes">Length, a multiple of <see cref="CopyKernel.ChunkBytes"/>.</param>
internal sealed unsafe class ReadKernel(byte* source, long bytes) : ICpuKernel
{
    private long sink;

    public long Tasks => bytes / CopyKernel.ChunkBytes;

    /// <summary>Keeps the sums alive.</summary>
    public long Sink => Volatile.Read(ref sink);

    public void Execute(long task, int worker)
    {
        byte* from = source + (task * CopyKernel.ChunkBytes);
        Volatile.Write(ref sink, Vector512.IsHardwareAccelerated ? Sum512(from) : Sum256(from));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static long Sum512(byte* from)
    {
        Vector512<long> a = Vector512<long>.Zero, b = a, c = a, d = a;
        for (byte* end = from + CopyKernel.ChunkBytes; from < end; from += 256)
        {
            a += Vector512.LoadAligned((long*)from);
            b += Vector512.LoadAligned((long*)(from + 64));
            c += Vector512.LoadAligned((long*)(from + 128));
            d += Vector512.LoadAligned((long*)(from + 192));
        }

        return Vector512.Sum(a + b + c + d);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static long Sum256(byte* from)
    {
        Vector256<long> a = Vector256<long>.Zero, b = a, c = a, d = a;
        for (byte* end = from + CopyKernel.ChunkBytes; from < end; from += 128)
        {
            a += Vector256.LoadAligned((long*)from);
            b += Vector256.LoadAligned((long*)(from + 32));
            c += Vector256.LoadAligned((long*)(from + 64));
            d += Vector256.LoadAligned((long*)(from + 96));
        }

        return Vector256.Sum(a + b + c + d);
    }
}
