namespace KernelSuite.KvCache;

/// <summary>
/// Attention sinks and the newest tokens (StreamingLLM, arXiv 2309.17453), as many as the budget holds. Keys keep the rotation of their own position; they are
/// not rotated again to positions inside the cache.
/// </summary>
public sealed record StreamingPolicy : KvPolicy
{
    /// <summary>First positions that are kept for good.</summary>
    public int Sinks { get; init; } = 4;

    /// <inheritdoc/>
    public override string Name => "streaming";

    /// <inheritdoc/>
    public override string Summary => "the first tokens (sinks) and the newest";

    internal override KvRules Rules => new() { Prefill = PrefillScore.Recency, Decode = DecodeScore.Recency, Sinks = Sinks, Window = 1 };
}
