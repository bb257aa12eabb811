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

    /// <summary>
    /// Logit = LogitScale * score; weights are 2^(ExponentScale * (score - maximum)). Scores are soft-capped logits where there is a soft-cap.
    /// </summary>
    public float LogitScale, ExponentScale;
}

/// <summary>Online softmax over the slots of one segment: tile by tile scores, maximum, weights, sums.</summary>
internal static unsafe class SegmentKernel<TSimd, TVector, TRows>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
    where TRows : struct, ICacheRows<TSimd, TVector>
{
    /// <summary>Takes slots from to to - 1 into a part.</summary>
    /// <param name="pass">The part.</param>
    /// <param name="tiles">Where the rows are.</param>
    /// <param name="from">First slot.</param>
    /// <param name="to">The slot after the last.</param>
    /// <param name="scaled">Whether rows have scales.</param>
    public static void Run(in SegmentPass pass, in SegmentTiles tiles, int from, int to, bool scaled)
    {
        DecodeTile t = pass.Tile;
        DecodeScratch w = pass.Scratch;
        DecodeShape s = pass.Problem.Shape;

        // Many query rows: widening a row once and reading it back is cheaper than widening it for every block of them.
        bool stage = t.PaddedRows > t.BlockRows && !TRows.IsFloat && !tiles.Widens;
        bool stageKeys = stage || (s.HeadDim != t.KeyWidth && !tiles.Widens), stageValues = stage || (s.ValueDim != t.ValueWidth && !tiles.Widens);
        int orderedKeys = tiles.Widens ? t.KeyWidth : s.HeadDim / TRows.Block * TRows.Block;
        int orderedValues = tiles.Widens ? t.ValueWidth : s.ValueDim / TRows.Block * TRows.Block;
        float* queries = w.Queries;
        if (!TRows.IsFloat)
        {
            queries = w.OrderedQueries;
            for (int r = 0; r < t.PaddedRows; r++)
            {
                ElementOrder<TSimd, TVector, TRows>.Pack(w.Queries + (r * t.KeyWidth), queries + (r * t.KeyWidth), orderedKeys, t.KeyWidth,
                    TRows.Factor);
                ReorderSums(pass, r, orderedValues, pack: true);
            }
        }

        for (int slot = from; slot < to; slot += DecodeTile.Slots)
        {
            int count = Math.Min(DecodeTile.Slots, to - slot);
            tiles.Find(slot, count, w);
            int padded = DecodeTile.RoundUp(count, KeyProducts<TSimd, TVector, TRows>.Step);
            for (int j = count; j < padded; j++) w.KRows[j] = w.KRows[count - 1];
            bool load = TRows.CanLoad(w.KRows, count, s.HeadDim);
            if (stageKeys || !load) Stage(w.KRows, w.KFactors, tiles.KeyGroups, count, s.HeadDim, t.KeyWidth, load ? orderedKeys : 0, w);

            tiles.WidenKeys(padded, t.KeyWidth, w);
            int next = Math.Clamp(to - slot - DecodeTile.Slots, 0, DecodeTile.Slots);
            tiles.FindNext(slot + DecodeTile.Slots, next, w.NextKRows);
            Multiply(tiles, t, queries, padded, stageKeys || !load, w, new RowsAhead(w.VRows, count, tiles.ValueBytes));
            for (int r = 0; r < t.Rows; r++) TileSoftmax<TSimd, TVector>.Update(pass, r, slot, count, scaled, TRows.Factor);
            tiles.WidenValues(count, t.ValueWidth, w);
            load = TRows.CanLoad(w.VRows, count, s.ValueDim);
            if (stageValues || !load) Stage(w.VRows, w.VFactors, tiles.ValueGroups, count, s.ValueDim, t.ValueWidth, load ? orderedValues : 0, w);
            Accumulate(tiles, t, pass.Sums, count, stageValues || !load, w, new RowsAhead(w.NextKRows, next, tiles.KeyBytes));
        }

        if (TRows.IsFloat) return;
        for (int r = 0; r < t.PaddedRows; r++) ReorderSums(pass, r, orderedValues, pack: false);
    }

    /// <summary>Scores of a tile, for every block of query rows.</summary>
    private static void Multiply(in SegmentTiles tiles, DecodeTile t, float* queries, int count, bool staged, in DecodeScratch w,
        RowsAhead ahead)
    {
        int width = t.KeyWidth, rows = t.BlockRows, groups = tiles.KeyGroups;
        for (int b = 0; b < t.PaddedRows; b += rows, queries += rows * width)
        {
            float* scores = w.Scores + (b * DecodeTile.Slots);
            if (staged) KeyProducts<TSimd, TVector, FloatRows<TSimd, TVector>>.Multiply(w.StagedRows, null, 0, count, width, queries, rows, scores,
                ahead);
            else if (typeof(TRows) == typeof(Int4BlockRows)) Int4BlockProducts.Multiply(w.KRows, w.KFactors, groups, count, width, queries, rows,
                scores, ahead);
            else KeyProducts<TSimd, TVector, TRows>.Multiply(w.KRows, w.KFactors, groups, count, width, queries, rows, scores, ahead);
            ahead = default;
        }
    }

    /// <summary>Adds a tile's weighted values to the sums, for every block of query rows.</summary>
    private static void Accumulate(in SegmentTiles tiles, DecodeTile t, float* sums, int count, bool staged, in DecodeScratch w,
        RowsAhead ahead)
    {
        int width = t.ValueWidth, rows = t.BlockRows, groups = tiles.ValueGroups;
        for (int b = 0; b < t.PaddedRows; b += rows, sums += rows * width)
        {
            float* weights = w.Scores + (b * DecodeTile.Slots), alpha = w.Alpha + b;
            if (staged) ValueSums<TSimd, TVector, FloatRows<TSimd, TVector>>.Accumulate(w.StagedRows, null, 0, count, width, weights, rows, alpha,
                sums, ahead);
            else if (typeof(TRows) == typeof(Int4BlockRows)) Int4BlockSums.Accumulate(w.VRows, w.VFactors, groups, count, width, weights, rows,
                alpha, sums, ahead);
            else ValueSums<TSimd, TVector, TRows>.Accumulate(w.VRows, w.VFactors, groups, count, width, weights, rows, alpha, sums, ahead);
            ahead = default;
        }
    }

    /// <summary>
    /// Widens rows to floats, divided by the format's factor, in its order, and with zeros up to the padded width. Elements from <paramref
    /// name="loaded"/> on go one by one.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Stage(byte** rows, float* factors, int stride, int count, int width, int padded, int loaded, in DecodeScratch w)
    {
        int ordered = width / TRows.Block * TRows.Block;
        for (int j = 0; j < DecodeTile.RoundUp(count, KeyProducts<TSimd, TVector, TRows>.Step); j++)
        {
            byte* row = rows[Math.Min(j, count - 1)];
            float* factor = factors + (Math.Min(j, count - 1) * stride);
            float* target = w.Staged + (j * padded);
            w.StagedRows[j] = (byte*)target;
            for (int d = 0; d < loaded; d += 2 * TSimd.Lanes)
            {
                TRows.Load(row, factor, d, out TVector first, out TVector second);
                TSimd.Store(first, target + d);
                TSimd.Store(second, target + d + TSimd.Lanes);
            }

            for (int d = loaded; d < width; d++) target[d] = TRows.LoadOne(row, factor, d < ordered ? ElementOrder<TSimd, TVector, TRows>.At(d) : d);
            for (int d = width; d < padded; d++) target[d] = 0;
        }
    }

    /// <summary>Makes the sums so far of a query row match the format's order, or match rows in order again.</summary>
    private static void ReorderSums(in SegmentPass pass, int row, int ordered, bool pack)
    {
        int width = pass.Tile.ValueWidth;
        float* sums = pass.Sums + ((long)row * width), other = pass.Scratch.Row;
        if (pack) ElementOrder<TSimd, TVector, TRows>.Pack(sums, other, ordered, width, 1);
        else ElementOrder<TSimd, TVector, TRows>.Unpack(sums, other, ordered, width);
        new ReadOnlySpan<float>(other, width).CopyTo(new Span<float>(sums, width));
    }
}
