using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using KernelSuite.Runtime.Cpu;

namespace KernelSuite.Measurement;

/// <summary>
/// Copies one large block to another, a chunk a task. Plain stores read the target's lines before they overwrite them, so
/// they move half as much again as is counted; non-temporal stores do not, but are slower on some machines. Both are tried.
/// </summary>
/// <param name="source">Source, 64-byte aligned.</param>
/// <param name="target">Target, 64-byte aligned.</param>
/// <param name="bytes">Length, a multiple of <see cref="ChunkBytes"/>.</param>
/// <param name="nonTemporal">Whether stores go past the caches.</param>
internal sealed unsafe class CopyKernel(byte* source, byte* target, long bytes, bool nonTemporal) : ICpuKernel
{
    public const int ChunkBytes = 2 << 20;

    public long Tasks => bytes / ChunkBytes;

    public void Execute(long task, int worker)
    {
        byte* from = source + (task * ChunkBytes);
        byte* to = target + (task * ChunkBytes);
        if (!nonTemporal) Buffer.MemoryCopy(from, to, ChunkBytes, ChunkBytes);
        else if (Vector512.IsHardwareAccelerated) Stream512(from, to);
        else Stream256(from, to);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Stream512(byte* from, byte* to)
    {
        for (int i = 0; i < ChunkBytes; i += 256)
        {
            Vector512<byte> a = Vector512.LoadAligned(from + i), b = Vector512.LoadAligned(from + i + 64);
            Vector512<byte> c = Vector512.LoadAligned(from + i + 128), d = Vector512.LoadAligned(from + i + 192);
            a.StoreAlignedNonTemporal(to + i);
            b.StoreAlignedNonTemporal(to + i + 64);
            c.StoreAlignedNonTemporal(to + i + 128);
            d.StoreAlignedNonTemporal(to + i + 192);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Stream256(byte* from, byte* to)
    {
        for (int i = 0; i < ChunkBytes; i += 128)
        {
            Vector256<byte> a = Vector256.LoadAligned(from + i), b = Vector256.LoadAligned(from + i + 32);
            Vector256<byte> c = Vector256.LoadAligned(from + i + 64), d = Vector256.LoadAligned(from + i + 96);
            a.StoreAlignedNonTemporal(to + i);
            b.StoreAlignedNonTemporal(to + i + 32);
            c.StoreAlignedNonTemporal(to + i + 64);
            d.StoreAlignedNonTemporal(to + i + 96);
        }
    }
}
