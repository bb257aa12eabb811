using System.Runtime.CompilerServices;
using KernelSuite.Operations.Simd;

namespace KernelSuite.Operations.Decode.Cpu;

/// <summary>What a run over the tiles of a segment needs to know besides the tiles.</summary>
internal unsafe ref struct SegmentPass
{
    public DecodeProblem Problem;
    public DecodeTile Tile;
    public DecodeScratch Scratch;

    /// <summary>The part's sums, maxima and sums of weights.</summary>
    public float* Sums, Max, Weights;

    /// <summary>Where the logits of this segment's slot 0 go, for query row 0; null where they are not wanted.</summary>
    public float* Logits;

    /// <summary>Query row r does not see slots from VisibleFrom + r % Nq on; int.MaxValue for the quantised segment.</summary>
    public int VisibleFrom;

    /// <summary>Logit = LogitScale * score; weights are 2^(ExponentScale * (score - maximum)). Scores are soft-capped logits where there is a soft-cap.</summary>
    public float LogitScale, ExponentScale;
}

/// <summary>Online softmax over the slots of one segment: tile by tile scores, maximum, weights, sums.</summary>
internal static unsafe class SegmentKernel<TSimd, TVector, TRows>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
    where TRows : struct, ICacheRows<TSimd, TVector>
{
    /// <summary>Takes slots from to to - 1 into a part.</summary>
    public static void Run(in SegmentPass pass, in SegmentTiles tiles, int from, int to, bool scaled)
    {
        DecodeTile t = pass.Tile;
        DecodeScratch w = pass.Scratch;
        DecodeShape s = pass.Problem.Shape;
        int blocks = t.PaddedRows / t.BlockRows;

        // Many query rows: widening a row once and reading it back is cheaper than widening it for every block of them.
        bool stage = blocks > 1 && !TRows.IsFloat;
        bool stageKeys = stage || s.HeadDim != t.KeyWidth, stageValues = stage || s.ValueDim != t.ValueWidth;
        float* queries = TRows.EvenOdd ? w.EvenOddQueries : w.Queries;
        if (TRows.EvenOdd) Reorder(pass, toEvenOdd: true);
        for (int slot = from; slot < to; slot += DecodeTile.Slots)
        {
            int count = Math.Min(DecodeTile.Slots, to - slot);
            tiles.Find(slot, count, w);
            int padded = DecodeTile.RoundUp(count, KeyProducts<TSimd, TVector, TRows>.Step);
            for (int j = count; j < padded; j++) w.KRows[j] = w.KRows[count - 1];
            if (stageKeys) Stage(w.KRows, w.KFactors, tiles.KeyGroups, count, s.HeadDim, t.KeyWidth, w);
            for (int b = 0; b < t.PaddedRows; b += t.BlockRows)
            {
                float* scores = w.Scores + (b * DecodeTile.Slots);
                if (stageKeys) KeyProducts<TSimd, TVector, FloatRows<TSimd, TVector>>.Multiply(w.StagedRows, null, 0, padded, t.KeyWidth, queries + (b * t.KeyWidth), t.BlockRows, scores);
                else KeyProducts<TSimd, TVector, TRows>.Multiply(w.KRows, w.KFactors, tiles.KeyGroups, padded, t.KeyWidth, queries + (b * t.KeyWidth), t.BlockRows, scores);
            }

            for (int r = 0; r < t.Rows; r++) TileSoftmax<TSimd, TVector>.Update(pass, r, slot, count, scaled);
            if (stageValues) Stage(w.VRows, w.VFactors, tiles.ValueGroups, count, s.ValueDim, t.ValueWidth, w);
            for (int b = 0; b < t.PaddedRows; b += t.BlockRows)
            {
                float* weights = w.Scores + (b * DecodeTile.Slots), sums = pass.Sums + ((long)b * t.ValueWidth);
                if (stageValues) ValueSums<TSimd, TVector, FloatRows<TSimd, TVector>>.Accumulate(w.StagedRows, null, 0, count, t.ValueWidth, weights, t.BlockRows, w.Alpha + b, sums);
                else ValueSums<TSimd, TVector, TRows>.Accumulate(w.VRows, w.VFactors, tiles.ValueGroups, count, t.ValueWidth, weights, t.BlockRows, w.Alpha + b, sums);
            }
        }

        if (TRows.EvenOdd) Reorder(pass, toEvenOdd: false);
    }

    /// <summary>Widens rows to floats, without the scale, and with zeros up to the padded width.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Stage(byte** rows, float* factors, int stride, int count, int width, int padded, in DecodeScratch w)
    {
        int pair = 2 * TSimd.Lanes, full = width / pair * pair;
        float unscale = 1 / TRows.Factor;
        for (int j = 0; j < DecodeTile.RoundUp(count, KeyProducts<TSimd, TVector, TRows>.Step); j++)
        {
            byte* row = rows[Math.Min(j, count - 1)];
            float* factor = factors + (Math.Min(j, count - 1) * stride);
            float* target = w.Staged + (j * padded);
            w.StagedRows[j] = (byte*)target;
            for (int d = 0; d < full; d += pair)
            {
                TRows.Load(row, factor, d, out TVector first, out TVector second);
                TSimd.Store(first, target + d);
                TSimd.Store(second, target + d + TSimd.Lanes);
            }

            for (int d = full; d < width; d++) target[d] = TRows.LoadOne(row, factor, d) * unscale;
            for (int d = width; d < padded; d++) target[d] = 0;
        }
    }

    /// <summary>
    /// Makes the queries and the sums so far match rows that are widened to even and odd elements, or the sums match plain rows again. Whole pairs of vectors of a row are
    /// reordered; elements after the last whole pair are staged one by one and stay where they are.
    /// </summary>
    private static void Reorder(in SegmentPass pass, bool toEvenOdd)
    {
        DecodeTile t = pass.Tile;
        DecodeScratch w = pass.Scratch;
        int pair = 2 * TSimd.Lanes;
        int keyPairs = pass.Problem.Shape.HeadDim / pair, valuePairs = pass.Problem.Shape.ValueDim / pair;
        for (int r = 0; r < t.PaddedRows; r++)
        {
            if (toEvenOdd) Reorder(w.Queries + (r * t.KeyWidth), w.EvenOddQueries + (r * t.KeyWidth), t.KeyWidth, keyPairs, true);
            float* sums = pass.Sums + ((long)r * t.ValueWidth);
            Reorder(sums, w.Row, t.ValueWidth, valuePairs, toEvenOdd);
            new ReadOnlySpan<float>(w.Row, t.ValueWidth).CopyTo(new Span<float>(sums, t.ValueWidth));
        }
    }

    private static void Reorder(float* source, float* target, int width, int pairs, bool toEvenOdd)
    {
        int lanes = TSimd.Lanes;
        for (int p = 0; p < pairs; p++, source += 2 * lanes, target += 2 * lanes)
        {
            for (int i = 0; i < lanes; i++)
            {
                if (toEvenOdd) (target[i], target[lanes + i]) = (source[2 * i], source[(2 * i) + 1]);
                else (target[2 * i], target[(2 * i) + 1]) = (source[i], source[lanes + i]);
            }
        }

        int rest = width - (pairs * 2 * lanes);
        new ReadOnlySpan<float>(source, rest).CopyTo(new Span<float>(target, rest));
    }
}
