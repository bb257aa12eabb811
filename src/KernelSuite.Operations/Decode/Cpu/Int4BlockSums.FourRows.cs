using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KernelSuite.Operations.Decode.Cpu;

/// <content>Half a block for four query rows.</content>
internal static unsafe partial class Int4BlockSums
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sum4(
        byte** rows, int bytes, float* factors, int stride, int count, int width, uint shift, float* weights, float* alpha, float* sums,
        RowsAhead ahead)
    {
        float* to1 = sums + (1 * width);
        float* to2 = sums + (2 * width);
        float* to3 = sums + (3 * width);
        Vector512<float> f0 = Vector512.Create(alpha[0]);
        Vector512<float> s00 = f0 * Vector512.Load(sums);
        Vector512<float> s01 = f0 * Vector512.Load(sums + 16);
        Vector512<float> s02 = f0 * Vector512.Load(sums + 32);
        Vector512<float> s03 = f0 * Vector512.Load(sums + 48);
        Vector512<float> f1 = Vector512.Create(alpha[1]);
        Vector512<float> s10 = f1 * Vector512.Load(to1);
        Vector512<float> s11 = f1 * Vector512.Load(to1 + 16);
        Vector512<float> s12 = f1 * Vector512.Load(to1 + 32);
        Vector512<float> s13 = f1 * Vector512.Load(to1 + 48);
        Vector512<float> f2 = Vector512.Create(alpha[2]);
        Vector512<float> s20 = f2 * Vector512.Load(to2);
        Vector512<float> s21 = f2 * Vector512.Load(to2 + 16);
        Vector512<float> s22 = f2 * Vector512.Load(to2 + 32);
        Vector512<float> s23 = f2 * Vector512.Load(to2 + 48);
        Vector512<float> f3 = Vector512.Create(alpha[3]);
        Vector512<float> s30 = f3 * Vector512.Load(to3);
        Vector512<float> s31 = f3 * Vector512.Load(to3 + 16);
        Vector512<float> s32 = f3 * Vector512.Load(to3 + 32);
        Vector512<float> s33 = f3 * Vector512.Load(to3 + 48);
        Vector512<uint> first = Vector512.Create(shift);
        for (int j = 0; j < count; j++, factors += stride)
        {
            ahead.Fetch(j);
            Vector512<uint> x = Avx512F.ShiftRightLogicalVariable(Vector512.Load((uint*)(rows[j] + bytes)), first);
            Vector512<float> factor = Int4BlockRows.GroupFactors(factors);
            Vector512<float> v0 = Int4BlockRows.Floats(x);
            Vector512<float> v1 = Int4BlockRows.Floats(Vector512.ShiftRightLogical(x, 4));
            Vector512<float> v2 = Int4BlockRows.Floats(Vector512.ShiftRightLogical(x, 8));
            Vector512<float> v3 = Int4BlockRows.Floats(Vector512.ShiftRightLogical(x, 12));
            Vector512<float> w = factor * Vector512.Create(weights[j]);
            s00 = Vector512.MultiplyAddEstimate(w, v0, s00);
            s01 = Vector512.MultiplyAddEstimate(w, v1, s01);
            s02 = Vector512.MultiplyAddEstimate(w, v2, s02);
            s03 = Vector512.MultiplyAddEstimate(w, v3, s03);
            w = factor * Vector512.Create(weights[DecodeTile.Slots + j]);
            s10 = Vector512.MultiplyAddEstimate(w, v0, s10);
            s11 = Vector512.MultiplyAddEstimate(w, v1, s11);
            s12 = Vector512.MultiplyAddEstimate(w, v2, s12);
            s13 = Vector512.MultiplyAddEstimate(w, v3, s13);
            w = factor * Vector512.Create(weights[(2 * DecodeTile.Slots) + j]);
            s20 = Vector512.MultiplyAddEstimate(w, v0, s20);
            s21 = Vector512.MultiplyAddEstimate(w, v1, s21);
            s22 = Vector512.MultiplyAddEstimate(w, v2, s22);
            s23 = Vector512.MultiplyAddEstimate(w, v3, s23);
            w = factor * Vector512.Create(weights[(3 * DecodeTile.Slots) + j]);
            s30 = Vector512.MultiplyAddEstimate(w, v0, s30);
            s31 = Vector512.MultiplyAddEstimate(w, v1, s31);
            s32 = Vector512.MultiplyAddEstimate(w, v2, s32);
            s33 = Vector512.MultiplyAddEstimate(w, v3, s33);
        }

        s00.Store(sums);
        s01.Store(sums + 16);
        s02.Store(sums + 32);
        s03.Store(sums + 48);
        s10.Store(to1);
        s11.Store(to1 + 16);
        s12.Store(to1 + 32);
        s13.Store(to1 + 48);
        s20.Store(to2);
        s21.Store(to2 + 16);
        s22.Store(to2 + 32);
        s23.Store(to2 + 48);
        s30.Store(to3);
        s31.Store(to3 + 16);
        s32.Store(to3 + 32);
        s33.Store(to3 + 48);
    }
}
