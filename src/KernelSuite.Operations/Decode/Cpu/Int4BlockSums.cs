using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace KernelSuite.Operations.Decode.Cpu;

/// <summary>
/// <see cref="ValueSums{TSimd, TVector, TRows}"/> for rows of <see cref="Int4BlockRows"/>: weights are multiplied by a row's group factors, one
/// vector for the whole block. 16 sums stay in registers: a block of one or two query rows, half a block of four.
/// </summary>
internal static unsafe partial class Int4BlockSums
{
    /// <inheritdoc cref="ValueSums{TSimd, TVector, TRows}.Accumulate"/>
    public static void Accumulate(byte** rows, float* factors, int stride, int count, int width, float* weights, int queryRows, float* alpha,
        float* sums, RowsAhead ahead)
    {
        const int Half = Int4BlockRows.BlockCodes / 2;
        for (int d = 0; d < width; d += Int4BlockRows.BlockCodes, factors += Int4BlockRows.BlockGroups, sums += Int4BlockRows.BlockCodes)
        {
            int bytes = d / 2;
            if (queryRows == 4)
            {
                Sum4(rows, bytes, factors, stride, count, width, 0, weights, alpha, sums, ahead);
                Sum4(rows, bytes, factors, stride, count, width, 16, weights, alpha, sums + Half, default);
            }
            else if (queryRows == 2)
            {
                Sum2(rows, bytes, factors, stride, count, width, weights, alpha, sums, ahead);
            }
            else
            {
                Sum1(rows, bytes, factors, stride, count, width, weights, alpha, sums, ahead);
            }

            ahead = default;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sum1(
        byte** rows, int bytes, float* factors, int stride, int count, int width, float* weights, float* alpha, float* sums,
        RowsAhead ahead)
    {
        Vector512<float> f0 = Vector512.Create(alpha[0]);
        Vector512<float> s00 = f0 * Vector512.Load(sums);
        Vector512<float> s01 = f0 * Vector512.Load(sums + 16);
        Vector512<float> s02 = f0 * Vector512.Load(sums + 32);
        Vector512<float> s03 = f0 * Vector512.Load(sums + 48);
        Vector512<float> s04 = f0 * Vector512.Load(sums + 64);
        Vector512<float> s05 = f0 * Vector512.Load(sums + 80);
        Vector512<float> s06 = f0 * Vector512.Load(sums + 96);
        Vector512<float> s07 = f0 * Vector512.Load(sums + 112);
        for (int j = 0; j < count; j++, factors += stride)
        {
            ahead.Fetch(j);
            Vector512<uint> x = Vector512.Load((uint*)(rows[j] + bytes));
            Vector512<float> factor = Int4BlockRows.GroupFactors(factors);
            Vector512<float> w0 = factor * Vector512.Create(weights[j]);
            Vector512<float> v = Int4BlockRows.Floats(x);
            s00 = Vector512.MultiplyAddEstimate(w0, v, s00);
            v = Int4BlockRows.Floats(Vector512.ShiftRightLogical(x, 4));
            s01 = Vector512.MultiplyAddEstimate(w0, v, s01);
            v = Int4BlockRows.Floats(Vector512.ShiftRightLogical(x, 8));
            s02 = Vector512.MultiplyAddEstimate(w0, v, s02);
            v = Int4BlockRows.Floats(Vector512.ShiftRightLogical(x, 12));
            s03 = Vector512.MultiplyAddEstimate(w0, v, s03);
            v = Int4BlockRows.Floats(Vector512.ShiftRightLogical(x, 16));
            s04 = Vector512.MultiplyAddEstimate(w0, v, s04);
            v = Int4BlockRows.Floats(Vector512.ShiftRightLogical(x, 20));
            s05 = Vector512.MultiplyAddEstimate(w0, v, s05);
            v = Int4BlockRows.Floats(Vector512.ShiftRightLogical(x, 24));
            s06 = Vector512.MultiplyAddEstimate(w0, v, s06);
            v = Int4BlockRows.Floats(Vector512.ShiftRightLogical(x, 28));
            s07 = Vector512.MultiplyAddEstimate(w0, v, s07);
        }

        s00.Store(sums);
        s01.Store(sums + 16);
        s02.Store(sums + 32);
        s03.Store(sums + 48);
        s04.Store(sums + 64);
        s05.Store(sums + 80);
        s06.Store(sums + 96);
        s07.Store(sums + 112);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sum2(
        byte** rows, int bytes, float* factors, int stride, int count, int width, float* weights, float* alpha, float* sums,
        RowsAhead ahead)
    {
        float* to1 = sums + (1 * width);
        Vector512<float> f0 = Vector512.Create(alpha[0]);
        Vector512<float> s00 = f0 * Vector512.Load(sums);
        Vector512<float> s01 = f0 * Vector512.Load(sums + 16);
        Vector512<float> s02 = f0 * Vector512.Load(sums + 32);
        Vector512<float> s03 = f0 * Vector512.Load(sums + 48);
        Vector512<float> s04 = f0 * Vector512.Load(sums + 64);
        Vector512<float> s05 = f0 * Vector512.Load(sums + 80);
        Vector512<float> s06 = f0 * Vector512.Load(sums + 96);
        Vector512<float> s07 = f0 * Vector512.Load(sums + 112);
        Vector512<float> f1 = Vector512.Create(alpha[1]);
        Vector512<float> s10 = f1 * Vector512.Load(to1);
        Vector512<float> s11 = f1 * Vector512.Load(to1 + 16);
        Vector512<float> s12 = f1 * Vector512.Load(to1 + 32);
        Vector512<float> s13 = f1 * Vector512.Load(to1 + 48);
        Vector512<float> s14 = f1 * Vector512.Load(to1 + 64);
        Vector512<float> s15 = f1 * Vector512.Load(to1 + 80);
        Vector512<float> s16 = f1 * Vector512.Load(to1 + 96);
        Vector512<float> s17 = f1 * Vector512.Load(to1 + 112);
        for (int j = 0; j < count; j++, factors += stride)
        {
            ahead.Fetch(j);
            Vector512<uint> x = Vector512.Load((uint*)(rows[j] + bytes));
            Vector512<float> factor = Int4BlockRows.GroupFactors(factors);
            Vector512<float> w0 = factor * Vector512.Create(weights[j]);
            Vector512<float> w1 = factor * Vector512.Create(weights[DecodeTile.Slots + j]);
            Vector512<float> v = Int4BlockRows.Floats(x);
            s00 = Vector512.MultiplyAddEstimate(w0, v, s00);
            s10 = Vector512.MultiplyAddEstimate(w1, v, s10);
            v = Int4BlockRows.Floats(Vector512.ShiftRightLogical(x, 4));
            s01 = Vector512.MultiplyAddEstimate(w0, v, s01);
            s11 = Vector512.MultiplyAddEstimate(w1, v, s11);
            v = Int4BlockRows.Floats(Vector512.ShiftRightLogical(x, 8));
            s02 = Vector512.MultiplyAddEstimate(w0, v, s02);
            s12 = Vector512.MultiplyAddEstimate(w1, v, s12);
            v = Int4BlockRows.Floats(Vector512.ShiftRightLogical(x, 12));
            s03 = Vector512.MultiplyAddEstimate(w0, v, s03);
            s13 = Vector512.MultiplyAddEstimate(w1, v, s13);
            v = Int4BlockRows.Floats(Vector512.ShiftRightLogical(x, 16));
            s04 = Vector512.MultiplyAddEstimate(w0, v, s04);
            s14 = Vector512.MultiplyAddEstimate(w1, v, s14);
            v = Int4BlockRows.Floats(Vector512.ShiftRightLogical(x, 20));
            s05 = Vector512.MultiplyAddEstimate(w0, v, s05);
            s15 = Vector512.MultiplyAddEstimate(w1, v, s15);
            v = Int4BlockRows.Floats(Vector512.ShiftRightLogical(x, 24));
            s06 = Vector512.MultiplyAddEstimate(w0, v, s06);
            s16 = Vector512.MultiplyAddEstimate(w1, v, s16);
            v = Int4BlockRows.Floats(Vector512.ShiftRightLogical(x, 28));
            s07 = Vector512.MultiplyAddEstimate(w0, v, s07);
            s17 = Vector512.MultiplyAddEstimate(w1, v, s17);
        }

        s00.Store(sums);
        s01.Store(sums + 16);
        s02.Store(sums + 32);
        s03.Store(sums + 48);
        s04.Store(sums + 64);
        s05.Store(sums + 80);
        s06.Store(sums + 96);
        s07.Store(sums + 112);
        s10.Store(to1);
        s11.Store(to1 + 16);
        s12.Store(to1 + 32);
        s13.Store(to1 + 48);
        s14.Store(to1 + 64);
        s15.Store(to1 + 80);
        s16.Store(to1 + 96);
        s17.Store(to1 + 112);
    }
}
