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
            Decode = Add(DecodePlan.Create(device, Attention(layout, layout.Shape.KvHeads, spill: false)));
            if (layout.Rules.Decode == DecodeScore.Never) return;
            if (layout.Spills)
            {
                Spill = Add(DecodePlan.Create(device, Attention(layout, 1, spill: true)));
                Score = Add(StepScores(device, layout));
            }

            PageGeometry g = layout.Geometry;
            CompactRows = Add(Compact(device, layout, OriginalPaging(layout), g.DType, g.HeadDim, g.PageBytes / g.DType.SizeOf()));
            if (g.Format is not { } format) return;
            KvPaging quantised = QuantisedPaging(layout);
            CompactCodes = Add(Compact(device, layout, quantised, DType.UInt8, g.CodeBytes, g.PageBytes));
            if (g.GroupBytes > 0) CompactGroups = Add(Compact(device, layout, quantised, DType.UInt8, g.GroupBytes, g.PageBytes));
            CompactScales = Add(Compact(device, layout, quantised, DType.Float32, 1, g.PageBytes / sizeof(float)));
            var shape = new KvQuantizeShape(1, 1, layout.OriginalCapacity, layout.OriginalCapacity, layout.QuantisedCapacity, g.HeadDim);
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

    /// <summary>Moves originals of one head together.</summary>
    public OperationPlan? CompactRows { get; }

    public OperationPlan? CompactCodes { get; }

    public OperationPlan? CompactGroups { get; }

    public OperationPlan? CompactScales { get; }

    /// <summary>Quantises originals of one head, keys or values.</summary>
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

    private static DecodeProblem Attention(CacheLayout layout, int heads, bool spill)
    {
        PageGeometry g = layout.Geometry;
        KvQuantizeLayout quantised = QuantisedStrides(g);
        var strides = new DecodeLayout
        {
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
        var shape = new DecodeShape(heads, layout.Group, 1, 1, g.HeadDim);
        return new DecodeProblem(shape, DecodeSegment.Paged(OriginalPaging(layout)), g.DType, null, strides, segment, hasLse: spill, hasLogits: spill);
    }

    private static OperationPlan StepScores(Device device, CacheLayout layout)
    {
        bool accumulates = layout.Rules.Decode == DecodeScore.Accumulated;
        var shape = new ScoringShape(1, layout.Group, 1, 1, layout.TotalSlots);
        ScoresOperands operands = accumulates ? ScoresOperands.Previous : ScoresOperands.None;
        return ScoresOperation.Instance.Plan(device, ScoresProblem.FromAttentionLogits(shape, new ScoresOptions { Decay = layout.Rules.Decay }, operands));
    }

    private static KvCompactPlan Compact(Device device, CacheLayout layout, KvPaging paging, DType dtype, int width, int pageStride)
    {
        TensorStrides strides = Strides(pageStride, paging.PageSize, width);
        int slots = (int)paging.Capacity;
        var problem = new KvCompactProblem(
            new KvCompactShape(1, 1, slots, slots, width, width), dtype, paging, new KvCompactLayout { K = strides, V = strides }, hasCounts: true);
        return KvCompactPlan.Create(device, problem);
    }

    private static TensorStrides Strides(int page, int slots, int width) => new(page, (long)slots * width, width);

    private OperationPlan Add(OperationPlan plan)
    {
        all.Add(plan);
        return plan;
    }
}
