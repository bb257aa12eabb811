using KernelSuite.Operations;
using KernelSuite.Operations.Attention;
using KernelSuite.Operations.Decode;
using KernelSuite.Operations.KvStorage;
using KernelSuite.Operations.Scoring;
using KernelSuite.Runtime;

namespace KernelSuite.KvCache;

/// <summary>The plans that a store launches for as long as it lives. One set serves all layers: tables and lengths are operands.</summary>
internal sealed class StorePlans : IDisposable
{
    private readonly List<OperationPlan> all = [];

    public StorePlans(Device device, CacheLayout layout)
    {
        try
        {
            Decode = Add(DecodePlan.Create(device, Attention(layout, layout.Shape.KvHeads, 1, spill: false)));
            if (layout.Rules.Decode == DecodeScore.Never) return;
            if (layout.Spills)
            {
                Spill = Add(DecodePlan.Create(device, Attention(layout, 1, 1, spill: true)));
                Score = Add(StepScores(device, layout));
            }

            PageGeometry g = layout.Geometry;
            OriginalHeads = HeadsPerLaunch(layout, layout.OriginalCapacity);
            CompactRows = Add(Compact(device, OriginalHeads, OriginalPaging(layout), g.DType, g.HeadDim, g.PageBytes / g.DType.SizeOf()));
            if (g.Format is not { } format) return;
            KvPaging quantised = QuantisedPaging(layout);
            QuantisedHeads = HeadsPerLaunch(layout, layout.QuantisedCapacity);
            CompactCodes = Add(Compact(device, QuantisedHeads, quantised, DType.UInt8, g.CodeBytes, g.PageBytes));
            if (g.GroupBytes > 0) CompactGroups = Add(Compact(device, QuantisedHeads, quantised, DType.UInt8, g.GroupBytes, g.PageBytes));
            CompactScales = Add(Compact(device, QuantisedHeads, quantised, DType.Float32, 1, g.PageBytes / sizeof(float)));
            var shape = new KvQuantizeShape(OriginalHeads, 1, layout.OriginalCapacity, layout.OriginalCapacity, layout.QuantisedCapacity, g.HeadDim);
            KvQuantizeLayout strides = QuantisedStrides(g) with { X = OriginalStrides(g) };
            var problem = new KvQuantizeProblem(shape, g.DType, format, OriginalPaging(layout), quantised, strides, hasRows: true, hasCounts: true, hasStart: true);
            Quantise = Add(KvQuantizePlan.Create(device, problem));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Attention of a step, all KV heads as the batch.</summary>
    public OperationPlan Decode { get; }

    /// <summary>Attention of a step for one KV head, with logits and LSE.</summary>
    public OperationPlan? Spill { get; }

    /// <summary>Probabilities of that step, the mean over the group.</summary>
    public OperationPlan? Score { get; }

    /// <summary>
    /// KV heads whose originals one launch moves or quantises: as many as there is room for their indices in the scratch. Divides the number of
    /// heads.
    /// </summary>
    public int OriginalHeads { get; }

    /// <summary>KV heads whose quantised rows one launch moves.</summary>
    public int QuantisedHeads { get; }

    /// <summary>Moves originals of some heads together; to it heads are sequences.</summary>
    public OperationPlan? CompactRows { get; }

    /// <summary>Moves codes of quantised rows.</summary>
    public OperationPlan? CompactCodes { get; }

    /// <summary>Moves group factors of quantised rows.</summary>
    public OperationPlan? CompactGroups { get; }

    /// <summary>Moves scales of quantised rows.</summary>
    public OperationPlan? CompactScales { get; }

    /// <summary>Quantises originals of some heads, keys or values.</summary>
    public OperationPlan? Quantise { get; }

    public long WorkspaceBytes => all.Sum(plan => plan.WorkspaceBytes);

    public static KvPaging OriginalPaging(CacheLayout layout) => new(layout.Pages, layout.Geometry.OriginalSlots, layout.TableColumns);

    public static KvPaging QuantisedPaging(CacheLayout layout) => new(layout.Pages, layout.Geometry.QuantisedSlots, layout.TableColumns);

    /// <summary>Strides of K or V rows in the original pages.</summary>
    public static TensorStrides OriginalStrides(PageGeometry g) => Strides(g.PageBytes / g.DType.SizeOf(), g.OriginalSlots, g.HeadDim);

    /// <summary>Strides of the parts of quantised pages.</summary>
    public static KvQuantizeLayout QuantisedStrides(PageGeometry g) => new()
    {
        Codes = Strides(g.PageBytes, g.QuantisedSlots, g.CodeBytes),
        Groups = Strides(g.PageBytes, g.QuantisedSlots, g.GroupBytes),
        Scales = Strides(g.PageBytes / sizeof(float), g.QuantisedSlots, 1),
    };

    public void Dispose()
    {
        foreach (OperationPlan plan in all) plan.Dispose();
        all.Clear();
    }

    /// <summary>Attention of <paramref name="queries"/> tokens, the newest of a cache, over what it holds.</summary>
    /// <param name="layout">Sizes.</param>
    /// <param name="heads">KV heads.</param>
    /// <param name="queries">Nq; q and the output are [Nq, Hq, D].</param>
    /// <param name="spill">Whether logits and LSE are written.</param>
    public static DecodeProblem Attention(CacheLayout layout, int heads, int queries, bool spill)
    {
        PageGeometry g = layout.Geometry;
        KvQuantizeLayout quantised = QuantisedStrides(g);
        var tokens = new TensorStrides(layout.Group * g.HeadDim, g.HeadDim, (long)layout.Shape.QueryHeads * g.HeadDim);
        var strides = new DecodeLayout
        {
            Q = tokens,
            Out = tokens,
            K = OriginalStrides(g),
            V = OriginalStrides(g),
            KCodes = quantised.Codes,
            KGroups = quantised.Groups,
            KScales = quantised.Scales,
            VCodes = quantised.Codes,
            VGroups = quantised.Groups,
            VScales = quantised.Scales,
        };
        QuantisedSegment? segment = g.Format is { } format ? new QuantisedSegment(format, DecodeSegment.Paged(QuantisedPaging(layout))) : null;
        var shape = new DecodeShape(heads, layout.Group, 1, queries, g.HeadDim);
        return new DecodeProblem(
            shape, DecodeSegment.Paged(OriginalPaging(layout)), g.DType, queries > 1 ? new DecodeOptions { Causal = true } : null, strides, segment,
            hasLse: spill, hasLogits: spill);
    }

    private static OperationPlan StepScores(Device device, CacheLayout layout)
    {
        bool accumulates = layout.Rules.Decode == DecodeScore.Accumulated;
        var shape = new ScoringShape(1, layout.Group, 1, 1, layout.TotalSlots);
        ScoresOperands operands = accumulates ? ScoresOperands.Previous : ScoresOperands.None;
        return ScoresOperation.Instance.Plan(device, ScoresProblem.FromAttentionLogits(shape, new ScoresOptions { Decay = layout.Rules.Decay }, operands));
    }

    /// <summary>Largest divisor of the number of heads for which indices, counts and starts fit into the scratch.</summary>
    private static int HeadsPerLaunch(CacheLayout layout, int capacity)
    {
        int heads = layout.Shape.KvHeads;
        while (layout.Shape.KvHeads % heads != 0 || (long)heads * (capacity + 2) > layout.ScratchFloats) heads--;
        return heads;
    }

    private static KvCompactPlan Compact(Device device, int heads, KvPaging paging, DType dtype, int width, int pageStride)
    {
        TensorStrides strides = Strides(pageStride, paging.PageSize, width);
        int slots = (int)paging.Capacity;
        var problem = new KvCompactProblem(
            new KvCompactShape(heads, 1, slots, slots, width, width), dtype, paging, new KvCompactLayout { K = strides, V = strides },
            hasCounts: true);
        return KvCompactPlan.Create(device, problem);
    }

    private static TensorStrides Strides(int page, int slots, int width) => new(page, (long)slots * width, width);

    private OperationPlan Add(OperationPlan plan)
    {
        all.Add(plan);
        return plan;
    }
}
