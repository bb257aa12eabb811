namespace KernelSuite.KvCache;

/// <summary>
/// The observation window chooses (SnapKV, arXiv 2404.14469): a token's score is the sum of the probabilities that the prompt's last rows give it, pooled over its
/// neighbours; the rest is evicted. SnapKV says nothing about decoding; here the budget is held by evicting, when it is full, the tokens that the step at hand attends to least, pooled likewise.
/// </summary>
public sealed record SnapKvPolicy : KvPolicy
{
    /// <summary>Rows that observe, and newest tokens that are always kept.</summary>
    public int Window { get; init; } = 32;

    /// <summary>Taps of the pooling, odd. Published with 5 and with 7; on the suite's small model 7 keeps more.</summary>
    public int Taps { get; init; } = 7;

    /// <inheritdoc/>
    public override string Name => "snapkv";

    /// <inheritdoc/>
    public override string Summary => "what the prompt's last rows attend to, and these rows; the rest is evicted";

    internal override KvRules Rules => new()
    {
        Prefill = PrefillScore.WindowSums,
        Decode = DecodeScore.Latest,
        Window = Window,
        Observation = Window,
        Taps = Taps,
    };
}
