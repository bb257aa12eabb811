namespace KernelSuite.KvCache;

/// <summary>SnapKV with more of the budget in the first layers than in the last (PyramidKV, arXiv 2406.02069): a straight line, see <see cref="LayerBudgets.Pyramid"/>.</summary>
public sealed record PyramidKvPolicy : KvPolicy
{
    /// <summary>Rows that observe, and newest tokens that are always kept.</summary>
    public int Window { get; init; } = 32;

    /// <summary>Taps of the pooling, odd. Published with 5 and with 7; on the suite's small model 7 keeps more.</summary>
    public int Taps { get; init; } = 7;

    /// <summary>Steepness: the last layer keeps 1/Beta of the mean.</summary>
    public double Beta { get; init; } = 20;

    /// <inheritdoc/>
    public override string Name => "pyramidkv";

    /// <inheritdoc/>
    public override string Summary => "as snapkv, with larger budgets in earlier layers";

    internal override KvRules Rules => new()
    {
        Prefill = PrefillScore.WindowSums,
        Decode = DecodeScore.Latest,
        Layers = LayerRule.Pyramid,
        LayerCap = 2,
        PyramidBeta = Beta,
        Window = Window,
        Observation = Window,
        Taps = Taps,
    };
}
