namespace KernelSuite.Operations.Scoring;

/// <summary>Settings of attention_scores.</summary>
public sealed record ScoresOptions
{
    /// <summary>The defaults.</summary>
    public static ScoresOptions Default { get; } = new();

    /// <summary>
    /// Row i of the Nq rows sees key j when j &lt;= length - Nq + i: the rows are the last ones of the sequence. Without effect where the
    /// logits are given, which hold -infinity for what is masked.
    /// </summary>
    public bool Causal { get; init; } = true;

    /// <summary>Factor on the logits; null for 1/sqrt(D). The same as in the forward pass that gave the LSE.</summary>
    public float? Scale { get; init; }

    /// <summary>c &gt; 0 replaces each scaled logit s by c*tanh(s/c); 0 for none.</summary>
    public float SoftCap { get; init; }

    /// <summary>Keys that the group mean is averaged over: odd, 1 (the default) for none. Neighbours are neighbours in slot order.</summary>
    public int PoolTaps { get; init; } = 1;

    /// <summary>Factor on the previous score, where there is one: score = Decay * previous + new. 1 sums up over all steps (H2O).</summary>
    public float Decay { get; init; } = 1;

    internal void Validate()
    {
        ScoringRules.CheckLogits(Scale, SoftCap);
        ScoringRules.CheckPoolTaps(PoolTaps);
        if (!float.IsFinite(Decay)) throw new ArgumentOutOfRangeException(nameof(Decay), Decay, "Expected a finite factor on the previous score.");
    }
}

/// <summary>Operands of attention_scores that may be absent.</summary>
[Flags]
public enum ScoresOperands
{
    /// <summary>None of them.</summary>
    None = 0,

    /// <summary>int32 [B]: keys of each batch entry.</summary>
    KvLengths = 1,

    /// <summary>[B,Hk,N]: the score before this step.</summary>
    Previous = 2,

    /// <summary>Output [B,Hq,N]: column sums of each query head.</summary>
    ColumnSums = 4,

    /// <summary>Output [B,Hq,N]: column sums of squares of each query head.</summary>
    ColumnSquares = 8,

    /// <summary>All of them.</summary>
    All = KvLengths | Previous | ColumnSums | ColumnSquares,
}
