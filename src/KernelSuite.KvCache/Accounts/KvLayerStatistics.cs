namespace KernelSuite.KvCache;

/// <summary>What a prefill measured of a layer's attention, and what the layer was given for it.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Entropy">-sum P ln P over heads, observing rows and past columns; NaN where the policy does not measure it.</param>
/// <param name="Variance">Sum over heads and columns of the unbiased variance across the observing rows; NaN likewise.</param>
/// <param name="Kurtosis">Sum over heads and columns of the kurtosis across the observing rows; NaN likewise.</param>
/// <param name="OqScore">s_l; NaN likewise.</param>
/// <param name="Ratio">r_l = s_l / max s over all layers seen; NaN likewise.</param>
/// <param name="RunningRatio">r_l over the layers up to this one, as ARKV's released code logs it.</param>
/// <param name="BudgetBytes">Bytes of rows that the layer may hold, all KV heads together.</param>
/// <param name="OriginalBudget">Tokens in full that a purge leaves, sinks and window included, a KV head.</param>
/// <param name="QuantisedBudget">Tokens quantised that a purge leaves room for, a KV head.</param>
public sealed record KvLayerStatistics(
    int Layer, double Entropy, double Variance, double Kurtosis, double OqScore, double Ratio, double RunningRatio, long BudgetBytes, int OriginalBudget, int QuantisedBudget);
