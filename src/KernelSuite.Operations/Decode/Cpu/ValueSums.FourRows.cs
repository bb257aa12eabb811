using System.Runtime.CompilerServices;

namespace KernelSuite.Operations.Decode.Cpu;

/// <content>Blocks of four query rows.</content>
internal static unsafe partial class ValueSums<TSimd, TVector, TRows>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sum4x4(byte** rows, float* factors, int stride, int count, int width, int d, float* weights, float* alpha, float* sums,
        RowsAhead ahead)
    {
        int lanes = TSimd.Lanes;
        float* t1 = sums + (1 * width);
        float* t2 = sums + (2 * width);
        float* t3 = sums + (3 * width);
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
        TVector f2 = TSimd.Create(alpha[2]);
        TVector s20 = TSimd.Multiply(f2, TSimd.Load(t2));
        TVector s21 = TSimd.Multiply(f2, TSimd.Load(t2 + lanes));
        TVector s22 = TSimd.Multiply(f2, TSimd.Load(t2 + (2 * lanes)));
        TVector s23 = TSimd.Multiply(f2, TSimd.Load(t2 + (3 * lanes)));
        TVector f3 = TSimd.Create(alpha[3]);
        TVector s30 = TSimd.Multiply(f3, TSimd.Load(t3));
        TVector s31 = TSimd.Multiply(f3, TSimd.Load(t3 + lanes));
        TVector s32 = TSimd.Multiply(f3, TSimd.Load(t3 + (2 * lanes)));
        TVector s33 = TSimd.Multiply(f3, TSimd.Load(t3 + (3 * lanes)));
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
            w = TSimd.Create(weights[(2 * DecodeTile.Slots) + j]);
            s20 = TSimd.MultiplyAdd(w, v0, s20);
            s21 = TSimd.MultiplyAdd(w, v1, s21);
            s22 = TSimd.MultiplyAdd(w, v2, s22);
            s23 = TSimd.MultiplyAdd(w, v3, s23);
            w = TSimd.Create(weights[(3 * DecodeTile.Slots) + j]);
            s30 = TSimd.MultiplyAdd(w, v0, s30);
            s31 = TSimd.MultiplyAdd(w, v1, s31);
            s32 = TSimd.MultiplyAdd(w, v2, s32);
            s33 = TSimd.MultiplyAdd(w, v3, s33);
        }

        TSimd.Store(s00, sums);
        TSimd.Store(s01, sums + lanes);
        TSimd.Store(s02, sums + (2 * lanes));
        TSimd.Store(s03, sums + (3 * lanes));
        TSimd.Store(s10, t1);
        TSimd.Store(s11, t1 + lanes);
        TSimd.Store(s12, t1 + (2 * lanes));
        TSimd.Store(s13, t1 + (3 * lanes));
        TSimd.Store(s20, t2);
        TSimd.Store(s21, t2 + lanes);
        TSimd.Store(s22, t2 + (2 * lanes));
        TSimd.Store(s23, t2 + (3 * lanes));
        TSimd.Store(s30, t3);
        TSimd.Store(s31, t3 + lanes);
        TSimd.Store(s32, t3 + (2 * lanes));
        TSimd.Store(s33, t3 + (3 * lanes));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sum4x2(byte** rows, float* factors, int stride, int count, int width, int d, float* weights, float* alpha, float* sums,
        RowsAhead ahead)
    {
        int lanes = TSimd.Lanes;
        float* t1 = sums + (1 * width);
        float* t2 = sums + (2 * width);
        float* t3 = sums + (3 * width);
        TVector f0 = TSimd.Create(alpha[0]);
        TVector s00 = TSimd.Multiply(f0, TSimd.Load(sums));
        TVector s01 = TSimd.Multiply(f0, TSimd.Load(sums + lanes));
        TVector f1 = TSimd.Create(alpha[1]);
        TVector s10 = TSimd.Multiply(f1, TSimd.Load(t1));
        TVector s11 = TSimd.Multiply(f1, TSimd.Load(t1 + lanes));
        TVector f2 = TSimd.Create(alpha[2]);
        TVector s20 = TSimd.Multiply(f2, TSimd.Load(t2));
        TVector s21 = TSimd.Multiply(f2, TSimd.Load(t2 + lanes));
        TVector f3 = TSimd.Create(alpha[3]);
        TVector s30 = TSimd.Multiply(f3, TSimd.Load(t3));
        TVector s31 = TSimd.Multiply(f3, TSimd.Load(t3 + lanes));
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
            w = TSimd.Create(weights[(2 * DecodeTile.Slots) + j]);
            s20 = TSimd.MultiplyAdd(w, v0, s20);
            s21 = TSimd.MultiplyAdd(w, v1, s21);
            w = TSimd.Create(weights[(3 * DecodeTile.Slots) + j]);
            s30 = TSimd.MultiplyAdd(w, v0, s30);
            s31 = TSimd.MultiplyAdd(w, v1, s31);
        }

        TSimd.Store(s00, sums);
        TSimd.Store(s01, sums + lanes);
        TSimd.Store(s10, t1);
        TSimd.Store(s11, t1 + lanes);
        TSimd.Store(s20, t2);
        TSimd.Store(s21, t2 + lanes);
        TSimd.Store(s30, t3);
        TSimd.Store(s31, t3 + lanes);
    }
}
