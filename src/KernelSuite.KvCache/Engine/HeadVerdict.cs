using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace KernelSuite.KvCache;

/// <summary>Decides, from the scores of all rows of a head, which stay in full, which are quantised and which go.</summary>
internal static class HeadVerdict
{
    /// <summary>
    /// Judges a head whose rows and scores the tables hold; linear in their number. A purge is rare, so what it runs is compiled at once and not by
    /// and by.
    /// </summary>
    /// <param name="layout">Sizes.</param>
    /// <param name="pages">Pages that the head may have afterwards.</param>
    /// <param name="tables">Rows in order of position and their rank; <see cref="VerdictTables.Ranked"/> is used up.</param>
    /// <param name="originals">Rows with a lower number are in full, the others quantised.</param>
    /// <param name="end">Position after the newest token.</param>
    /// <param name="fates">By number of the row; written.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Judge(CacheLayout layout, int pages, VerdictTables tables, int originals, int end, Span<RowFate> fates)
    {
        PageGeometry g = layout.Geometry;
        ReadOnlySpan<ulong> rows = tables.Entries;
        Span<uint> keys = MemoryMarshal.Cast<float, uint>(tables.Ranked), picked = tables.Picked;
        TokenRanking.Order(tables.Ranked, keys);
        fates[..rows.Length].Clear();

        // Sinks and window stay; of the other originals the best.
        int sinks = layout.Rules.Sinks, windowStart = end - SegmentTargets.Window(layout.Rules, g, pages);
        int held = 0, candidates = 0;
        for (int i = 0; i < rows.Length; i++)
        {
            int row = (int)(uint)rows[i], position = (int)(rows[i] >> 32);
            if (row >= originals) continue;
            if (position < sinks || position >= windowStart)
            {
                fates[row] = RowFate.Keep;
                held++;
            }
            else
            {
                picked[candidates++] = keys[i];
            }
        }

        SegmentTargets targets = SegmentTargets.Choose(layout.Rules, g, pages, held, rows.Length - held);
        int best = Math.Min(targets.Originals, candidates);
        ScoreCut cut = ScoreCut.Of(picked[..candidates], best);
        int others = 0;
        for (int i = 0; i < rows.Length; i++)
        {
            int row = (int)(uint)rows[i];
            if (row < originals && fates[row] == RowFate.Evict && cut.Takes(keys[i])) fates[row] = RowFate.Keep;
            if (fates[row] == RowFate.Evict) picked[others++] = keys[i];
        }

        // Where fewer rows are left in full than there is room for, their pages hold quantised rows.
        int room = targets.Quantised;
        if (g.Format is not null && best < targets.Originals)
        {
            int full = held + best + (SegmentTargets.GrowthPages(pages) * g.OriginalSlots);
            int left = pages - ((full + g.OriginalSlots - 1) / g.OriginalSlots);
            room = Math.Max(room, left * g.QuantisedSlots);
        }

        cut = ScoreCut.Of(picked[..others], Math.Clamp(room, 0, others));
        for (int i = 0; i < rows.Length; i++)
        {
            int row = (int)(uint)rows[i];
            if (fates[row] == RowFate.Evict && cut.Takes(keys[i])) fates[row] = row < originals ? RowFate.Demote : RowFate.Keep;
        }
    }
}
