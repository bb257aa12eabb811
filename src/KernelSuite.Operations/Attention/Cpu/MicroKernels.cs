using System.Runtime.CompilerServices;

namespace KernelSuite.Operations.Attention.Cpu;

/// <summary>Shape of the register tile, as constants that the JIT folds.</summary>
internal interface ILaneShape
{
    /// <summary>Vectors of queries side by side: 1, 2 or 4.</summary>
    static abstract int Vectors { get; }

    /// <summary>Rows of the largest block: 6 or 12.</summary>
    static abstract int Rows { get; }
}

/// <summary>Six rows of one vector.</summary>
internal readonly struct Lanes1 : ILaneShape
{
    public static int Vectors => 1;

    public static int Rows => 6;
}

/// <summary>Six rows of two vectors: 12 accumulators, for 16 registers.</summary>
internal readonly struct Lanes2 : ILaneShape
{
    public static int Vectors => 2;

    public static int Rows => 6;
}

/// <summary>Twelve rows of two vectors: 24 accumulators, for 32 registers.</summary>
internal readonly struct Lanes2Tall : ILaneShape
{
    public static int Vectors => 2;

    public static int Rows => 12;
}

/// <summary>Six rows of four vectors: 24 accumulators, for 32 registers.</summary>
internal readonly struct Lanes4 : ILaneShape
{
    public static int Vectors => 4;

    public static int Rows => 6;
}

