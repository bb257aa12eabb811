namespace KernelSuite.KvCache;

/// <summary>What a purge leaves of the tokens that are neither sinks nor in the window.</summary>
/// <param name="Originals">Of highest score, in full.</param>
/// <param name="Quantised">Of the next highest, quantised.</param>
internal readonly record struct SegmentTargets(int Originals, int Quantised)
{
    /// <summary>
    /// Pages of originals that a purge frees for the tokens to come. More makes purges rarer and the cache emptier. In short caches every row counts: at an eighth of the bytes of 400 tokens, 8 idle rows
    /// a head cost 7 points of digit recall on the suite's small model. So one page there, and a thirty-second of the pages where there are many.
    /// </summary>
    public static int GrowthPages(int pages) => Math.Max(1, pages / 32);

    /// <summary>Fewest pages with which a head can work: sinks, window, a page to grow into, and one of quantised rows.</summary>
    public static int LeastPages(KvRules rules, PageGeometry geometry)
    {
        if (rules.Decode == DecodeScore.Never) return 1;
        int held = rules.Sinks + (rules.WindowShare > 0 ? 1 : rules.Window);
        return Ceiling(held, geometry.OriginalSlots) + 1 + (geometry.Format is null ? 0 : 1);
    }

    /// <summary>Newest tokens that are protected where a head has <paramref name="pages"/> pages.</summary>
    public static int Window(KvRules rules, PageGeometry geometry, int pages) =>
        rules.WindowShare > 0 ? Math.Max(1, (int)(rules.WindowShare * (pages - GrowthPages(pages)) * geometry.OriginalSlots)) : rules.Window;

    /// <summary>
    /// Divides a head's pages. Where everything fits in full, nothing is touched. Where everything fits with some of it quantised, nothing is evicted and as much as
    /// possible is in full. Otherwise <see cref="KvRules.OriginalShare"/> of the bytes holds originals and the rest quantised rows. More pages never
    /// give fewer originals nor fewer tokens, so that trimming step by step ends where trimming at once does.
    /// </summary>
    /// <param name="rules">The policy.</param>
    /// <param name="geometry">The pages.</param>
    /// <param name="pages">Pages of the head.</param>
    /// <param name="protectedTokens">Sinks and window.</param>
    /// <param name="candidates">All other tokens held.</param>
    public static SegmentTargets Choose(KvRules rules, PageGeometry geometry, int pages, int protectedTokens, int candidates)
    {
        int slots = geometry.OriginalSlots;
        if ((long)protectedTokens + candidates < (long)pages * slots) return new SegmentTargets(candidates, 0);
        int reserved = protectedTokens + (GrowthPages(pages) * slots);
        int leastPages = Math.Min(Ceiling(reserved, slots), pages);
        if (leastPages * slots < reserved) reserved = protectedTokens + 1;
        if (geometry.Format is null) return new SegmentTargets(Math.Clamp((pages * slots) - reserved, 0, candidates), 0);

        int shared = (int)Math.Round(rules.OriginalShare * Math.Max((pages * (long)slots) - reserved, 0));
        int originalPages = Ceiling(reserved + shared, slots);
        for (int p = pages; p > originalPages; p--)
        {
            int rest = candidates - ((p * slots) - reserved);
            if (rest <= (long)(pages - p) * geometry.QuantisedSlots)
            {
                originalPages = p;
                break;
            }
        }

        int originals = Math.Clamp((originalPages * slots) - reserved, 0, candidates);
        return new SegmentTargets(originals, (int)Math.Clamp((long)(pages - originalPages) * geometry.QuantisedSlots, 0, candidates - originals));
    }

    private static int Ceiling(int a, int b) => (a + b - 1) / b;
}
