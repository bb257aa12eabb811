namespace KernelSuite.KvCache;

/// <summary>Decides, from the scores of all rows of a head, which stay in full, which are quantised and which go.</summary>
internal static class HeadScores
{
    /// <summary>What becomes of a head's rows: slots, ascending.</summary>
    public readonly record struct Verdict(int[] Keep, int[] Demote, int[] KeepQuantised);

    /// <summary>Rows of a head in order of position.</summary>
    /// <param name="Positions">Ascending.</param>
    /// <param name="Slots">Slot in its list.</param>
    /// <param name="IsQuantised">Which list.</param>
    public readonly record struct Sequence(int[] Positions, int[] Slots, bool[] IsQuantised);

    /// <summary>Puts both lists of a head into one order.</summary>
    public static Sequence InOrder(RowList originals, RowList? quantised)
    {
        int first = originals.Count;
        int count = first + (quantised?.Count ?? 0);
        var positions = new int[count];
        var slots = new int[count];
        for (int i = 0; i < count; i++)
        {
            slots[i] = i;
            positions[i] = i < first ? originals.Position(i) : quantised!.Position(i - first);
        }

        Array.Sort(positions, slots);
        var isQuantised = new bool[count];
        for (int i = 0; i < count; i++)
        {
            isQuantised[i] = slots[i] >= first;
            if (isQuantised[i]) slots[i] -= first;
        }

        return new Sequence(positions, slots, isQuantised);
    }

    /// <summary>Judges a head.</summary>
    /// <param name="layout">Sizes.</param>
    /// <param name="pages">Pages that the head may have afterwards.</param>
    /// <param name="sequence">The rows.</param>
    /// <param name="scores">A score for each, in the same order.</param>
    /// <param name="end">Position after the newest token.</param>
    public static Verdict Judge(CacheLayout layout, int pages, Sequence sequence, ReadOnlySpan<float> scores, int end)
    {
        PageGeometry g = layout.Geometry;
        int count = sequence.Positions.Length;
        int windowStart = end - SegmentTargets.Window(layout.Rules, g, pages);
        var originals = new List<int>();
        var candidates = new List<int>();
        var keep = new List<int>();
        for (int i = 0; i < count; i++)
        {
            bool isProtected = sequence.Positions[i] < layout.Rules.Sinks || sequence.Positions[i] >= windowStart;
            if (isProtected && !sequence.IsQuantised[i])
            {
                keep.Add(i);
                continue;
            }

            candidates.Add(i);
            if (!sequence.IsQuantised[i]) originals.Add(i);
        }

        int protectedTokens = keep.Count;
        SegmentTargets targets = SegmentTargets.Choose(layout.Rules, g, pages, protectedTokens, candidates.Count);
        int[] best = TokenRanking.Top(Take(scores, originals), targets.Originals);
        foreach (int i in best) keep.Add(originals[i]);
        keep.Sort();

        // Where fewer rows are left in full than there is room for, their pages hold quantised rows.
        int room = targets.Quantised;
        if (g.Format is not null && best.Length < targets.Originals)
        {
            int held = keep.Count + (SegmentTargets.GrowthPages(pages) * g.OriginalSlots);
            int left = pages - ((held + g.OriginalSlots - 1) / g.OriginalSlots);
            room = Math.Max(room, left * g.QuantisedSlots);
        }

        var stays = new bool[count];
        foreach (int i in keep) stays[i] = true;
        List<int> rest = [.. candidates.Where(i => !stays[i])];
        var demote = new List<int>();
        var keepQuantised = new List<int>();
        foreach (int i in TokenRanking.Top(Take(scores, rest), room)) (sequence.IsQuantised[rest[i]] ? keepQuantised : demote).Add(sequence.Slots[rest[i]]);
        keepQuantised.Sort();
        return new Verdict([.. keep.Select(i => sequence.Slots[i])], [.. demote], [.. keepQuantised]);
    }

    private static float[] Take(ReadOnlySpan<float> scores, List<int> indices)
    {
        var taken = new float[indices.Count];
        for (int i = 0; i < taken.Length; i++) taken[i] = scores[indices[i]];
        return taken;
    }
}
