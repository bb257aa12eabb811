namespace KernelSuite.KvCache.Decoding;

/// <summary>How text is generated.</summary>
public sealed record GenerationOptions
{
    /// <summary>Most tokens to generate, 0 or more.</summary>
    public int MaxTokens { get; init; } = 256;

    /// <summary>0 takes the most likely token (ties: the lowest id); above, tokens are drawn from softmax(logits / temperature).</summary>
    public float Temperature { get; init; }

    /// <summary>Seed of the draws: equal seeds and equal logits give equal texts.</summary>
    public ulong Seed { get; init; }

    /// <summary>Sequences of tokens that end the text; the one that ended it is part of the result. A sequence of one token is an end-of-text token.</summary>
    public IReadOnlyList<IReadOnlyList<int>> Stops { get; init; } = [];

    /// <summary>Called with each token as it is chosen.</summary>
    public Action<int>? OnToken { get; init; }

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(MaxTokens);
        if (!float.IsFinite(Temperature) || Temperature < 0)
            throw new ArgumentOutOfRangeException(nameof(Temperature), Temperature, "Expected a finite temperature, 0 for the most likely token.");
        if (Stops is null || Stops.Any(stop => stop is not { Count: > 0 }))
            throw new ArgumentException("A stop is empty. Expected sequences of one or more tokens.", nameof(Stops));
    }
}

/// <summary>Why a text ended.</summary>
public enum GenerationEnd
{
    /// <summary>It has <see cref="GenerationOptions.MaxTokens"/>.</summary>
    MaxTokens,

    /// <summary>It ends with one of <see cref="GenerationOptions.Stops"/>.</summary>
    Stop,
}

/// <summary>A generated text.</summary>
/// <param name="Tokens">The tokens behind the prompt.</param>
/// <param name="End">Why it ended.</param>
public sealed record GenerationResult(IReadOnlyList<int> Tokens, GenerationEnd End);
