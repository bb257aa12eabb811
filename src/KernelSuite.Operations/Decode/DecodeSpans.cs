using KernelSuite.Runtime;

namespace KernelSuite.Operations.Decode;

/// <summary>Host memory of a decode problem's operands, each from its first element; those that the problem lacks stay empty, and outputs that are not wanted too.</summary>
/// <typeparam name="T">float, Half or <see cref="BFloat16"/>: storage of q, k, v and the output.</typeparam>
public readonly ref struct DecodeSpans<T>
    where T : unmanaged
{
    /// <summary>Queries.</summary>
    public ReadOnlySpan<T> Q { get; init; }

    /// <summary>Original keys.</summary>
    public ReadOnlySpan<T> K { get; init; }

    /// <summary>Original values.</summary>
    public ReadOnlySpan<T> V { get; init; }

    /// <summary>Page table of the original segment.</summary>
    public ReadOnlySpan<int> PageTable { get; init; }

    /// <summary>Lengths of the original segment.</summary>
    public ReadOnlySpan<int> KvLengths { get; init; }

    /// <summary>Page table of the quantised segment.</summary>
    public ReadOnlySpan<int> QuantisedPageTable { get; init; }

    /// <summary>Lengths of the quantised segment.</summary>
    public ReadOnlySpan<int> QuantisedLengths { get; init; }

    /// <summary>Codes of the quantised keys.</summary>
    public ReadOnlySpan<byte> KCodes { get; init; }

    /// <summary>Group factors of the quantised keys.</summary>
    public ReadOnlySpan<byte> KGroups { get; init; }

    /// <summary>Codes of the quantised values.</summary>
    public ReadOnlySpan<byte> VCodes { get; init; }

    /// <summary>Group factors of the quantised values.</summary>
    public ReadOnlySpan<byte> VGroups { get; init; }

    /// <summary>Scales of the quantised keys.</summary>
    public ReadOnlySpan<float> KScales { get; init; }

    /// <summary>Scales of the quantised values.</summary>
    public ReadOnlySpan<float> VScales { get; init; }

    /// <summary>Output.</summary>
    public Span<T> Out { get; init; }

    /// <summary>Log-sum-exp.</summary>
    public Span<float> Lse { get; init; }

    /// <summary>Logits.</summary>
    public Span<float> Logits { get; init; }
}
