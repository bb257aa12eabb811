using System.Runtime.CompilerServices;
using KernelSuite.Operations.Simd;

namespace KernelSuite.Operations.Decode.Cpu;

/// <summary>
/// Dot products of cached key rows with the query rows that share them. Each row is widened once for a block of 1, 2 or 4 query rows.
/// </summary>
internal static unsafe class KeyProducts<TSimd, TVector, TRows>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
    where TRows : struct, ICacheRows<TSimd, TVector>
{
    /// <summary>Rows that are worked on at once: their sums leave in one store for each query row.</summary>
    public const int Step = 4;

    /// <summary>products[q, j] = queries[q] . rows[j].</summary>
    /// <param name="rows">Addresses of key rows.</param>
    /// <param name="factors">Group factors.</param>
    /// <param name="stride">Group factors of a row.</param>
    /// <param name="count">Rows, a multiple of <see cref="Step"/>.</param>
    /// <param name="width">Elements, a multiple of two vectors.</param>
    /// <param name="queries">Packed query rows, <paramref name="width"/> apart.</param>
    /// <param name="queryRows">1, 2 or 4.</param>
    /// <param name="products">Rows of <see cref="DecodeTile.Slots"/> floats.</param>
    /// <param name="ahead">What to ask memory for meanwhile.</param>
    public static void Multiply(
        byte** rows, float* factors, int stride, int count, int width, float* queries, int queryRows, float* products, RowsAhead ahead)
    {
        for (int j = 0; j < count; j += Step, rows += Step, factors += Step * stride, products += Step)
        {
            for (int i = 0; i < Step; i++) ahead.Fetch(j + i);
            if (queryRows == 4) Multiply4(rows, factors, stride, width, queries, products);
            else if (queryRows == 2) Multiply2(rows, factors, stride, width, queries, products);
            else Multiply1(rows, factors, stride, width, queries, products);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply1(byte** rows, float* factors, int stride, int width, float* queries, float* products)
    {
        byte* row0 = rows[0], row1 = rows[1], row2 = rows[2], row3 = rows[3];
        int lanes = TSimd.Lanes;
        TVector s00 = TSimd.Zero, s01 = TSimd.Zero;
        TVector s10 = TSimd.Zero, s11 = TSimd.Zero;
        TVector s20 = TSimd.Zero, s21 = TSimd.Zero;
        TVector s30 = TSimd.Zero, s31 = TSimd.Zero;
        for (int d = 0; d < width; d += 2 * lanes)
        {
            TVector a0 = TSimd.Load(queries + d), b0 = TSimd.Load(queries + d + lanes);
            TRows.Load(row0, factors, d, out TVector first, out TVector second);
            s00 = TSimd.MultiplyAdd(first, a0, s00);
            s01 = TSimd.MultiplyAdd(second, b0, s01);
            TRows.Load(row1, factors + stride, d, out first, out second);
            s10 = TSimd.MultiplyAdd(first, a0, s10);
            s11 = TSimd.MultiplyAdd(second, b0, s11);
            TRows.Load(row2, factors + (2 * stride), d, out first, out second);
            s20 = TSimd.MultiplyAdd(first, a0, s20);
            s21 = TSimd.MultiplyAdd(second, b0, s21);
            TRows.Load(row3, factors + (3 * stride), d, out first, out second);
            s30 = TSimd.MultiplyAdd(first, a0, s30);
            s31 = TSimd.MultiplyAdd(second, b0, s31);
        }

        TSimd.StoreSums(TSimd.Add(s00, s01), TSimd.Add(s10, s11), TSimd.Add(s20, s21), TSimd.Add(s30, s31), products);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply2(byte** rows, float* factors, int stride, int width, float* queries, float* products)
    {
        byte* row0 = rows[0], row1 = rows[1], row2 = rows[2], row3 = rows[3];
        int lanes = TSimd.Lanes;
        float* q1 = queries + (1 * width);
        TVector s00 = TSimd.Zero, s01 = TSimd.Zero;
        TVector s10 = TSimd.Zero, s11 = TSimd.Zero;
        TVector s20 = TSimd.Zero, s21 = TSimd.Zero;
        TVector s30 = TSimd.Zero, s31 = TSimd.Zero;
        for (int d = 0; d < width; d += 2 * lanes)
        {
            TVector a0 = TSimd.Load(queries + d), b0 = TSimd.Load(queries + d + lanes);
            TVector a1 = TSimd.Load(q1 + d), b1 = TSimd.Load(q1 + d + lanes);
            TRows.Load(row0, factors, d, out TVector first, out TVector second);
            s00 = TSimd.MultiplyAdd(first, a0, s00);
            s01 = TSimd.MultiplyAdd(first, a1, s01);
            s00 = TSimd.MultiplyAdd(second, b0, s00);
            s01 = TSimd.MultiplyAdd(second, b1, s01);
            TRows.Load(row1, factors + stride, d, out first, out second);
            s10 = TSimd.MultiplyAdd(first, a0, s10);
            s11 = TSimd.MultiplyAdd(first, a1, s11);
            s10 = TSimd.MultiplyAdd(second, b0, s10);
            s11 = TSimd.MultiplyAdd(second, b1, s11);
            TRows.Load(row2, factors + (2 * stride), d, out first, out second);
            s20 = TSimd.MultiplyAdd(first, a0, s20);
            s21 = TSimd.MultiplyAdd(first, a1, s21);
            s20 = TSimd.MultiplyAdd(second, b0, s20);
            s21 = TSimd.MultiplyAdd(second, b1, s21);
            TRows.Load(row3, factors + (3 * stride), d, out first, out second);
            s30 = TSimd.MultiplyAdd(first, a0, s30);
            s31 = TSimd.MultiplyAdd(first, a1, s31);
            s30 = TSimd.MultiplyAdd(second, b0, s30);
            s31 = TSimd.MultiplyAdd(second, b1, s31);
        }

        TSimd.StoreSums(s00, s10, s20, s30, products);
        TSimd.StoreSums(s01, s11, s21, s31, products + DecodeTile.Slots);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply4(byte** rows, float* factors, int stride, int width, float* queries, float* products)
    {
        byte* row0 = rows[0], row1 = rows[1], row2 = rows[2], row3 = rows[3];
        int lanes = TSimd.Lanes;
        float* q1 = queries + (1 * width);
        float* q2 = queries + (2 * width);
        float* q3 = queries + (3 * width);
        TVector s00 = TSimd.Zero, s01 = TSimd.Zero, s02 = TSimd.Zero, s03 = TSimd.Zero;
        TVector s10 = TSimd.Zero, s11 = TSimd.Zero, s12 = TSimd.Zero, s13 = TSimd.Zero;
        TVector s20 = TSimd.Zero, s21 = TSimd.Zero, s22 = TSimd.Zero, s23 = TSimd.Zero;
        TVector s30 = TSimd.Zero, s31 = TSimd.Zero, s32 = TSimd.Zero, s33 = TSimd.Zero;
        for (int d = 0; d < width; d += 2 * lanes)
        {
            TVector a0 = TSimd.Load(queries + d), b0 = TSimd.Load(queries + d + lanes);
            TVector a1 = TSimd.Load(q1 + d), b1 = TSimd.Load(q1 + d + lanes);
            TVector a2 = TSimd.Load(q2 + d), b2 = TSimd.Load(q2 + d + lanes);
            TVector a3 = TSimd.Load(q3 + d), b3 = TSimd.Load(q3 + d + lanes);
            TRows.Load(row0, factors, d, out TVector first, out TVector second);
            s00 = TSimd.MultiplyAdd(first, a0, s00);
            s01 = TSimd.MultiplyAdd(first, a1, s01);
            s02 = TSimd.MultiplyAdd(first, a2, s02);
            s03 = TSimd.MultiplyAdd(first, a3, s03);
            s00 = TSimd.MultiplyAdd(second, b0, s00);
            s01 = TSimd.MultiplyAdd(second, b1, s01);
            s02 = TSimd.MultiplyAdd(second, b2, s02);
            s03 = TSimd.MultiplyAdd(second, b3, s03);
            TRows.Load(row1, factors + stride, d, out first, out second);
            s10 = TSimd.MultiplyAdd(first, a0, s10);
            s11 = TSimd.MultiplyAdd(first, a1, s11);
            s12 = TSimd.MultiplyAdd(first, a2, s12);
            s13 = TSimd.MultiplyAdd(first, a3, s13);
            s10 = TSimd.MultiplyAdd(second, b0, s10);
            s11 = TSimd.MultiplyAdd(second, b1, s11);
            s12 = TSimd.MultiplyAdd(second, b2, s12);
            s13 = TSimd.MultiplyAdd(second, b3, s13);
            TRows.Load(row2, factors + (2 * stride), d, out first, out second);
            s20 = TSimd.MultiplyAdd(first, a0, s20);
            s21 = TSimd.MultiplyAdd(first, a1, s21);
            s22 = TSimd.MultiplyAdd(first, a2, s22);
            s23 = TSimd.MultiplyAdd(first, a3, s23);
            s20 = TSimd.MultiplyAdd(second, b0, s20);
            s21 = TSimd.MultiplyAdd(second, b1, s21);
            s22 = TSimd.MultiplyAdd(second, b2, s22);
            s23 = TSimd.MultiplyAdd(second, b3, s23);
            TRows.Load(row3, factors + (3 * stride), d, out first, out second);
            s30 = TSimd.MultiplyAdd(first, a0, s30);
            s31 = TSimd.MultiplyAdd(first, a1, s31);
            s32 = TSimd.MultiplyAdd(first, a2, s32);
            s33 = TSimd.MultiplyAdd(first, a3, s33);
            s30 = TSimd.MultiplyAdd(second, b0, s30);
            s31 = TSimd.MultiplyAdd(second, b1, s31);
            s32 = TSimd.MultiplyAdd(second, b2, s32);
            s33 = TSimd.MultiplyAdd(second, b3, s33);
        }

        TSimd.StoreSums(s00, s10, s20, s30, products);
        TSimd.StoreSums(s01, s11, s21, s31, products + DecodeTile.Slots);
        TSimd.StoreSums(s02, s12, s22, s32, products + (2 * DecodeTile.Slots));
        TSimd.StoreSums(s03, s13, s23, s33, products + (3 * DecodeTile.Slots));
    }
}
