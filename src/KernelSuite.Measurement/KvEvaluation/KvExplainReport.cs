namespace KernelSuite.Measurement;

/// <summary>A layer of an explanation. Statistics that the policy does not measure are NaN (null in JSON).</summary>
/// <param name="Layer">Layer.</param>
/// <param name="Entropy">Sum of -P ln P over heads, observing rows and past keys.</param>
/// <param name="Variance">Sum over heads and keys of the variance across the observing rows.</param>
/// <param name="Kurtosis">Sum over heads and keys of the kurtosis across the observing rows.</param>
/// <param name="OqScore">The score that the three make.</param>
/// <param name="Ratio">Score over the largest of all layers.</param>
/// <param name="BudgetBytes">Bytes of rows that the layer may hold.</param>
/// <param name="OriginalBudget">Tokens in full that a purge leaves, a KV head.</param>
/// <param name="QuantisedBudget">Tokens quantised that a purge leaves room for, a KV head.</param>
/// <param name="TokensOriginal">Tokens in full, the mean over KV heads.</param>
/// <param name="TokensQuantised">Tokens quantised, likewise.</param>
/// <param name="TokensEvicted">Tokens given up, likewise.</param>
public sealed record KvExplainedLayer(
    int Layer, double Entropy, double Variance, double Kurtosis, double OqScore, double Ratio, long BudgetBytes, int OriginalBudget, int QuantisedBudget,
    double TokensOriginal, double TokensQuantised, double TokensEvicted);

/// <summary>What a policy made of one text.</summary>
/// <param name="Context">Machine, build and command.</param>
/// <param name="Device">The device that held the cache.</param>
/// <param name="Model">The model.</param>
/// <param name="Policy">Policy.</param>
/// <param name="Budget">Budget as it was stated.</param>
/// <param name="Tokens">Tokens that were prefilled.</param>
/// <param name="FullBytes">What <c>full</c> needs for them.</param>
/// <param name="BudgetBytes">The budget in bytes.</param>
/// <param name="BytesHeld">Bytes held, from the cache's buffers.</param>
/// <param name="Layers">The layers.</param>
public sealed record KvExplainReport(
    RunContext Context, DeviceRecord Device, KvModelRecord Model, string Policy, string Budget, int Tokens, long FullBytes, long BudgetBytes, long BytesHeld,
    IReadOnlyList<KvExplainedLayer> Layers);
