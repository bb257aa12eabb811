using System.Runtime.CompilerServices;

using KernelSuite.Operations.Simd;
namespace KernelSuite.Operations.Attention.Cpu;

/// <summary>
/// C[rows, lanes] = alpha * C + A[rows, depth] B[depth, lanes] with the lanes of B contiguous. A's elements are broadcast, so A is
/// read in place, by rows (Q K^T: a key row) or by columns (P V: a value column).
/// Six rows by four 512-bit vectors are 24 accumulators, 4 registers of B and 1 for broadcasts: 29 of 32 registers, and 24
/// fused multiply-adds for 10 loads, which two load ports feed at two a cycle with room to spare.
/// Measured on tiles that fit the caches: 137 GFLOP/s on a core whose clock lets a bare loop of 24 multiply-adds, 4 loads and 6 broadcasts do
/// 139 (a loop on registers only sometimes runs at a higher clock, 158). Unrolling the depth by 4, and software prefetch of the next
/// tile, changed nothing; twelve rows by two vectors came within 2 %.
/// </summary>
internal static unsafe class MicroKernels<TSimd, TVector, TShape, TOrder>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
    where TShape : struct, ITileShape
    where TOrder : struct, IOrder
{
    private static int Width
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TShape.Vectors * TSimd.Lanes;
    }

    /// <summary>All rows, in blocks of twelve where the shape has registers for them, then six, four, two and one.</summary>
    /// <param name="rows">Rows of A and C.</param>
    /// <param name="depth">Columns of A, rows of B.</param>
    /// <param name="a">A[0,0].</param>
    /// <param name="stride">Elements from one row of A to the next, or from one column to the next where A is column-major.</param>
    /// <param name="b">B[0,0]; rows are <see cref="Width"/> apart.</param>
    /// <param name="c">C[0,0]; rows are <see cref="Width"/> apart.</param>
    /// <param name="alpha">One factor a lane, or null to overwrite C.</param>
    public static void Multiply(int rows, int depth, float* a, nint stride, float* b, float* c, float* alpha)
    {
        nint row = TOrder.RowMajor ? stride : 1;
        int r = 0;
        if (TShape.Rows == 12)
        {
            for (; r + 12 <= rows; r += 12) Block12(depth, a + (r * row), stride, b, c + (r * Width), alpha);
        }

        for (; r + 6 <= rows; r += 6) Block6(depth, a + (r * row), stride, b, c + (r * Width), alpha);
        for (; r + 4 <= rows; r += 4) Block4(depth, a + (r * row), stride, b, c + (r * Width), alpha);
        for (; r + 2 <= rows; r += 2) Block2(depth, a + (r * row), stride, b, c + (r * Width), alpha);
        if (r < rows) Block1(depth, a + (r * row), stride, b, c + (r * Width), alpha);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block12(int depth, float* a, nint stride, float* b, float* c, float* alpha)
    {
        int lanes = TSimd.Lanes, width = Width;
        nint row = TOrder.RowMajor ? stride : 1, step = TOrder.RowMajor ? 1 : stride;
        float* a3 = a + (3 * row);
        float* a6 = a + (6 * row);
        float* a9 = a + (9 * row);
        TVector c0x0 = TSimd.Zero, c0x1 = TSimd.Zero;
        TVector c1x0 = TSimd.Zero, c1x1 = TSimd.Zero;
        TVector c2x0 = TSimd.Zero, c2x1 = TSimd.Zero;
        TVector c3x0 = TSimd.Zero, c3x1 = TSimd.Zero;
        TVector c4x0 = TSimd.Zero, c4x1 = TSimd.Zero;
        TVector c5x0 = TSimd.Zero, c5x1 = TSimd.Zero;
        TVector c6x0 = TSimd.Zero, c6x1 = TSimd.Zero;
        TVector c7x0 = TSimd.Zero, c7x1 = TSimd.Zero;
        TVector c8x0 = TSimd.Zero, c8x1 = TSimd.Zero;
        TVector c9x0 = TSimd.Zero, c9x1 = TSimd.Zero;
        TVector c10x0 = TSimd.Zero, c10x1 = TSimd.Zero;
        TVector c11x0 = TSimd.Zero, c11x1 = TSimd.Zero;
        TVector x, b0, b1 = TSimd.Zero;
        for (int k = 0; k < depth; k++)
        {
            b0 = TSimd.Load(b);
            if (TShape.Vectors > 1) b1 = TSimd.Load(b + lanes);
            x = TSimd.Create(a[0]);
            c0x0 = TSimd.MultiplyAdd(x, b0, c0x0);
            if (TShape.Vectors > 1) c0x1 = TSimd.MultiplyAdd(x, b1, c0x1);
            x = TSimd.Create(a[row]);
            c1x0 = TSimd.MultiplyAdd(x, b0, c1x0);
            if (TShape.Vectors > 1) c1x1 = TSimd.MultiplyAdd(x, b1, c1x1);
            x = TSimd.Create(a[2 * row]);
            c2x0 = TSimd.MultiplyAdd(x, b0, c2x0);
            if (TShape.Vectors > 1) c2x1 = TSimd.MultiplyAdd(x, b1, c2x1);
            x = TSimd.Create(a3[0]);
            c3x0 = TSimd.MultiplyAdd(x, b0, c3x0);
            if (TShape.Vectors > 1) c3x1 = TSimd.MultiplyAdd(x, b1, c3x1);
            x = TSimd.Create(a3[row]);
            c4x0 = TSimd.MultiplyAdd(x, b0, c4x0);
            if (TShape.Vectors > 1) c4x1 = TSimd.MultiplyAdd(x, b1, c4x1);
            x = TSimd.Create(a3[2 * row]);
            c5x0 = TSimd.MultiplyAdd(x, b0, c5x0);
            if (TShape.Vectors > 1) c5x1 = TSimd.MultiplyAdd(x, b1, c5x1);
            x = TSimd.Create(a6[0]);
            c6x0 = TSimd.MultiplyAdd(x, b0, c6x0);
            if (TShape.Vectors > 1) c6x1 = TSimd.MultiplyAdd(x, b1, c6x1);
            x = TSimd.Create(a6[row]);
            c7x0 = TSimd.MultiplyAdd(x, b0, c7x0);
            if (TShape.Vectors > 1) c7x1 = TSimd.MultiplyAdd(x, b1, c7x1);
            x = TSimd.Create(a6[2 * row]);
            c8x0 = TSimd.MultiplyAdd(x, b0, c8x0);
            if (TShape.Vectors > 1) c8x1 = TSimd.MultiplyAdd(x, b1, c8x1);
            x = TSimd.Create(a9[0]);
            c9x0 = TSimd.MultiplyAdd(x, b0, c9x0);
            if (TShape.Vectors > 1) c9x1 = TSimd.MultiplyAdd(x, b1, c9x1);
            x = TSimd.Create(a9[row]);
            c10x0 = TSimd.MultiplyAdd(x, b0, c10x0);
            if (TShape.Vectors > 1) c10x1 = TSimd.MultiplyAdd(x, b1, c10x1);
            x = TSimd.Create(a9[2 * row]);
            c11x0 = TSimd.MultiplyAdd(x, b0, c11x0);
            if (TShape.Vectors > 1) c11x1 = TSimd.MultiplyAdd(x, b1, c11x1);
            a += step;
            a3 += step;
            a6 += step;
            a9 += step;
            b += width;
        }

        Finish(c, alpha, c0x0, c0x1, c0x0, c0x0);
        Finish(c + width, alpha, c1x0, c1x1, c1x0, c1x0);
        Finish(c + (2 * width), alpha, c2x0, c2x1, c2x0, c2x0);
        Finish(c + (3 * width), alpha, c3x0, c3x1, c3x0, c3x0);
        Finish(c + (4 * width), alpha, c4x0, c4x1, c4x0, c4x0);
        Finish(c + (5 * width), alpha, c5x0, c5x1, c5x0, c5x0);
        Finish(c + (6 * width), alpha, c6x0, c6x1, c6x0, c6x0);
        Finish(c + (7 * width), alpha, c7x0, c7x1, c7x0, c7x0);
        Finish(c + (8 * width), alpha, c8x0, c8x1, c8x0, c8x0);
        Finish(c + (9 * width), alpha, c9x0, c9x1, c9x0, c9x0);
        Finish(c + (10 * width), alpha, c10x0, c10x1, c10x0, c10x0);
        Finish(c + (11 * width), alpha, c11x0, c11x1, c11x0, c11x0);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block6(int depth, float* a, nint stride, float* b, float* c, float* alpha)
    {
        int lanes = TSimd.Lanes, width = Width;
        nint row = TOrder.RowMajor ? stride : 1, step = TOrder.RowMajor ? 1 : stride;
        float* a3 = a + (3 * row);
        TVector c0x0 = TSimd.Zero, c0x1 = TSimd.Zero, c0x2 = TSimd.Zero, c0x3 = TSimd.Zero;
        TVector c1x0 = TSimd.Zero, c1x1 = TSimd.Zero, c1x2 = TSimd.Zero, c1x3 = TSimd.Zero;
        TVector c2x0 = TSimd.Zero, c2x1 = TSimd.Zero, c2x2 = TSimd.Zero, c2x3 = TSimd.Zero;
        TVector c3x0 = TSimd.Zero, c3x1 = TSimd.Zero, c3x2 = TSimd.Zero, c3x3 = TSimd.Zero;
        TVector c4x0 = TSimd.Zero, c4x1 = TSimd.Zero, c4x2 = TSimd.Zero, c4x3 = TSimd.Zero;
        TVector c5x0 = TSimd.Zero, c5x1 = TSimd.Zero, c5x2 = TSimd.Zero, c5x3 = TSimd.Zero;
        TVector x, b0, b1 = TSimd.Zero, b2 = TSimd.Zero, b3 = TSimd.Zero;
        for (int k = 0; k < depth; k++)
        {
            b0 = TSimd.Load(b);
            if (TShape.Vectors > 1) b1 = TSimd.Load(b + lanes);
            if (TShape.Vectors > 2) b2 = TSimd.Load(b + (2 * lanes));
            if (TShape.Vectors > 2) b3 = TSimd.Load(b + (3 * lanes));
            x = TSimd.Create(a[0]);
            c0x0 = TSimd.MultiplyAdd(x, b0, c0x0);
            if (TShape.Vectors > 1) c0x1 = TSimd.MultiplyAdd(x, b1, c0x1);
            if (TShape.Vectors > 2) c0x2 = TSimd.MultiplyAdd(x, b2, c0x2);
            if (TShape.Vectors > 2) c0x3 = TSimd.MultiplyAdd(x, b3, c0x3);
            x = TSimd.Create(a[row]);
            c1x0 = TSimd.MultiplyAdd(x, b0, c1x0);
            if (TShape.Vectors > 1) c1x1 = TSimd.MultiplyAdd(x, b1, c1x1);
            if (TShape.Vectors > 2) c1x2 = TSimd.MultiplyAdd(x, b2, c1x2);
            if (TShape.Vectors > 2) c1x3 = TSimd.MultiplyAdd(x, b3, c1x3);
            x = TSimd.Create(a[2 * row]);
            c2x0 = TSimd.MultiplyAdd(x, b0, c2x0);
            if (TShape.Vectors > 1) c2x1 = TSimd.MultiplyAdd(x, b1, c2x1);
            if (TShape.Vectors > 2) c2x2 = TSimd.MultiplyAdd(x, b2, c2x2);
            if (TShape.Vectors > 2) c2x3 = TSimd.MultiplyAdd(x, b3, c2x3);
            x = TSimd.Create(a3[0]);
            c3x0 = TSimd.MultiplyAdd(x, b0, c3x0);
            if (TShape.Vectors > 1) c3x1 = TSimd.MultiplyAdd(x, b1, c3x1);
            if (TShape.Vectors > 2) c3x2 = TSimd.MultiplyAdd(x, b2, c3x2);
            if (TShape.Vectors > 2) c3x3 = TSimd.MultiplyAdd(x, b3, c3x3);
            x = TSimd.Create(a3[row]);
            c4x0 = TSimd.MultiplyAdd(x, b0, c4x0);
            if (TShape.Vectors > 1) c4x1 = TSimd.MultiplyAdd(x, b1, c4x1);
            if (TShape.Vectors > 2) c4x2 = TSimd.MultiplyAdd(x, b2, c4x2);
            if (TShape.Vectors > 2) c4x3 = TSimd.MultiplyAdd(x, b3, c4x3);
            x = TSimd.Create(a3[2 * row]);
            c5x0 = TSimd.MultiplyAdd(x, b0, c5x0);
            if (TShape.Vectors > 1) c5x1 = TSimd.MultiplyAdd(x, b1, c5x1);
            if (TShape.Vectors > 2) c5x2 = TSimd.MultiplyAdd(x, b2, c5x2);
            if (TShape.Vectors > 2) c5x3 = TSimd.MultiplyAdd(x, b3, c5x3);
            a += step;
            a3 += step;
            b += width;
        }

        Finish(c, alpha, c0x0, c0x1, c0x2, c0x3);
        Finish(c + width, alpha, c1x0, c1x1, c1x2, c1x3);
        Finish(c + (2 * width), alpha, c2x0, c2x1, c2x2, c2x3);
        Finish(c + (3 * width), alpha, c3x0, c3x1, c3x2, c3x3);
        Finish(c + (4 * width), alpha, c4x0, c4x1, c4x2, c4x3);
        Finish(c + (5 * width), alpha, c5x0, c5x1, c5x2, c5x3);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block4(int depth, float* a, nint stride, float* b, float* c, float* alpha)
    {
        int lanes = TSimd.Lanes, width = Width;
        nint row = TOrder.RowMajor ? stride : 1, step = TOrder.RowMajor ? 1 : stride;
        float* a3 = a + (3 * row);
        TVector c0x0 = TSimd.Zero, c0x1 = TSimd.Zero, c0x2 = TSimd.Zero, c0x3 = TSimd.Zero;
        TVector c1x0 = TSimd.Zero, c1x1 = TSimd.Zero, c1x2 = TSimd.Zero, c1x3 = TSimd.Zero;
        TVector c2x0 = TSimd.Zero, c2x1 = TSimd.Zero, c2x2 = TSimd.Zero, c2x3 = TSimd.Zero;
        TVector c3x0 = TSimd.Zero, c3x1 = TSimd.Zero, c3x2 = TSimd.Zero, c3x3 = TSimd.Zero;
        TVector x, b0, b1 = TSimd.Zero, b2 = TSimd.Zero, b3 = TSimd.Zero;
        for (int k = 0; k < depth; k++)
        {
            b0 = TSimd.Load(b);
            if (TShape.Vectors > 1) b1 = TSimd.Load(b + lanes);
            if (TShape.Vectors > 2) b2 = TSimd.Load(b + (2 * lanes));
            if (TShape.Vectors > 2) b3 = TSimd.Load(b + (3 * lanes));
            x = TSimd.Create(a[0]);
            c0x0 = TSimd.MultiplyAdd(x, b0, c0x0);
            if (TShape.Vectors > 1) c0x1 = TSimd.MultiplyAdd(x, b1, c0x1);
            if (TShape.Vectors > 2) c0x2 = TSimd.MultiplyAdd(x, b2, c0x2);
            if (TShape.Vectors > 2) c0x3 = TSimd.MultiplyAdd(x, b3, c0x3);
            x = TSimd.Create(a[row]);
            c1x0 = TSimd.MultiplyAdd(x, b0, c1x0);
            if (TShape.Vectors > 1) c1x1 = TSimd.MultiplyAdd(x, b1, c1x1);
            if (TShape.Vectors > 2) c1x2 = TSimd.MultiplyAdd(x, b2, c1x2);
            if (TShape.Vectors > 2) c1x3 = TSimd.MultiplyAdd(x, b3, c1x3);
            x = TSimd.Create(a[2 * row]);
            c2x0 = TSimd.MultiplyAdd(x, b0, c2x0);
            if (TShape.Vectors > 1) c2x1 = TSimd.MultiplyAdd(x, b1, c2x1);
            if (TShape.Vectors > 2) c2x2 = TSimd.MultiplyAdd(x, b2, c2x2);
            if (TShape.Vectors > 2) c2x3 = TSimd.MultiplyAdd(x, b3, c2x3);
            x = TSimd.Create(a3[0]);
            c3x0 = TSimd.MultiplyAdd(x, b0, c3x0);
            if (TShape.Vectors > 1) c3x1 = TSimd.MultiplyAdd(x, b1, c3x1);
            if (TShape.Vectors > 2) c3x2 = TSimd.MultiplyAdd(x, b2, c3x2);
            if (TShape.Vectors > 2) c3x3 = TSimd.MultiplyAdd(x, b3, c3x3);
            a += step;
            a3 += step;
            b += width;
        }

        Finish(c, alpha, c0x0, c0x1, c0x2, c0x3);
        Finish(c + width, alpha, c1x0, c1x1, c1x2, c1x3);
        Finish(c + (2 * width), alpha, c2x0, c2x1, c2x2, c2x3);
        Finish(c + (3 * width), alpha, c3x0, c3x1, c3x2, c3x3);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block2(int depth, float* a, nint stride, float* b, float* c, float* alpha)
    {
        int lanes = TSimd.Lanes, width = Width;
        nint row = TOrder.RowMajor ? stride : 1, step = TOrder.RowMajor ? 1 : stride;
        TVector c0x0 = TSimd.Zero, c0x1 = TSimd.Zero, c0x2 = TSimd.Zero, c0x3 = TSimd.Zero;
        TVector c1x0 = TSimd.Zero, c1x1 = TSimd.Zero, c1x2 = TSimd.Zero, c1x3 = TSimd.Zero;
        TVector x, b0, b1 = TSimd.Zero, b2 = TSimd.Zero, b3 = TSimd.Zero;
        for (int k = 0; k < depth; k++)
        {
            b0 = TSimd.Load(b);
            if (TShape.Vectors > 1) b1 = TSimd.Load(b + lanes);
            if (TShape.Vectors > 2) b2 = TSimd.Load(b + (2 * lanes));
            if (TShape.Vectors > 2) b3 = TSimd.Load(b + (3 * lanes));
            x = TSimd.Create(a[0]);
            c0x0 = TSimd.MultiplyAdd(x, b0, c0x0);
            if (TShape.Vectors > 1) c0x1 = TSimd.MultiplyAdd(x, b1, c0x1);
            if (TShape.Vectors > 2) c0x2 = TSimd.MultiplyAdd(x, b2, c0x2);
            if (TShape.Vectors > 2) c0x3 = TSimd.MultiplyAdd(x, b3, c0x3);
            x = TSimd.Create(a[row]);
            c1x0 = TSimd.MultiplyAdd(x, b0, c1x0);
            if (TShape.Vectors > 1) c1x1 = TSimd.MultiplyAdd(x, b1, c1x1);
            if (TShape.Vectors > 2) c1x2 = TSimd.MultiplyAdd(x, b2, c1x2);
            if (TShape.Vectors > 2) c1x3 = TSimd.MultiplyAdd(x, b3, c1x3);
            a += step;
            b += width;
        }

        Finish(c, alpha, c0x0, c0x1, c0x2, c0x3);
        Finish(c + width, alpha, c1x0, c1x1, c1x2, c1x3);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block1(int depth, float* a, nint stride, float* b, float* c, float* alpha)
    {
        int lanes = TSimd.Lanes, width = Width;
        nint row = TOrder.RowMajor ? stride : 1, step = TOrder.RowMajor ? 1 : stride;
        TVector c0x0 = TSimd.Zero, c0x1 = TSimd.Zero, c0x2 = TSimd.Zero, c0x3 = TSimd.Zero;
        TVector x, b0, b1 = TSimd.Zero, b2 = TSimd.Zero, b3 = TSimd.Zero;
        for (int k = 0; k < depth; k++)
        {
            b0 = TSimd.Load(b);
            if (TShape.Vectors > 1) b1 = TSimd.Load(b + lanes);
            if (TShape.Vectors > 2) b2 = TSimd.Load(b + (2 * lanes));
            if (TShape.Vectors > 2) b3 = TSimd.Load(b + (3 * lanes));
            x = TSimd.Create(a[0]);
            c0x0 = TSimd.MultiplyAdd(x, b0, c0x0);
            if (TShape.Vectors > 1) c0x1 = TSimd.MultiplyAdd(x, b1, c0x1);
            if (TShape.Vectors > 2) c0x2 = TSimd.MultiplyAdd(x, b2, c0x2);
            if (TShape.Vectors > 2) c0x3 = TSimd.MultiplyAdd(x, b3, c0x3);
            a += step;
            b += width;
        }

        Finish(c, alpha, c0x0, c0x1, c0x2, c0x3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(float* c, float* alpha, TVector c0, TVector c1, TVector c2, TVector c3)
    {
        int lanes = TSimd.Lanes;
        if (alpha != null)
        {
            c0 = TSimd.MultiplyAdd(TSimd.Load(c), TSimd.Load(alpha), c0);
            if (TShape.Vectors > 1) c1 = TSimd.MultiplyAdd(TSimd.Load(c + lanes), TSimd.Load(alpha + lanes), c1);
            if (TShape.Vectors > 2) c2 = TSimd.MultiplyAdd(TSimd.Load(c + (2 * lanes)), TSimd.Load(alpha + (2 * lanes)), c2);
            if (TShape.Vectors > 2) c3 = TSimd.MultiplyAdd(TSimd.Load(c + (3 * lanes)), TSimd.Load(alpha + (3 * lanes)), c3);
        }

        TSimd.Store(c0, c);
        if (TShape.Vectors > 1) TSimd.Store(c1, c + lanes);
        if (TShape.Vectors > 2) TSimd.Store(c2, c + (2 * lanes));
        if (TShape.Vectors > 2) TSimd.Store(c3, c + (3 * lanes));
    }
}
