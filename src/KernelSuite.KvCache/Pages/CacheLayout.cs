using KernelSuite.Operations.KvStorage;

namespace KernelSuite.KvCache;

/// <summary>Sizes of all that a cache holds, from the number of pages. Pure arithmetic.</summary>
internal sealed record CacheLayout
{
    private CacheLayout(KvCacheShape shape, KvRules rules, PageGeometry geometry, int layerPages)
    {
        Shape = shape;
        Rules = rules;
        Geometry = geometry;
        LayerPages = layerPages;
        LeastPages = SegmentTargets.LeastPages(rules, geometry);
        int most = rules.Layers == LayerRule.Uniform ? Ceiling(layerPages, shape.Layers) : (int)Math.Min(Math.Ceiling(rules.LayerCap * layerPages / shape.Layers), layerPages);
        TableColumns = Math.Max(Math.Min(most, layerPages - ((shape.Layers - 1) * LeastPages)), LeastPages);
    }

    public KvCacheShape Shape { get; }

    public KvRules Rules { get; }

    public PageGeometry Geometry { get; }

    /// <summary>Pages of a KV head, added up over the layers.</summary>
    public int LayerPages { get; }

    /// <summary>Fewest pages of a head.</summary>
    public int LeastPages { get; }

    /// <summary>Most pages of a head, in either state: columns of the page tables.</summary>
    public int TableColumns { get; }

    /// <summary>Pages of the slab: one more than the heads may hold, so that a demotion can begin.</summary>
    public int Pages => checked((LayerPages * Shape.KvHeads) + 1);

    public int OriginalCapacity => TableColumns * Geometry.OriginalSlots;

    public int QuantisedCapacity => TableColumns * Geometry.QuantisedSlots;

    /// <summary>Slots of a row of logits.</summary>
    public int TotalSlots => OriginalCapacity + QuantisedCapacity;

    public int Group => Shape.QueryHeads / Shape.KvHeads;

    public bool Spills => Rules.Decode is DecodeScore.Latest or DecodeScore.Accumulated;

    /// <summary>int32 of a layer's lengths and page tables: [lengths | quantised lengths | table | quantised table].</summary>
    public int ControlInts => (2 * Shape.KvHeads) + (Shape.KvHeads * TableColumns * (Geometry.Format is null ? 1 : 2));

    /// <summary>Floats of the purge's scratch: logits, scores and LSE of one KV head, then in the same place indices, a count and a start.</summary>
    public int ScratchFloats
    {
        get
        {
            if (Rules.Decode == DecodeScore.Never) return 0;
            int maintenance = Math.Max(OriginalCapacity, QuantisedCapacity) + 2;
            return Spills ? Math.Max(((Group + 1) * TotalSlots) + Group, maintenance) : maintenance;
        }
    }

    /// <summary>Floats of the scores that add up over the steps.</summary>
    public long AccumulatorFloats => Rules.Decode == DecodeScore.Accumulated ? (long)Shape.Layers * Shape.KvHeads * TotalSlots : 0;

    public long SlabBytes => (long)Pages * Geometry.PageBytes;

    public long DeviceBytes => SlabBytes + (4L * Shape.Layers * ControlInts) + (4L * ScratchFloats) + (4L * AccumulatorFloats);

    /// <summary>Positions of the rows, the free list, and the host's copy of lengths and tables.</summary>
    public long HostBytes => ((long)Pages * ((4L * Geometry.MostSlots) + PagePool.BytesPerPage)) + (4L * Shape.Layers * ControlInts);

    public long Bytes => DeviceBytes + HostBytes;

    /// <summary>Tokens that a head of mean size can hold as the policy fills it: what page sizes are compared by.</summary>
    private double Tokens
    {
        get
        {
            double pages = (double)LayerPages / Shape.Layers;
            if (Rules.Decode == DecodeScore.Never) return Math.Floor(pages) * Geometry.OriginalSlots;
            int growth = SegmentTargets.GrowthPages((int)pages);
            if (Geometry.Format is null) return (pages - (growth / 2.0)) * Geometry.OriginalSlots;
            int held = Ceiling(Rules.Sinks + Rules.Window, Geometry.OriginalSlots) + growth;
            return ((double)held - (growth / 2.0)) * Geometry.OriginalSlots / 4 + (Math.Max(pages - held, 0) * Geometry.QuantisedSlots);
        }
    }

    /// <summary>The layout that holds most within <paramref name="budget"/>; null where none fits.</summary>
    /// <param name="shape">The model.</param>
    /// <param name="rules">The policy.</param>
    /// <param name="budget">Bytes, workspace of the plans already taken off.</param>
    public static CacheLayout? Fit(KvCacheShape shape, KvRules rules, long budget)
    {
        // Larger pages make shorter tables and longer runs for the kernels; small caches lose too much in partly filled ones. Of the sizes that hold
        // within 1 % of the most, the largest is taken (where every token counts, of those that hold the most).
        var fitting = new List<CacheLayout>();
        for (int slots = 1; slots <= PageGeometry.LargestSlots; slots++)
        {
            var geometry = new PageGeometry(shape.HeadDim, shape.DType, rules.Format, slots);
            if (geometry.IsUsable && Largest(shape, rules, geometry, budget) is { } layout) fitting.Add(layout);
        }

        if (fitting.Count == 0) return null;
        double most = fitting.Max(layout => layout.Tokens);
        return fitting.Last(layout => layout.Tokens >= (rules.Decode == DecodeScore.Never ? 1 : 0.99) * most);
    }

