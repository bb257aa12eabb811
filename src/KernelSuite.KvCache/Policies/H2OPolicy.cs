namespace KernelSuite.KvCache;

/// <summary>
/// Heavy hitters (H2O, arXiv 2306.14048): a token's score is the sum of the probabilities that all queries so far gave it, the prompt's and every step's. Keeps the
/// newest and, of the rest, those of highest score. Scores are means over the query heads of a KV head, each KV head chooses for itself.
/// </summary>
public sealed record H2OPolicy : KvPolicy
{
    /// <summary>Share of the tokens a layer holds that is the newest ones.</summary>
    public double RecentShare { get; init; } = 0.5;

    /// <inheritdoc/>
    public override string Name => "h2o";

    /// <inheritdoc/>
    public override string Summary => "the newest tokens and those that were attended to most, over all queries";

    internal override KvRules Rules => new()
    {
        Prefill = PrefillScore.AllSums,
        Decode = DecodeScore.Accumulated,
        WindowShare = RecentShare,
        Window = 1,
    };
}
