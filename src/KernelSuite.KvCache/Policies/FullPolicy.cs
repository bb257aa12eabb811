namespace KernelSuite.KvCache;

/// <summary>Keeps every token in full. A budget that is used up is an error: <see cref="KvCacheBudgetException"/>.</summary>
public sealed record FullPolicy : KvPolicy
{
    /// <inheritdoc/>
    public override string Name => "full";

    /// <inheritdoc/>
    public override string Summary => "every token in full; a full budget is an error";

    internal override KvRules Rules => new() { Prefill = PrefillScore.Recency, Decode = DecodeScore.Never, Window = 0 };
}
