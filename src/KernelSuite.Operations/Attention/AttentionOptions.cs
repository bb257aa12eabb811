namespace KernelSuite.Operations.Attention;

/// <summary>
/// Settings of attention. With p = i + Nk - Nq (bottom-right alignment) query row i sees key j when all of these hold:
/// j &lt; kv_lengths[b] where given; j &lt;= p if <see cref="Causal"/>; j &gt;= p - <see cref="WindowLeft"/> and
/// j &lt;= p + <see cref="WindowRight"/> where these are not negative.
/// </summary>
public sealed record AttentionOptions
{
    /// <summary>No mask, default scale, no soft-cap.</summary>
    public static AttentionOptions Default { get; } = new();

    /// <summary>Mask keys after the query's own position.</summary>
    public bool Causal { get; init; }

    /// <summary>Keys to the left that stay visible; -1 for all.</summary>
    public int WindowLeft { get; init; } = -1;

    /// <summary>Keys to the right that stay visible; -1 for all.</summary>
    public int WindowRight { get; init; } = -1;

    /// <summary>c &gt; 0 replaces each scaled logit s by c*tanh(s/c); 0 for none.</summary>
    public float SoftCap { get; init; }

    /// <summary>Factor on the logits; null for 1/sqrt(D).</summary>
    public float? Scale { get; init; }

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(WindowLeft, -1);
        ArgumentOutOfRangeException.ThrowIfLessThan(WindowRight, -1);
        if (!float.IsFinite(SoftCap) || SoftCap < 0)
            throw new ArgumentOutOfRangeException(nameof(SoftCap), SoftCap, "Expected a positive finite soft-cap, or 0 for none.");
        if (Scale is { } scale && !float.IsFinite(scale))
            throw new ArgumentOutOfRangeException(nameof(Scale), scale, "Expected a finite scale, or null for 1/sqrt(D).");
    }
}
