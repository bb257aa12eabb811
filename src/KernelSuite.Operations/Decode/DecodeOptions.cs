namespace KernelSuite.Operations.Decode;

/// <summary>
/// Settings of decode attention. Query row i of Nq sees slot j of the original segment when j &lt; length, and with <see cref="Causal"/> also
/// j &lt;= length - Nq + i: the last Nq original slots are the queries' own tokens. It sees every quantised slot below that segment's length.
/// </summary>
public sealed record DecodeOptions
{
    /// <summary>Largest <see cref="Splits"/>.</summary>
    public const int MaxSplits = 4096;

    /// <summary>No mask, default scale, no soft-cap, splits chosen.</summary>
    public static DecodeOptions Default { get; } = new();

    /// <summary>Hide the new tokens that come after a query's own. Makes no difference for Nq = 1.</summary>
    public bool Causal { get; init; }

    /// <summary>Factor on the logits; null for 1/sqrt(D).</summary>
    public float? Scale { get; init; }

    /// <summary>c &gt; 0 replaces each scaled logit s by c*tanh(s/c); 0 for none.</summary>
    public float SoftCap { get; init; }

    /// <summary>
    /// Parts that a sequence's slots are split into at most; 0 lets <see cref="DecodeSplits.Choose"/> decide. Not with <see cref="BatchInvariant"/>. On the cpu device the
    /// number is that of all slots, original and quantised together; on devices with programs each of the two kinds is split into up to so many parts.
    /// </summary>
    public int Splits { get; init; }

    /// <summary>
    /// Parts of a fixed number of slots, <see cref="DecodeSplits.FixedSlots"/>, so that the bits of a sequence's result depend on the sequence alone: not on the batch
    /// it is in, nor on the capacity of the cache or the number of threads.
    /// </summary>
    public bool BatchInvariant { get; init; }

    internal void Validate()
    {
        if (!float.IsFinite(SoftCap) || SoftCap < 0)
            throw new ArgumentOutOfRangeException(nameof(SoftCap), SoftCap, "Expected a positive finite soft-cap, or 0 for none.");
        if (Scale is { } scale && !float.IsFinite(scale))
            throw new ArgumentOutOfRangeException(nameof(Scale), scale, "Expected a finite scale, or null for 1/sqrt(D).");
        if (Splits is < 0 or > MaxSplits)
            throw new ArgumentOutOfRangeException(nameof(Splits), Splits, $"Expected 1 to {MaxSplits} parts, or 0 for a choice by size.");
        if (BatchInvariant && Splits > 0)
            throw new ArgumentException($"Splits = {Splits} with BatchInvariant, which has parts of a fixed size. Leave one of them out.", nameof(Splits));
    }
}
