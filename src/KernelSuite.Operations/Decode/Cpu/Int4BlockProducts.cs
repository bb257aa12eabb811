using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KernelSuite.Operations.Decode.Cpu;

/// <summary>
/// <see cref="KeyProducts{TSimd, TVector, TRows}"/> for rows of <see cref="Int4BlockRows"/>. Products of a block are summed without the group
/// factors; those meet the sums of each group when 16 lanes have become 4: one multiplication for four rows and a query row.
/// </summary>
internal static unsafe class Int4BlockProducts
{
    private const int Step = 4;

    /// <inheritdoc cref="KeyProducts{TSimd, TVector, TRows}.Multiply"/>
    public static void Multiply(byte** rows, float* factors, int stride, int count, int width, float* queries, int queryRows, float* products,
        RowsAhead ahead)
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
        Vector512<float> t0 = Vector512<float>.Zero;
        for (int d = 0; d < width; d += Int4BlockRows.BlockCodes, factors += Int4BlockRows.BlockGroups)
        {
            Vector512<uint> x0 = Codes(rows[0], d), x1 = Codes(rows[1], d), x2 = Codes(rows[2], d), x3 = Codes(rows[3], d);
            Vector512<float> s00 = Vector512<float>.Zero;
            Vector512<float> s10 = Vector512<float>.Zero;
            Vector512<float> s20 = Vector512<float>.Zero;
            Vector512<float> s30 = Vector512<float>.Zero;
            float* query = queries + d;
            for (int k = 0; k < Int4BlockRows.BlockCodes; k += Vector512<float>.Count)
            {
                Vector512<float> a0 = Vector512.Load(query + k);
                Vector512<float> v = Int4BlockRows.Floats(x0);
                x0 = Vector512.ShiftRightLogical(x0, 4);
                s00 = Vector512.MultiplyAddEstimate(v, a0, s00);
                v = Int4BlockRows.Floats(x1);
                x1 = Vector512.ShiftRightLogical(x1, 4);
                s10 = Vector512.MultiplyAddEstimate(v, a0, s10);
                v = Int4BlockRows.Floats(x2);
                x2 = Vector512.ShiftRightLogical(x2, 4);
                s20 = Vector512.MultiplyAddEstimate(v, a0, s20);
                v = Int4BlockRows.Floats(x3);
                x3 = Vector512.ShiftRightLogical(x3, 4);
                s30 = Vector512.MultiplyAddEstimate(v, a0, s30);
            }

            Vector512<float> factor = FactorsByLane(factors, stride);
            t0 = Vector512.MultiplyAddEstimate(factor, SumsByLane(s00, s10, s20, s30), t0);
        }