    /// <summary>The smallest layout that works at all.</summary>
    public static CacheLayout Least(KvCacheShape shape, KvRules rules) =>
        Enumerable.Range(1, PageGeometry.LargestSlots).Select(slots => new PageGeometry(shape.HeadDim, shape.DType, rules.Format, slots)).Where(geometry => geometry.IsUsable)
            .Select(geometry => new CacheLayout(shape, rules, geometry, shape.Layers * SegmentTargets.LeastPages(rules, geometry))).MinBy(layout => layout.Bytes)!;

    /// <summary>The smallest layout in which every head can hold <paramref name="tokens"/> in full.</summary>
    public static CacheLayout ForTokens(KvCacheShape shape, KvRules rules, int tokens) =>
        Enumerable.Range(1, PageGeometry.LargestSlots).Select(slots => new PageGeometry(shape.HeadDim, shape.DType, rules.Format, slots)).Where(geometry => geometry.IsUsable)
            .Select(geometry => new CacheLayout(shape, rules, geometry, checked(shape.Layers * Math.Max(Ceiling(tokens, geometry.OriginalSlots), SegmentTargets.LeastPages(rules, geometry)))))
            .MinBy(layout => layout.Bytes)!;

    /// <summary>The layout that a saved cache had.</summary>
    public static CacheLayout Exact(KvCacheShape shape, KvRules rules, int originalSlots, int layerPages) =>
        new(shape, rules, new PageGeometry(shape.HeadDim, shape.DType, rules.Format, originalSlots), layerPages);

    /// <summary>Weights of the layers before anything is known of them.</summary>
    public double[] StartWeights()
    {
        var weights = new double[Shape.Layers];
        Array.Fill(weights, 1);
        if (Rules.Layers != LayerRule.Pyramid) return weights;
        int tokens = LayerPages / Shape.Layers * Geometry.OriginalSlots;
        int[] past = LayerBudgets.Pyramid(Shape.Layers, Math.Max(tokens - Rules.Window, 1), Rules.PyramidBeta);
        for (int l = 0; l < weights.Length; l++) weights[l] = past[l] + Rules.Window;
        return weights;
    }

    /// <summary>Fewest pages that a head of any layer has, whatever the prompt.</summary>
    public int FewestPages => Rules.Layers == LayerRule.Statistics ? Floor : Quotas(StartWeights()).Min();

    private int Floor => Math.Max(LeastPages, (int)(Rules.LayerFloor * LayerPages / Shape.Layers));

    /// <summary>
    /// Pages of each layer's heads from weights; they add up to at most <see cref="LayerPages"/>. No layer evicts while another holds more than it needs for all tokens
    /// quantised: first every layer gets what it needs for that, in proportion to the weights where it does not suffice, and what is left over goes by weight.
    /// </summary>
    /// <param name="weights">Of the layers so far.</param>
    /// <param name="tokens">Tokens that the layers have seen; 0 divides by weight alone.</param>
    public int[] Quotas(ReadOnlySpan<double> weights, int tokens = 0)
    {
        int need = tokens == 0 || Geometry.Format is null ? 0 : PagesForAll(tokens);
        if (need <= Floor) return LayerBudgets.Divide(weights, LayerPages, Floor, TableColumns);
        return (long)weights.Length * need <= LayerPages
            ? LayerBudgets.Divide(weights, LayerPages, need, TableColumns)
            : LayerBudgets.Divide(weights, LayerPages, Floor, need);
    }

    /// <summary>Fewest pages in which a head evicts none of <paramref name="tokens"/>; at most <see cref="TableColumns"/>.</summary>
    private int PagesForAll(int tokens)
    {
        int low = LeastPages, high = TableColumns;
        while (low < high)
        {
            int middle = (low + high) / 2;
            int held = Math.Min(tokens, Rules.Sinks + SegmentTargets.Window(Rules, Geometry, middle));
            SegmentTargets targets = SegmentTargets.Choose(Rules, Geometry, middle, held, tokens - held);
            if (held + targets.Originals + targets.Quantised >= tokens) high = middle;
            else low = middle + 1;
        }

        return low;
    }

    private static CacheLayout? Largest(KvCacheShape shape, KvRules rules, PageGeometry geometry, long budget)
    {
        long least = (long)shape.Layers * SegmentTargets.LeastPages(rules, geometry);

        // Addresses inside the tables are int32: 2^30 slots of a head and 2^31 pages at most.
        long most = Math.Min(budget / ((long)geometry.PageBytes * shape.KvHeads), (1L << 29) / geometry.MostSlots);
        most = Math.Min(most, (int.MaxValue - 1) / shape.KvHeads);
        if (most < least) return null;
        CacheLayout? best = null;
        while (least <= most)
        {
            long middle = (least + most) / 2;
            var layout = new CacheLayout(shape, rules, geometry, (int)middle);
            if (layout.Bytes <= budget && (long)layout.TableColumns * geometry.MostSlots <= 1 << 29)
            {
                best = layout;
                least = middle + 1;
            }
            else
            {
                most = middle - 1;
            }
        }

        return best;
    }

    private static int Ceiling(int a, int b) => (a + b - 1) / b;
}
