using System.Runtime.CompilerServices;
using KernelSuite.Operations.Simd;

namespace KernelSuite.Operations.Decode.Cpu;

/// <summary>
/// Weighted sums of cached value rows for the query rows that share them. Each pair of vectors is widened once for a block of 1, 2 or 4 query rows.
/// </summary>
internal static unsafe partial class ValueSums<TSimd, TVector, TRows>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
    where TRows : struct, ICacheRows<TSimd, TVector>
{
    /// <summary>sums[q] = alpha[q] * sums[q] + sum over j of weights[q, j] * rows[j].</summary>
    /// <param name="rows">Addresses of value rows.</param>
    /// <param name="factors">Group factors.</param>
    /// <param name="stride">Group factors of a row.</param>
    /// <param name="count">Rows.</param>
    /// <param name="width">Elements, a multiple of two vectors.</param>
    /// <param name="weights">Rows of <see cref="DecodeTile.Slots"/> floats.</param>
    /// <param name="queryRows">1, 2 or 4.</param>
    /// <param name="alpha">A factor for each query row.</param>
    /// <param name="sums">Rows of <paramref name="width"/> floats.</param>
    /// <param name="ahead">What to ask memory for meanwhile.</param>
    public static void Accumulate(byte** rows, float* factors, int stride, int count, int width, float* weights, int queryRows, float* alpha,
        float* sums, RowsAhead ahead)
    {
        int d = 0;
        for (; d + (4 * TSimd.Lanes) <= width; d += 4 * TSimd.Lanes)
        {
            if (queryRows == 4) Sum4x4(rows, factors, stride, count, width, d, weights, alpha, sums + d, d == 0 ? ahead : default);
            else if (queryRows == 2) Sum2x4(rows, factors, stride, count, width, d, weights, alpha, sums + d, d == 0 ? ahead : default);
            else Sum1x4(rows, factors, stride, count, width, d, weights, alpha, sums + d, d == 0 ? ahead : default);
        }

        if (d == width) return;
        if (queryRows == 4) Sum4x2(rows, factors, stride, count, width, d, weights, alpha, sums + d, d == 0 ? ahead : default);
        else if (queryRows == 2) Sum2x2(rows, factors, stride, count, width, d, weights, alpha, sums + d, d == 0 ? ahead : default);
        else Sum1x2(rows, factors, stride, count, width, d, weights, alpha, sums + d, d == 0 ? ahead : default);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sum1x4(byte** rows, float* factors, int stride, int count, int width, int d, float* weights, float* alpha, float* sums,
        RowsAhead ahead)
    {
        int lanes = TSimd.Lanes;
        TVector f0 = TSimd.Create(alpha[0]);
        TVector s00 = TSimd.Multiply(f0, TSimd.Load(sums));
        TVector s01 = TSimd.Multiply(f0, TSimd.Load(sums + lanes));
        TVector s02 = TSimd.Multiply(f0, TSimd.Load(sums + (2 * lanes)));
        TVector s03 = TSimd.Multiply(f0, TSimd.Load(sums + (3 * lanes)));
        for (int j = 0; j < count; j++, factors += stride)
        {
            ahead.Fetch(j);
            byte* row = rows[j];
            TRows.Load(row, factors, d, out TVector v0, out TVector v1);
            TRows.Load(row, factors, d + (2 * lanes), out TVector v2, out TVector v3);
            TVector w = TSimd.Create(weights[j]);
            s00 = TSimd.MultiplyAdd(w, v0, s00);
            s01 = TSimd.MultiplyAdd(w, v1, s01);
            s02 = TSimd.MultiplyAdd(w, v2, s02);
            s03 = TSimd.MultiplyAdd(w, v3, s03);
        }

        TSimd.Store(s00, sums);
        TSimd.Store(s01, sums + lanes);
        TSimd.Store(s02, sums + (2 * lanes));
        TSimd.Store(s03, sums + (3 * lanes));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sum1x2(byte** rows, float* factors, int stride, int count, int width, int d, float* weights, float* alpha, float* sums,
        RowsAhead ahead)
    {
        int lanes = TSimd.Lanes;
        TVector f0 = TSimd.Create(alpha[0]);
        TVector s00 = TSimd.Multiply(f0, TSimd.Load(sums));
        TVector s01 = TSimd.Multiply(f0, TSimd.Load(sums + lanes));
        for (int j = 0; j < count; j++, factors += stride)
        {
            ahead.Fetch(j);
            byte* row = rows[j];
            TRows.Load(row, factors, d, out TVector v0, out TVector v1);
            TVector w = TSimd.Create(weights[j]);
            s00 = TSimd.MultiplyAdd(w, v0, s00);
            s01 = TSimd.MultiplyAdd(w, v1, s01);
        }

        TSimd.Store(s00, sums);
        TSimd.Store(s01, sums + lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sum2x4(byte** rows, float* factors, int stride, int count, int width, int d, float* weights, float* alpha, float* sums,
        RowsAhead ahead)
    {
        int lanes = TSimd.Lanes;
        float* t1 = sums + (1 * width);
        TVector f0 = TSimd.Create(alpha[0]);
        TVector s00 = TSimd.Multiply(f0, TSimd.Load(sums));
        TVector s01 = TSimd.Multiply(f0, TSimd.Load(sums + lanes));
        TVector s02 = TSimd.Multiply(f0, TSimd.Load(sums + (2 * lanes)));
        TVector s03 = TSimd.Multiply(f0, TSimd.Load(sums + (3 * lanes)));
        TVector f1 = TSimd.Create(alpha[1]);
        TVector s10 = TSimd.Multiply(f1, TSimd.Load(t1));
        TVector s11 = TSimd.Multiply(f1, TSimd.Load(t1 + lanes));
        TVector s12 = TSimd.Multiply(f1, TSimd.Load(t1 + (2 * lanes)));
        TVector s13 = TSimd.Multiply(f1, TSimd.Load(t1 + (3 * lanes)));
        for (int j = 0; j < count; j++, factors += stride)
        {
            ahead.Fetch(j);
            byte* row = rows[j];
            TRows.Load(row, factors, d, out TVector v0, out TVector v1);
            TRows.Load(row, factors, d + (2 * lanes), out TVector v2, out TVector v3);
            TVector w = TSimd.Create(weights[j]);
            s00 = TSimd.MultiplyAdd(w, v0, s00);
            s01 = TSimd.MultiplyAdd(w, v1, s01);
            s02 = TSimd.MultiplyAdd(w, v2, s02);
            s03 = TSimd.MultiplyAdd(w, v3, s03);
            w = TSimd.Create(weights[DecodeTile.Slots + j]);
            s10 = TSimd.MultiplyAdd(w, v0, s10);
            s11 = TSimd.MultiplyAdd(w, v1, s11);
            s12 = TSimd.MultiplyAdd(w, v2, s12);
            s13 = TSimd.MultiplyAdd(w, v3, s13);
        }

        TSimd.Store(s00, sums);
        TSimd.Store(s01, sums + lanes);
        TSimd.Store(s02, sums + (2 * lanes));
        TSimd.Store(s03, sums + (3 * lanes));
        TSimd.Store(s10, t1);
        TSimd.Store(s11, t1 + lanes);
        TSimd.Store(s12, t1 + (2 * lanes));
        TSimd.Store(s13, t1 + (3 * lanes));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sum2x2(byte** rows, float* factors, int stride, int count, int width, int d, float* weights, float* alpha, float* sums,
        RowsAhead ahead)
    {
        int lanes = TSimd.Lanes;
        float* t1 = sums + (1 * width);
        TVector f0 = TSimd.Create(alpha[0]);
        TVector s00 = TSimd.Multiply(f0, TSimd.Load(sums));
        TVector s01 = TSimd.Multiply(f0, TSimd.Load(sums + lanes));
        TVector f1 = TSimd.Create(alpha[1]);
        TVector s10 = TSimd.Multiply(f1, TSimd.Load(t1));
        TVector s11 = TSimd.Multiply(f1, TSimd.Load(t1 + lanes));
        for (int j = 0; j < count; j++, factors += stride)
        {
            ahead.Fetch(j);
            byte* row = rows[j];
            TRows.Load(row, factors, d, out TVector v0, out TVector v1);
            TVector w = TSimd.Create(weights[j]);
            s00 = TSimd.MultiplyAdd(w, v0, s00);
            s01 = TSimd.MultiplyAdd(w, v1, s01);
            w = TSimd.Create(weights[DecodeTile.Slots + j]);
            s10 = TSimd.MultiplyAdd(w, v0, s10);
            s11 = TSimd.MultiplyAdd(w, v1, s11);
        }

        TSimd.Store(s00, sums);
        TSimd.Store(s01, sums + lanes);
        TSimd.Store(s10, t1);
        TSimd.Store(s11, t1 + lanes);
    }
}
