using KernelSuite.Operations.KvStorage;

namespace KernelSuite.KvCache;

/// <summary>
/// What ARKV's released code computes (arXiv 2603.08727), quirks included, for comparison: a budget in tokens, evict-only prefill in score order, purges to floor(3R/4), the window
/// subtracted twice, probabilities and variance rounded to bfloat16, one e4m3 scale a slot for all heads, quantised tokens quantised again from their dequantised values at every
/// purge. One defect is not reproduced: there the quantised tokens are lost before they are attended to. The budget in bytes becomes C = bytes / <see cref="KvCacheShape.BytesPerToken"/> tokens.
/// It is a plain implementation on the host, whatever the device.
/// </summary>
public sealed record ArkvReferencePolicy : KvPolicy
{
    /// <summary>W.</summary>
    public int Window { get; init; } = 32;

    /// <summary>gamma, weight of the variance at prefill.</summary>
    public float Gamma { get; init; } = 263.8108280337562f;

    /// <summary>Temperatures of the OQ score.</summary>
    public OqExponents Tau { get; init; } = OqExponents.Published;

    /// <summary>Whether probabilities and variances are rounded to bfloat16, as under the released code's model dtype. Off for exact arithmetic.</summary>
    public bool RoundToBFloat16 { get; init; } = true;

    /// <inheritdoc/>
    public override string Name => "arkv-reference";

    /// <inheritdoc/>
    public override string Summary => "ARKV as its released code computes it, quirks included; for comparison";

    internal override KvRules Rules => new()
    {
        Prefill = PrefillScore.Moments,
        Decode = DecodeScore.Latest,
        Format = KvFormat.E4M3,
        Window = Window,
        Observation = Math.Clamp(Window, 2, 64),
        Gamma = Gamma,
        Taps = 5,
        Tau = Tau,
    };
}