/// <summary>
/// C[rows, lanes] = alpha * C + A[rows, depth] B[depth, lanes] with the lanes of B contiguous. A's elements are broadcast, so A is
/// read in place, by rows (Q K^T: a key row) or by columns (P V: a value column).
/// Six rows by four 512-bit vectors are 24 accumulators, 4 registers of B and 2 for broadcasts: 30 of 32 registers, and 24
/// fused multiply-adds for 10 loads, which two load ports feed at two a cycle with room to spare.
/// </summary>
internal static unsafe class MicroKernels<TSimd, TVector, TLanes>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
    where TLanes : struct, ILaneShape
{
    private static int Width
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TLanes.Vectors * TSimd.Lanes;
    }

    /// <summary>All rows, in blocks of twelve where the shape has registers for them, then six, four, two and one.</summary>
    /// <param name="rows">Rows of A and C.</param>
    /// <param name="depth">Columns of A, rows of B.</param>
    /// <param name="a">A[0,0].</param>
    /// <param name="aRow">Elements from one row of A to the next.</param>
    /// <param name="aStep">Elements from one column of A to the next.</param>
    /// <param name="b">B[0,0]; rows are <see cref="Width"/> apart.</param>
    /// <param name="c">C[0,0]; rows are <see cref="Width"/> apart.</param>
    /// <param name="alpha">One factor a lane, or null to overwrite C.</param>
    public static void Multiply(int rows, int depth, float* a, nint aRow, nint aStep, float* b, float* c, float* alpha)
    {
        int r = 0;
        if (TLanes.Rows == 12)
        {
            for (; r + 12 <= rows; r += 12) Block12(depth, a + (r * aRow), aRow, aStep, b, c + (r * Width), alpha);
        }

        for (; r + 6 <= rows; r += 6) Block6(depth, a + (r * aRow), aRow, aStep, b, c + (r * Width), alpha);
        for (; r + 4 <= rows; r += 4) Block4(depth, a + (r * aRow), aRow, aStep, b, c + (r * Width), alpha);
        for (; r + 2 <= rows; r += 2) Block2(depth, a + (r * aRow), aRow, aStep, b, c + (r * Width), alpha);
        if (r < rows) Block1(depth, a + (r * aRow), aRow, aStep, b, c + (r * Width), alpha);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block12(int depth, float* a, nint aRow, nint aStep, float* b, float* c, float* alpha)
    {
        int lanes = TSimd.Lanes;
        int width = Width;
        float* a3 = a + (3 * aRow);
        float* a6 = a + (6 * aRow);
        float* a9 = a + (9 * aRow);
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
        for (int k = 0; k < depth; k++)
        {
            TVector b0 = TSimd.Load(b);
            TVector b1 = TLanes.Vectors > 1 ? TSimd.Load(b + lanes) : b0;
            TVector x = TSimd.Create(a[0]);
            c0x0 = TSimd.MultiplyAdd(x, b0, c0x0);
            if (TLanes.Vectors > 1) c0x1 = TSimd.MultiplyAdd(x, b1, c0x1);
            x = TSimd.Create(a[aRow]);
            c1x0 = TSimd.MultiplyAdd(x, b0, c1x0);
            if (TLanes.Vectors > 1) c1x1 = TSimd.MultiplyAdd(x, b1, c1x1);
            x = TSimd.Create(a[2 * aRow]);
            c2x0 = TSimd.MultiplyAdd(x, b0, c2x0);
            if (TLanes.Vectors > 1) c2x1 = TSimd.MultiplyAdd(x, b1, c2x1);
            x = TSimd.Create(a3[0]);
            c3x0 = TSimd.MultiplyAdd(x, b0, c3x0);
            if (TLanes.Vectors > 1) c3x1 = TSimd.MultiplyAdd(x, b1, c3x1);
            x = TSimd.Create(a3[aRow]);
            c4x0 = TSimd.MultiplyAdd(x, b0, c4x0);
            if (TLanes.Vectors > 1) c4x1 = TSimd.MultiplyAdd(x, b1, c4x1);
            x = TSimd.Create(a3[2 * aRow]);
            c5x0 = TSimd.MultiplyAdd(x, b0, c5x0);
            if (TLanes.Vectors > 1) c5x1 = TSimd.MultiplyAdd(x, b1, c5x1);
            x = TSimd.Create(a6[0]);
            c6x0 = TSimd.MultiplyAdd(x, b0, c6x0);
            if (TLanes.Vectors > 1) c6x1 = TSimd.MultiplyAdd(x, b1, c6x1);
            x = TSimd.Create(a6[aRow]);
            c7x0 = TSimd.MultiplyAdd(x, b0, c7x0);
            if (TLanes.Vectors > 1) c7x1 = TSimd.MultiplyAdd(x, b1, c7x1);
            x = TSimd.Create(a6[2 * aRow]);
            c8x0 = TSimd.MultiplyAdd(x, b0, c8x0);
            if (TLanes.Vectors > 1) c8x1 = TSimd.MultiplyAdd(x, b1, c8x1);
            x = TSimd.Create(a9[0]);
            c9x0 = TSimd.MultiplyAdd(x, b0, c9x0);
            if (TLanes.Vectors > 1) c9x1 = TSimd.MultiplyAdd(x, b1, c9x1);
            x = TSimd.Create(a9[aRow]);
            c10x0 = TSimd.MultiplyAdd(x, b0, c10x0);
            if (TLanes.Vectors > 1) c10x1 = TSimd.MultiplyAdd(x, b1, c10x1);
            x = TSimd.Create(a9[2 * aRow]);
            c11x0 = TSimd.MultiplyAdd(x, b0, c11x0);
            if (TLanes.Vectors > 1) c11x1 = TSimd.MultiplyAdd(x, b1, c11x1);
            a += aStep;
            a3 += aStep;
            a6 += aStep;
            a9 += aStep;
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
    private static void Block6(int depth, float* a, nint aRow, nint aStep, float* b, float* c, float* alpha)
    {
        int lanes = TSimd.Lanes;
        int width = Width;
        float* a3 = a + (3 * aRow);
        TVector c0x0 = TSimd.Zero, c0x1 = TSimd.Zero, c0x2 = TSimd.Zero, c0x3 = TSimd.Zero;
        TVector c1x0 = TSimd.Zero, c1x1 = TSimd.Zero, c1x2 = TSimd.Zero, c1x3 = TSimd.Zero;
        TVector c2x0 = TSimd.Zero, c2x1 = TSimd.Zero, c2x2 = TSimd.Zero, c2x3 = TSimd.Zero;
        TVector c3x0 = TSimd.Zero, c3x1 = TSimd.Zero, c3x2 = TSimd.Zero, c3x3 = TSimd.Zero;
        TVector c4x0 = TSimd.Zero, c4x1 = TSimd.Zero, c4x2 = TSimd.Zero, c4x3 = TSimd.Zero;
        TVector c5x0 = TSimd.Zero, c5x1 = TSimd.Zero, c5x2 = TSimd.Zero, c5x3 = TSimd.Zero;
        for (int k = 0; k < depth; k++)
        {
            TVector b0 = TSimd.Load(b);
            TVector b1 = TLanes.Vectors > 1 ? TSimd.Load(b + lanes) : b0;
            TVector b2 = TLanes.Vectors > 2 ? TSimd.Load(b + (2 * lanes)) : b0;
            TVector b3 = TLanes.Vectors > 2 ? TSimd.Load(b + (3 * lanes)) : b0;
            TVector x = TSimd.Create(a[0]);
            c0x0 = TSimd.MultiplyAdd(x, b0, c0x0);
            if (TLanes.Vectors > 1) c0x1 = TSimd.MultiplyAdd(x, b1, c0x1);
            if (TLanes.Vectors > 2) c0x2 = TSimd.MultiplyAdd(x, b2, c0x2);
            if (TLanes.Vectors > 2) c0x3 = TSimd.MultiplyAdd(x, b3, c0x3);
            x = TSimd.Create(a[aRow]);
            c1x0 = TSimd.MultiplyAdd(x, b0, c1x0);
            if (TLanes.Vectors > 1) c1x1 = TSimd.MultiplyAdd(x, b1, c1x1);
            if (TLanes.Vectors > 2) c1x2 = TSimd.MultiplyAdd(x, b2, c1x2);
            if (TLanes.Vectors > 2) c1x3 = TSimd.MultiplyAdd(x, b3, c1x3);
            x = TSimd.Create(a[2 * aRow]);
            c2x0 = TSimd.MultiplyAdd(x, b0, c2x0);
            if (TLanes.Vectors > 1) c2x1 = TSimd.MultiplyAdd(x, b1, c2x1);
            if (TLanes.Vectors > 2) c2x2 = TSimd.MultiplyAdd(x, b2, c2x2);
            if (TLanes.Vectors > 2) c2x3 = TSimd.MultiplyAdd(x, b3, c2x3);
            x = TSimd.Create(a3[0]);
            c3x0 = TSimd.MultiplyAdd(x, b0, c3x0);
            if (TLanes.Vectors > 1) c3x1 = TSimd.MultiplyAdd(x, b1, c3x1);
            if (TLanes.Vectors > 2) c3x2 = TSimd.MultiplyAdd(x, b2, c3x2);
            if (TLanes.Vectors > 2) c3x3 = TSimd.MultiplyAdd(x, b3, c3x3);
            x = TSimd.Create(a3[aRow]);
            c4x0 = TSimd.MultiplyAdd(x, b0, c4x0);
            if (TLanes.Vectors > 1) c4x1 = TSimd.MultiplyAdd(x, b1, c4x1);
            if (TLanes.Vectors > 2) c4x2 = TSimd.MultiplyAdd(x, b2, c4x2);
            if (TLanes.Vectors > 2) c4x3 = TSimd.MultiplyAdd(x, b3, c4x3);
            x = TSimd.Create(a3[2 * aRow]);
            c5x0 = TSimd.MultiplyAdd(x, b0, c5x0);
            if (TLanes.Vectors > 1) c5x1 = TSimd.MultiplyAdd(x, b1, c5x1);
            if (TLanes.Vectors > 2) c5x2 = TSimd.MultiplyAdd(x, b2, c5x2);
            if (TLanes.Vectors > 2) c5x3 = TSimd.MultiplyAdd(x, b3, c5x3);
            a += aStep;
            a3 += aStep;
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
    private static void Block4(int depth, float* a, nint aRow, nint aStep, float* b, float* c, float* alpha)
    {
        int lanes = TSimd.Lanes;
        int width = Width;
        float* a3 = a + (3 * aRow);
        TVector c0x0 = TSimd.Zero, c0x1 = TSimd.Zero, c0x2 = TSimd.Zero, c0x3 = TSimd.Zero;
        TVector c1x0 = TSimd.Zero, c1x1 = TSimd.Zero, c1x2 = TSimd.Zero, c1x3 = TSimd.Zero;
        TVector c2x0 = TSimd.Zero, c2x1 = TSimd.Zero, c2x2 = TSimd.Zero, c2x3 = TSimd.Zero;
        TVector c3x0 = TSimd.Zero, c3x1 = TSimd.Zero, c3x2 = TSimd.Zero, c3x3 = TSimd.Zero;
        for (int k = 0; k < depth; k++)
        {
            TVector b0 = TSimd.Load(b);
            TVector b1 = TLanes.Vectors > 1 ? TSimd.Load(b + lanes) : b0;
            TVector b2 = TLanes.Vectors > 2 ? TSimd.Load(b + (2 * lanes)) : b0;
            TVector b3 = TLanes.Vectors > 2 ? TSimd.Load(b + (3 * lanes)) : b0;
            TVector x = TSimd.Create(a[0]);
            c0x0 = TSimd.MultiplyAdd(x, b0, c0x0);
            if (TLanes.Vectors > 1) c0x1 = TSimd.MultiplyAdd(x, b1, c0x1);
            if (TLanes.Vectors > 2) c0x2 = TSimd.MultiplyAdd(x, b2, c0x2);
            if (TLanes.Vectors > 2) c0x3 = TSimd.MultiplyAdd(x, b3, c0x3);
            x = TSimd.Create(a[aRow]);
            c1x0 = TSimd.MultiplyAdd(x, b0, c1x0);
            if (TLanes.Vectors > 1) c1x1 = TSimd.MultiplyAdd(x, b1, c1x1);
            if (TLanes.Vectors > 2) c1x2 = TSimd.MultiplyAdd(x, b2, c1x2);
            if (TLanes.Vectors > 2) c1x3 = TSimd.MultiplyAdd(x, b3, c1x3);
            x = TSimd.Create(a[2 * aRow]);
            c2x0 = TSimd.MultiplyAdd(x, b0, c2x0);
            if (TLanes.Vectors > 1) c2x1 = TSimd.MultiplyAdd(x, b1, c2x1);
            if (TLanes.Vectors > 2) c2x2 = TSimd.MultiplyAdd(x, b2, c2x2);
            if (TLanes.Vectors > 2) c2x3 = TSimd.MultiplyAdd(x, b3, c2x3);
            x = TSimd.Create(a3[0]);
            c3x0 = TSimd.MultiplyAdd(x, b0, c3x0);
            if (TLanes.Vectors > 1) c3x1 = TSimd.MultiplyAdd(x, b1, c3x1);
            if (TLanes.Vectors > 2) c3x2 = TSimd.MultiplyAdd(x, b2, c3x2);
            if (TLanes.Vectors > 2) c3x3 = TSimd.MultiplyAdd(x, b3, c3x3);
            a += aStep;
            a3 += aStep;
            b += width;
        }

        Finish(c, alpha, c0x0, c0x1, c0x2, c0x3);
        Finish(c + width, alpha, c1x0, c1x1, c1x2, c1x3);
        Finish(c + (2 * width), alpha, c2x0, c2x1, c2x2, c2x3);
        Finish(c + (3 * width), alpha, c3x0, c3x1, c3x2, c3x3);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block2(int depth, float* a, nint aRow, nint aStep, float* b, float* c, float* alpha)
    {
        int lanes = TSimd.Lanes;
        int width = Width;
        TVector c0x0 = TSimd.Zero, c0x1 = TSimd.Zero, c0x2 = TSimd.Zero, c0x3 = TSimd.Zero;
        TVector c1x0 = TSimd.Zero, c1x1 = TSimd.Zero, c1x2 = TSimd.Zero, c1x3 = TSimd.Zero;
        for (int k = 0; k < depth; k++)
        {
            TVector b0 = TSimd.Load(b);
            TVector b1 = TLanes.Vectors > 1 ? TSimd.Load(b + lanes) : b0;
            TVector b2 = TLanes.Vectors > 2 ? TSimd.Load(b + (2 * lanes)) : b0;
            TVector b3 = TLanes.Vectors > 2 ? TSimd.Load(b + (3 * lanes)) : b0;
            TVector x = TSimd.Create(a[0]);
            c0x0 = TSimd.MultiplyAdd(x, b0, c0x0);
            if (TLanes.Vectors > 1) c0x1 = TSimd.MultiplyAdd(x, b1, c0x1);
            if (TLanes.Vectors > 2) c0x2 = TSimd.MultiplyAdd(x, b2, c0x2);
            if (TLanes.Vectors > 2) c0x3 = TSimd.MultiplyAdd(x, b3, c0x3);
            x = TSimd.Create(a[aRow]);
            c1x0 = TSimd.MultiplyAdd(x, b0, c1x0);
            if (TLanes.Vectors > 1) c1x1 = TSimd.MultiplyAdd(x, b1, c1x1);
            if (TLanes.Vectors > 2) c1x2 = TSimd.MultiplyAdd(x, b2, c1x2);
            if (TLanes.Vectors > 2) c1x3 = TSimd.MultiplyAdd(x, b3, c1x3);
            a += aStep;
            b += width;
        }

        Finish(c, alpha, c0x0, c0x1, c0x2, c0x3);
        Finish(c + width, alpha, c1x0, c1x1, c1x2, c1x3);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block1(int depth, float* a, nint aRow, nint aStep, float* b, float* c, float* alpha)
    {
        int lanes = TSimd.Lanes;
        int width = Width;
        TVector c0x0 = TSimd.Zero, c0x1 = TSimd.Zero, c0x2 = TSimd.Zero, c0x3 = TSimd.Zero;
        for (int k = 0; k < depth; k++)
        {
            TVector b0 = TSimd.Load(b);
            TVector b1 = TLanes.Vectors > 1 ? TSimd.Load(b + lanes) : b0;
            TVector b2 = TLanes.Vectors > 2 ? TSimd.Load(b + (2 * lanes)) : b0;
            TVector b3 = TLanes.Vectors > 2 ? TSimd.Load(b + (3 * lanes)) : b0;
            TVector x = TSimd.Create(a[0]);
            c0x0 = TSimd.MultiplyAdd(x, b0, c0x0);
            if (TLanes.Vectors > 1) c0x1 = TSimd.MultiplyAdd(x, b1, c0x1);
            if (TLanes.Vectors > 2) c0x2 = TSimd.MultiplyAdd(x, b2, c0x2);
            if (TLanes.Vectors > 2) c0x3 = TSimd.MultiplyAdd(x, b3, c0x3);
            a += aStep;
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
            if (TLanes.Vectors > 1) c1 = TSimd.MultiplyAdd(TSimd.Load(c + lanes), TSimd.Load(alpha + lanes), c1);
            if (TLanes.Vectors > 2) c2 = TSimd.MultiplyAdd(TSimd.Load(c + (2 * lanes)), TSimd.Load(alpha + (2 * lanes)), c2);
            if (TLanes.Vectors > 2) c3 = TSimd.MultiplyAdd(TSimd.Load(c + (3 * lanes)), TSimd.Load(alpha + (3 * lanes)), c3);
        }

        TSimd.Store(c0, c);
        if (TLanes.Vectors > 1) TSimd.Store(c1, c + lanes);
        if (TLanes.Vectors > 2) TSimd.Store(c2, c + (2 * lanes));
        if (TLanes.Vectors > 2) TSimd.Store(c3, c + (3 * lanes));
    }
}
