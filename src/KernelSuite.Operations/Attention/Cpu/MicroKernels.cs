using System.Runtime.CompilerServices;

namespace KernelSuite.Operations.Attention.Cpu;

/// <summary>How many vectors of queries a tile is wide, as a constant that the JIT folds.</summary>
internal interface ILaneShape
{
    /// <summary>1, 2 or 4.</summary>
    static abstract int Vectors { get; }
}

/// <summary>One vector.</summary>
internal readonly struct Lanes1 : ILaneShape
{
    public static int Vectors => 1;
}

/// <summary>Two vectors.</summary>
internal readonly struct Lanes2 : ILaneShape
{
    public static int Vectors => 2;
}

/// <summary>Four vectors.</summary>
internal readonly struct Lanes4 : ILaneShape
{
    public static int Vectors => 4;
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

    /// <summary>All rows, in blocks of six, then two, then one.</summary>
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
        for (; r + 6 <= rows; r += 6) Block6(depth, a + (r * aRow), aRow, aStep, b, c + (r * Width), alpha);
        for (; r + 2 <= rows; r += 2) Block2(depth, a + (r * aRow), aRow, aStep, b, c + (r * Width), alpha);
        if (r < rows) Block1(depth, a + (r * aRow), aStep, b, c + (r * Width), alpha);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block6(int depth, float* a, nint aRow, nint aStep, float* b, float* c, float* alpha)
    {
        int lanes = TSimd.Lanes;
        int width = Width;
        float* a3 = a + (3 * aRow);
        TVector c00 = TSimd.Zero, c01 = TSimd.Zero, c02 = TSimd.Zero, c03 = TSimd.Zero;
        TVector c10 = TSimd.Zero, c11 = TSimd.Zero, c12 = TSimd.Zero, c13 = TSimd.Zero;
        TVector c20 = TSimd.Zero, c21 = TSimd.Zero, c22 = TSimd.Zero, c23 = TSimd.Zero;
        TVector c30 = TSimd.Zero, c31 = TSimd.Zero, c32 = TSimd.Zero, c33 = TSimd.Zero;
        TVector c40 = TSimd.Zero, c41 = TSimd.Zero, c42 = TSimd.Zero, c43 = TSimd.Zero;
        TVector c50 = TSimd.Zero, c51 = TSimd.Zero, c52 = TSimd.Zero, c53 = TSimd.Zero;
        for (int k = 0; k < depth; k++)
        {
            TVector b0 = TSimd.Load(b);
            TVector b1 = TLanes.Vectors > 1 ? TSimd.Load(b + lanes) : b0;
            TVector b2 = TLanes.Vectors > 2 ? TSimd.Load(b + (2 * lanes)) : b0;
            TVector b3 = TLanes.Vectors > 2 ? TSimd.Load(b + (3 * lanes)) : b0;
            TVector x = TSimd.Create(a[0]);
            c00 = TSimd.MultiplyAdd(x, b0, c00);
            if (TLanes.Vectors > 1) c01 = TSimd.MultiplyAdd(x, b1, c01);
            if (TLanes.Vectors > 2) c02 = TSimd.MultiplyAdd(x, b2, c02);
            if (TLanes.Vectors > 2) c03 = TSimd.MultiplyAdd(x, b3, c03);
            x = TSimd.Create(a[aRow]);
            c10 = TSimd.MultiplyAdd(x, b0, c10);
            if (TLanes.Vectors > 1) c11 = TSimd.MultiplyAdd(x, b1, c11);
            if (TLanes.Vectors > 2) c12 = TSimd.MultiplyAdd(x, b2, c12);
            if (TLanes.Vectors > 2) c13 = TSimd.MultiplyAdd(x, b3, c13);
            x = TSimd.Create(a[2 * aRow]);
            c20 = TSimd.MultiplyAdd(x, b0, c20);
            if (TLanes.Vectors > 1) c21 = TSimd.MultiplyAdd(x, b1, c21);
            if (TLanes.Vectors > 2) c22 = TSimd.MultiplyAdd(x, b2, c22);
            if (TLanes.Vectors > 2) c23 = TSimd.MultiplyAdd(x, b3, c23);
            x = TSimd.Create(a3[0]);
            c30 = TSimd.MultiplyAdd(x, b0, c30);
            if (TLanes.Vectors > 1) c31 = TSimd.MultiplyAdd(x, b1, c31);
            if (TLanes.Vectors > 2) c32 = TSimd.MultiplyAdd(x, b2, c32);
            if (TLanes.Vectors > 2) c33 = TSimd.MultiplyAdd(x, b3, c33);
            x = TSimd.Create(a3[aRow]);
            c40 = TSimd.MultiplyAdd(x, b0, c40);
            if (TLanes.Vectors > 1) c41 = TSimd.MultiplyAdd(x, b1, c41);
            if (TLanes.Vectors > 2) c42 = TSimd.MultiplyAdd(x, b2, c42);
            if (TLanes.Vectors > 2) c43 = TSimd.MultiplyAdd(x, b3, c43);
            x = TSimd.Create(a3[2 * aRow]);
            c50 = TSimd.MultiplyAdd(x, b0, c50);
            if (TLanes.Vectors > 1) c51 = TSimd.MultiplyAdd(x, b1, c51);
            if (TLanes.Vectors > 2) c52 = TSimd.MultiplyAdd(x, b2, c52);
            if (TLanes.Vectors > 2) c53 = TSimd.MultiplyAdd(x, b3, c53);
            a += aStep;
            a3 += aStep;
            b += width;
        }

        Finish(c, alpha, c00, c01, c02, c03);
        Finish(c + (1 * width), alpha, c10, c11, c12, c13);
        Finish(c + (2 * width), alpha, c20, c21, c22, c23);
        Finish(c + (3 * width), alpha, c30, c31, c32, c33);
        Finish(c + (4 * width), alpha, c40, c41, c42, c43);
        Finish(c + (5 * width), alpha, c50, c51, c52, c53);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block2(int depth, float* a, nint aRow, nint aStep, float* b, float* c, float* alpha)
    {
        int lanes = TSimd.Lanes;
        int width = Width;
        TVector c00 = TSimd.Zero, c01 = TSimd.Zero, c02 = TSimd.Zero, c03 = TSimd.Zero;
        TVector c10 = TSimd.Zero, c11 = TSimd.Zero, c12 = TSimd.Zero, c13 = TSimd.Zero;
        for (int k = 0; k < depth; k++)
        {
            TVector b0 = TSimd.Load(b);
            TVector b1 = TLanes.Vectors > 1 ? TSimd.Load(b + lanes) : b0;
            TVector b2 = TLanes.Vectors > 2 ? TSimd.Load(b + (2 * lanes)) : b0;
            TVector b3 = TLanes.Vectors > 2 ? TSimd.Load(b + (3 * lanes)) : b0;
            TVector x = TSimd.Create(a[0]);
            c00 = TSimd.MultiplyAdd(x, b0, c00);
            if (TLanes.Vectors > 1) c01 = TSimd.MultiplyAdd(x, b1, c01);
            if (TLanes.Vectors > 2) c02 = TSimd.MultiplyAdd(x, b2, c02);
            if (TLanes.Vectors > 2) c03 = TSimd.MultiplyAdd(x, b3, c03);
            x = TSimd.Create(a[aRow]);
            c10 = TSimd.MultiplyAdd(x, b0, c10);
            if (TLanes.Vectors > 1) c11 = TSimd.MultiplyAdd(x, b1, c11);
            if (TLanes.Vectors > 2) c12 = TSimd.MultiplyAdd(x, b2, c12);
            if (TLanes.Vectors > 2) c13 = TSimd.MultiplyAdd(x, b3, c13);
            a += aStep;
            b += width;
        }

        Finish(c, alpha, c00, c01, c02, c03);
        Finish(c + (1 * width), alpha, c10, c11, c12, c13);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block1(int depth, float* a, nint aStep, float* b, float* c, float* alpha)
    {
        int lanes = TSimd.Lanes;
        int width = Width;
        TVector c00 = TSimd.Zero, c01 = TSimd.Zero, c02 = TSimd.Zero, c03 = TSimd.Zero;
        for (int k = 0; k < depth; k++)
        {
            TVector b0 = TSimd.Load(b);
            TVector b1 = TLanes.Vectors > 1 ? TSimd.Load(b + lanes) : b0;
            TVector b2 = TLanes.Vectors > 2 ? TSimd.Load(b + (2 * lanes)) : b0;
            TVector b3 = TLanes.Vectors > 2 ? TSimd.Load(b + (3 * lanes)) : b0;
            TVector x = TSimd.Create(a[0]);
            c00 = TSimd.MultiplyAdd(x, b0, c00);
            if (TLanes.Vectors > 1) c01 = TSimd.MultiplyAdd(x, b1, c01);
            if (TLanes.Vectors > 2) c02 = TSimd.MultiplyAdd(x, b2, c02);
            if (TLanes.Vectors > 2) c03 = TSimd.MultiplyAdd(x, b3, c03);
            a += aStep;
            b += width;
        }

        Finish(c, alpha, c00, c01, c02, c03);
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
