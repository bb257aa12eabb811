using KernelSuite.KvCache;
using KernelSuite.Runtime;

namespace KernelSuite.Measurement;

/// <summary>What a <see cref="KvExplainer"/> shows.</summary>
public sealed record KvExplainOptions
{
    /// <summary>Folder of the model, byte-level.</summary>
    public required string ModelDirectory { get; init; }

    /// <summary>The text; its first <see cref="MaxTokens"/> bytes are prefilled.</summary>
    public required ReadOnlyMemory<byte> Text { get; init; }

    /// <summary>The policy.</summary>
    public KvPolicy Policy { get; init; } = new ArkvPolicy();

    /// <summary>The budget.</summary>
    public KvBudget Budget { get; init; } = KvBudget.Parse("25%");

    /// <summary>Most bytes of the text; 1 to <see cref="KvEvaluator.MaxSequenceBytes"/>.</summary>
    public int MaxTokens { get; init; } = 1024;

    /// <summary>Storage of keys and values in full.</summary>
    public DType DType { get; init; } = DType.Float16;

    /// <summary>The command line that repeats the run, for the report.</summary>
    public string Command { get; init; } = string.Empty;

    /// <summary>Checks every value.</summary>
    /// <exception cref="ArgumentException">Names the value and says what was expected.</exception>
    public void Validate()
    {
        ArgumentException.ThrowIfNullOrEmpty(ModelDirectory);
        ArgumentNullException.ThrowIfNull(Policy);
        if (Budget.Text is null) throw new ArgumentException("The budget is empty. Make it with KvBudget.Parse.", nameof(Budget));
        if (Text.IsEmpty) throw new ArgumentException("The text is empty. Expected one byte at least.", nameof(Text));
        if (MaxTokens is < 1 or > KvEvaluator.MaxSequenceBytes)
            throw new ArgumentOutOfRangeException(nameof(MaxTokens), MaxTokens, $"{nameof(MaxTokens)} is {MaxTokens}. Expected 1 to {KvEvaluator.MaxSequenceBytes}.");
    }
}
