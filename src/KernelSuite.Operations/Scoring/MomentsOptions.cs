namespace KernelSuite.Operations.Scoring;

/// <summary>What attention_moments writes.</summary>
[Flags]
public enum MomentsOutputs
{
    /// <summary>[B,Hq,past]: mean of P over the rows.</summary>
    Mean = 1,

    /// <summary>[B,Hq,past]: unbiased variance of P over the rows.</summary>
    Variance = 2,

    /// <summary>[B,Hq,past]: fourth central moment of P over the rows.</summary>
    Fourth = 4,

    /// <summary>[B,Hk,past]: pooled group mean of mean + gamma * variance.</summary>
    Score = 8,

    /// <summary>[B,Hq,3]: sums over the past of entropy, variance and kurtosis.</summary>
    Stats = 16,

    /// <summary>Everything.</summary>
    All = Mean | Variance | Fourth | Score | Stats,
}

/// <summary>Settings of attention_moments.</summary>
public sealed record MomentsOptions
{
    /// <summary>The defaults.</summary>
    public static MomentsOptions Default { get; } = new();

    /// <summary>Factor on the logits; null for 1/sqrt(D). The same as in the forward pass that gave the LSE.</summary>
    public float? Scale { get; init; }

    /// <summary>c &gt; 0 replaces each scaled logit s by c*tanh(s/c); 0 for none.</summary>
    public float SoftCap { get; init; }

    /// <summary>Weight of the variance in the score. ARKV ships 263.8108 for every model.</summary>
    public float Gamma { get; init; } = 1;

    /// <summary>
    /// Least second moment that the kurtosis divides by, 0 for none. ARKV uses 1e-8, which needs a standard deviation above 1e-4; smaller ones
    /// count as nearly no kurtosis. Without it, keys whose probability hardly varies contribute rounding noise.
    /// </summary>
    public float KurtosisFloor { get; init; } = 1e-8f;

    /// <summary>Keys that the score is averaged over: odd, 1 for none.</summary>
    public int PoolTaps { get; init; } = 5;

    internal void Validate()
    {
        ScoringRules.CheckLogits(Scale, SoftCap);
        ScoringRules.CheckPoolTaps(PoolTaps);
        if (!float.IsFinite(Gamma)) throw new ArgumentOutOfRangeException(nameof(Gamma), Gamma, "Expected a finite weight of the variance.");
        if (!float.IsFinite(KurtosisFloor) || KurtosisFloor < 0)
            throw new ArgumentOutOfRangeException(nameof(KurtosisFloor), KurtosisFloor, "Expected a finite floor such as 1e-8, or 0 for none.");
    }
}