        StoreSums(t0, products);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply2(byte** rows, float* factors, int stride, int width, float* queries, float* products)
    {
        Vector512<float> t0 = Vector512<float>.Zero, t1 = Vector512<float>.Zero;
        for (int d = 0; d < width; d += Int4BlockRows.BlockCodes, factors += Int4BlockRows.BlockGroups)
        {
            Vector512<uint> x0 = Codes(rows[0], d), x1 = Codes(rows[1], d), x2 = Codes(rows[2], d), x3 = Codes(rows[3], d);
            Vector512<float> s00 = Vector512<float>.Zero, s01 = Vector512<float>.Zero;
            Vector512<float> s10 = Vector512<float>.Zero, s11 = Vector512<float>.Zero;
            Vector512<float> s20 = Vector512<float>.Zero, s21 = Vector512<float>.Zero;
            Vector512<float> s30 = Vector512<float>.Zero, s31 = Vector512<float>.Zero;
            float* query = queries + d;
            for (int k = 0; k < Int4BlockRows.BlockCodes; k += Vector512<float>.Count)
            {
                Vector512<float> a0 = Vector512.Load(query + k), a1 = Vector512.Load(query + k + width);
                Vector512<float> v = Int4BlockRows.Floats(x0);
                x0 = Vector512.ShiftRightLogical(x0, 4);
                s00 = Vector512.MultiplyAddEstimate(v, a0, s00);
                s01 = Vector512.MultiplyAddEstimate(v, a1, s01);
                v = Int4BlockRows.Floats(x1);
                x1 = Vector512.ShiftRightLogical(x1, 4);
                s10 = Vector512.MultiplyAddEstimate(v, a0, s10);
                s11 = Vector512.MultiplyAddEstimate(v, a1, s11);
                v = Int4BlockRows.Floats(x2);
                x2 = Vector512.ShiftRightLogical(x2, 4);
                s20 = Vector512.MultiplyAddEstimate(v, a0, s20);
                s21 = Vector512.MultiplyAddEstimate(v, a1, s21);
                v = Int4BlockRows.Floats(x3);
                x3 = Vector512.ShiftRightLogical(x3, 4);
                s30 = Vector512.MultiplyAddEstimate(v, a0, s30);
                s31 = Vector512.MultiplyAddEstimate(v, a1, s31);
            }

            Vector512<float> factor = FactorsByLane(factors, stride);
            t0 = Vector512.MultiplyAddEstimate(factor, SumsByLane(s00, s10, s20, s30), t0);
            t1 = Vector512.MultiplyAddEstimate(factor, SumsByLane(s01, s11, s21, s31), t1);
        }

        StoreSums(t0, products);
        StoreSums(t1, products + DecodeTile.Slots);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply4(byte** rows, float* factors, int stride, int width, float* queries, float* products)
    {
        Vector512<float> t0 = Vector512<float>.Zero, t1 = Vector512<float>.Zero, t2 = Vector512<float>.Zero, t3 = Vector512<float>.Zero;
        for (int d = 0; d < width; d += Int4BlockRows.BlockCodes, factors += Int4BlockRows.BlockGroups)
        {
            Vector512<uint> x0 = Codes(rows[0], d), x1 = Codes(rows[1], d), x2 = Codes(rows[2], d), x3 = Codes(rows[3], d);
            Vector512<float> s00 = Vector512<float>.Zero, s01 = Vector512<float>.Zero, s02 = Vector512<float>.Zero, s03 = Vector512<float>.Zero;
            Vector512<float> s10 = Vector512<float>.Zero, s11 = Vector512<float>.Zero, s12 = Vector512<float>.Zero, s13 = Vector512<float>.Zero;
            Vector512<float> s20 = Vector512<float>.Zero, s21 = Vector512<float>.Zero, s22 = Vector512<float>.Zero, s23 = Vector512<float>.Zero;
            Vector512<float> s30 = Vector512<float>.Zero, s31 = Vector512<float>.Zero, s32 = Vector512<float>.Zero, s33 = Vector512<float>.Zero;
            float* query = queries + d;
            for (int k = 0; k < Int4BlockRows.BlockCodes; k += Vector512<float>.Count)
            {
                Vector512<float> a0 = Vector512.Load(query + k), a1 = Vector512.Load(query + k + width),
                    a2 = Vector512.Load(query + k + (2 * width)), a3 = Vector512.Load(query + k + (3 * width));
                Vector512<float> v = Int4BlockRows.Floats(x0);
                x0 = Vector512.ShiftRightLogical(x0, 4);
                s00 = Vector512.MultiplyAddEstimate(v, a0, s00);
                s01 = Vector512.MultiplyAddEstimate(v, a1, s01);
                s02 = Vector512.MultiplyAddEstimate(v, a2, s02);
                s03 = Vector512.MultiplyAddEstimate(v, a3, s03);
                v = Int4BlockRows.Floats(x1);
                x1 = Vector512.ShiftRightLogical(x1, 4);
                s10 = Vector512.MultiplyAddEstimate(v, a0, s10);
                s11 = Vector512.MultiplyAddEstimate(v, a1, s11);
                s12 = Vector512.MultiplyAddEstimate(v, a2, s12);
                s13 = Vector512.MultiplyAddEstimate(v, a3, s13);
                v = Int4BlockRows.Floats(x2);
                x2 = Vector512.ShiftRightLogical(x2, 4);
                s20 = Vector512.MultiplyAddEstimate(v, a0, s20);
                s21 = Vector512.MultiplyAddEstimate(v, a1, s21);
                s22 = Vector512.MultiplyAddEstimate(v, a2, s22);
                s23 = Vector512.MultiplyAddEstimate(v, a3, s23);
                v = Int4BlockRows.Floats(x3);
                x3 = Vector512.ShiftRightLogical(x3, 4);
                s30 = Vector512.MultiplyAddEstimate(v, a0, s30);
                s31 = Vector512.MultiplyAddEstimate(v, a1, s31);
                s32 = Vector512.MultiplyAddEstimate(v, a2, s32);
                s33 = Vector512.MultiplyAddEstimate(v, a3, s33);
            }

            Vector512<float> factor = FactorsByLane(factors, stride);
            t0 = Vector512.MultiplyAddEstimate(factor, SumsByLane(s00, s10, s20, s30), t0);
            t1 = Vector512.MultiplyAddEstimate(factor, SumsByLane(s01, s11, s21, s31), t1);
            t2 = Vector512.MultiplyAddEstimate(factor, SumsByLane(s02, s12, s22, s32), t2);
            t3 = Vector512.MultiplyAddEstimate(factor, SumsByLane(s03, s13, s23, s33), t3);
        }

        StoreSums(t0, products);
        StoreSums(t1, products + DecodeTile.Slots);
        StoreSums(t2, products + (2 * DecodeTile.Slots));
        StoreSums(t3, products + (3 * DecodeTile.Slots));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Codes(byte* row, int d) => Vector512.Load((uint*)(row + (d / 2)));

    /// <summary>Factors of four rows: lanes 4g to 4g + 3 hold those of group g.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> FactorsByLane(float* factors, int stride)
    {
        Vector256<float> low = Vector256.Create(Vector128.Load(factors), Vector128.Load(factors + stride));
        Vector256<float> high = Vector256.Create(Vector128.Load(factors + (2 * stride)), Vector128.Load(factors + (3 * stride)));
        return Avx512F.PermuteVar16x32(Vector512.Create(low, high), Vector512.Create(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15));
    }

    /// <summary>Sums over each 128-bit lane of four vectors, side by side in that lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> SumsByLane(Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d)
    {
        Vector512<float> ab = Avx512F.UnpackLow(a, b) + Avx512F.UnpackHigh(a, b);
        Vector512<float> cd = Avx512F.UnpackLow(c, d) + Avx512F.UnpackHigh(c, d);
        return Avx512F.UnpackLow(ab.AsDouble(), cd.AsDouble()).AsSingle() + Avx512F.UnpackHigh(ab.AsDouble(), cd.AsDouble()).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreSums(Vector512<float> value, float* target)
    {
        Vector256<float> half = value.GetLower() + value.GetUpper();
        (half.GetLower() + half.GetUpper()).Store(target);
    }
}
