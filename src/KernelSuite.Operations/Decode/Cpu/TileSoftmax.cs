using System.Runtime.CompilerServices;
using KernelSuite.Operations.Simd;

namespace KernelSuite.Operations.Decode.Cpu;

/// <summary>From the products of one tile to weights, one query row at a time; slots lie in vector lanes.</summary>
internal static unsafe class TileSoftmax<TSimd, TVector>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    /// <summary>
    /// Applies scales, soft-cap and mask to the products of query row <paramref name="row"/>, hands out logits, raises the running maximum, and
    /// leaves weights (times the values' scales and <paramref name="factor"/>) in their place and the factor of earlier sums in alpha.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Update(in SegmentPass pass, int row, int slot, int count, bool scaled, float factor)
    {
        DecodeScratch w = pass.Scratch;
        float* scores = w.Scores + (row * DecodeTile.Slots);
        float cap = pass.Problem.Options.SoftCap;
        if (scaled)
            for (int j = 0; j < count; j += TSimd.Lanes) TSimd.Store(TSimd.Multiply(TSimd.Load(scores + j), TSimd.Load(w.KScales + j)), scores + j);
        if (cap > 0) SoftCap(scores, count, Math.Abs(pass.Problem.Scale) / cap, cap);

        // Lanes past the last slot, and slots that the row does not see, count as -infinity.
        int visible = pass.VisibleFrom == int.MaxValue ? count : Math.Clamp(pass.VisibleFrom + (row % pass.Problem.Shape.QueryLength) - slot, 0,
            count);
        if (visible < DecodeTile.Slots) new Span<float>(scores + visible, DecodeTile.Slots - visible).Fill(float.NegativeInfinity);
        if (pass.Logits != null) StoreLogits(scores, count, visible, pass.LogitScale, pass.Logits + ((long)row * pass.Problem.TotalSlots) + slot);

        TVector largest = TSimd.Create(pass.Max[row]);
        for (int j = 0; j < count; j += TSimd.Lanes) largest = TSimd.Max(largest, TSimd.Load(scores + j));

        // A NaN may be passed over here: its exponential is NaN all the same.
        float max = TSimd.Largest(largest);
        float from = float.IsNegativeInfinity(max) ? 0 : max;

        // The maximum seldom rises after the first tiles; 2^0 is exactly 1.
        float alpha = max == pass.Max[row] ? 1 : VectorMath.Exp2<SimdScalar, float>((pass.Max[row] - from) * pass.ExponentScale);
        TVector shift = TSimd.Create(from), scale = TSimd.Create(pass.ExponentScale), sum = TSimd.Zero;
        for (int j = 0; j < count; j += TSimd.Lanes)
        {
            TVector weight = VectorMath.Exp2<TSimd, TVector>(TSimd.Multiply(TSimd.Subtract(TSimd.Load(scores + j), shift), scale));
            sum = TSimd.Add(sum, weight);
            if (scaled) weight = TSimd.Multiply(weight, TSimd.Load(w.VScales + j));
            if (factor != 1) weight = TSimd.Multiply(weight, TSimd.Create(factor));
            TSimd.Store(weight, scores + j);
        }

        pass.Max[row] = max;
        pass.Weights[row] = (alpha * pass.Weights[row]) + TSimd.Sum(sum);
        w.Alpha[row] = alpha;
    }

    private static void SoftCap(float* scores, int count, float scale, float cap)
    {
        for (int j = 0; j < count; j += TSimd.Lanes)
        {
            TVector y = TSimd.Multiply(TSimd.Load(scores + j), TSimd.Create(scale));
            TSimd.Store(TSimd.Multiply(VectorMath.Tanh<TSimd, TVector>(y), TSimd.Create(cap)), scores + j);
        }
    }

    private static void StoreLogits(float* scores, int count, int visible, float scale, float* logits)
    {
        for (int j = 0; j < visible; j++) logits[j] = scores[j] * scale;
        new Span<float>(logits + visible, count - visible).Fill(float.NegativeInfinity);
    }
}
