using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KernelSuite.Operations.Simd;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Attention.Cpu;

/// <summary>Moves tiles between storage (any dtype, any row stride) and the kernels' dense float scratch.</summary>
internal static unsafe class TileCopy<TSimd, TVector, T>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
    where T : unmanaged
{
    /// <summary>
    /// Copies rows and widens them to float. Float rows are copied too: in order, which the hardware prefetcher likes better than the
    /// micro-kernel's column strips, and to rows that do not share cache sets. Measured against reading them in place: 71 against 66 % of
    /// the FMA peak with 256 queries a task, 73 against 72 % with 512.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Load(T* source, long rowStride, int rows, int width, float* target, int targetStride)
    {
        for (int r = 0; r < rows; r++, source += rowStride, target += targetStride)
        {
            int d = 0;
            for (; d + TSimd.Lanes <= width; d += TSimd.Lanes) TSimd.Store(StorageSimd<TSimd, TVector, T>.Load(source + d), target + d);
            for (; d < width; d++) target[d] = Storage.ToSingle(source[d]);
        }
    }

    /// <summary>Packs query rows as columns: target[d, lane] = scale * source[lane, d]; lanes from <paramref name="rows"/> on become 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackTransposed(T* source, long rowStride, int rows, int width, float scale, float* target, int lanes, float* scratch)
    {
        Load(source, rowStride, rows, width, scratch, width);
        int full = rows / 4 * 4;
        int wide = Sse.IsSupported ? width / 4 * 4 : 0;
        for (int lane = 0; lane < full; lane += 4)
        {
            for (int d = 0; d < wide; d += 4)
                Transpose4(scratch + (lane * width) + d, width, target + (d * lanes) + lane, lanes, Vector128.Create(scale));
        }

        for (int lane = 0; lane < rows; lane++)
            for (int d = lane < full ? wide : 0; d < width; d++) target[(d * lanes) + lane] = scale * scratch[(lane * width) + d];
        if (rows == lanes) return;
        for (int d = 0; d < width; d++) new Span<float>(target + (d * lanes) + rows, lanes - rows).Clear();
    }

    /// <summary>Unpacks columns to output rows: target[lane, d] = factor[lane] * source[d, lane].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void UnpackTransposed(float* source, int lanes, int rows, int width, float* factor, T* target, long rowStride, float* scratch)
    {
        int full = rows / 4 * 4;
        int wide = Sse.IsSupported ? width / 4 * 4 : 0;
        for (int lane = 0; lane < full; lane += 4)
        {
            Vector128<float> scale = Vector128.Load(factor + lane);
            for (int d = 0; d < wide; d += 4)
                Transpose4(source + (d * lanes) + lane, lanes, scratch + (lane * width) + d, width, scale);
        }

        for (int lane = 0; lane < rows; lane++)
            for (int d = lane < full ? wide : 0; d < width; d++) scratch[(lane * width) + d] = factor[lane] * source[(d * lanes) + lane];
        for (int lane = 0; lane < rows; lane++) Narrow(scratch + (lane * width), target + (lane * rowStride), width);
    }

    private static void Narrow(float* source, T* target, int width)
    {
        var from = new ReadOnlySpan<float>(source, width);
        if (typeof(T) == typeof(float)) from.CopyTo(new Span<float>(target, width));
        else if (typeof(T) == typeof(Half)) TensorPrimitives.ConvertToHalf(from, new Span<Half>(target, width));
        else for (int d = 0; d < width; d++) target[d] = Storage.FromSingle<T>(source[d]);
    }

    /// <summary>A 4x4 block: rows of the source become columns of the target; column i of the source is multiplied by lane i of the scale.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose4(float* source, int sourceStride, float* target, int targetStride, Vector128<float> scale) =>
        Shuffle4(
            Vector128.Load(source) * scale,
            Vector128.Load(source + sourceStride) * scale,
            Vector128.Load(source + (2 * sourceStride)) * scale,
            Vector128.Load(source + (3 * sourceStride)) * scale,
            target,
            targetStride);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Shuffle4(
        Vector128<float> r0, Vector128<float> r1, Vector128<float> r2, Vector128<float> r3, float* target, int targetStride)
    {
        Vector128<float> low01 = Sse.UnpackLow(r0, r1);
        Vector128<float> low23 = Sse.UnpackLow(r2, r3);
        Vector128<float> high01 = Sse.UnpackHigh(r0, r1);
        Vector128<float> high23 = Sse.UnpackHigh(r2, r3);
        Sse.MoveLowToHigh(low01, low23).Store(target);
        Sse.MoveHighToLow(low23, low01).Store(target + targetStride);
        Sse.MoveLowToHigh(high01, high23).Store(target + (2 * targetStride));
        Sse.MoveHighToLow(high23, high01).Store(target + (3 * targetStride));
    }
}
