using KernelSuite.KvCache;
using KernelSuite.Operations;
using KernelSuite.Runtime;

namespace KernelSuite.Measurement;

/// <summary>What a <see cref="KvEvaluator"/> compares, and on what.</summary>
public sealed record KvEvaluationOptions
{
    /// <summary>Folder of the model: config.json with <c>tokenizer: bytes</c>, and safetensors.</summary>
    public required string ModelDirectory { get; init; }

    /// <summary>The policies. <c>full</c> runs in any case, once: the others are held against it. At an equal budget the first other one is held against the rest.</summary>
    public IReadOnlyList<KvPolicy> Policies { get; init; } = [new ArkvPolicy(), new SnapKvPolicy()];

    /// <summary>The budgets.</summary>
    public IReadOnlyList<KvBudget> Budgets { get; init; } = [KvBudget.Full, KvBudget.Parse("50%"), KvBudget.Parse("25%"), KvBudget.Parse("12.5%")];

    /// <summary>Text for bits per byte; empty to leave that out.</summary>
    public ReadOnlyMemory<byte> Text { get; init; }

    /// <summary>Recall prompts; empty to leave that out.</summary>
    public IReadOnlyList<RecallPrompt> Recall { get; init; } = [];

    /// <summary>Windows that are cut from <see cref="Text"/>, evenly spaced; 1 to 10,000.</summary>
    public int Windows { get; init; } = 8;

    /// <summary>Bytes of a window that are taken in with one prefill; 2 or more.</summary>
    public int PrefillBytes { get; init; } = 512;

    /// <summary>Bytes behind them that are fed one by one and scored; 2 or more.</summary>
    public int ScoredBytes { get; init; } = 256;

    /// <summary>Storage of keys and values in full.</summary>
    public DType DType { get; init; } = DType.Float16;

    /// <summary>Seed of the resampling, and of what the caller generated; part of the report's context.</summary>
    public ulong Seed { get; init; } = Validator.DefaultSeed;

    /// <summary>Resamples behind an interval, 100 to 100,000.</summary>
    public int Resamples { get; init; } = 2000;

    /// <summary>The command line that repeats the run, for the report.</summary>
    public string Command { get; init; } = string.Empty;

    /// <summary>Checks every value.</summary>
    /// <exception cref="ArgumentException">Names the value and says what was expected.</exception>
    public void Validate()
    {
        ArgumentException.ThrowIfNullOrEmpty(ModelDirectory);
        if (Policies is not { Count: > 0 } || Policies.Any(p => p is null)) throw new ArgumentException("No policy. Expected one or more.", nameof(Policies));
        if (Policies.GroupBy(p => p.Name).FirstOrDefault(g => g.Count() > 1) is { } twice) throw new ArgumentException($"Policy '{twice.Key}' is given twice.", nameof(Policies));
        if (Budgets is not { Count: > 0 }) throw new ArgumentException("No budget. Expected one or more.", nameof(Budgets));
        if (Budgets.Any(b => b.Text is null)) throw new ArgumentException("A budget is empty. Make them with KvBudget.Parse.", nameof(Budgets));
        if (Budgets.GroupBy(b => b.Text).FirstOrDefault(g => g.Count() > 1) is { } same) throw new ArgumentException($"Budget '{same.Key}' is given twice.", nameof(Budgets));
        Range(Windows, 1, 10_000, nameof(Windows));
        Range(PrefillBytes, 2, 1 << 20, nameof(PrefillBytes));
        Range(ScoredBytes, 2, 1 << 20, nameof(ScoredBytes));
        Range(Resamples, 100, 100_000, nameof(Resamples));
        if (Text.IsEmpty && Recall is not { Count: > 0 }) throw new ArgumentException("Neither a text nor recall prompts. Expected one of them at least.", nameof(Text));
        if (!Text.IsEmpty && Text.Length < PrefillBytes + ScoredBytes)
            throw new ArgumentException($"The text has {Text.Length} bytes. Expected {PrefillBytes} + {ScoredBytes} for one window at least; take a longer text or smaller windows.", nameof(Text));
        if (Recall.FirstOrDefault(r => (long)r.Prompt.Length + r.Answer.Length > KvEvaluator.MaxSequenceBytes) is { } longest)
            throw new ArgumentException($"A recall prompt has {longest.Prompt.Length + longest.Answer.Length:N0} characters. Expected at most {KvEvaluator.MaxSequenceBytes:N0}.", nameof(Recall));
    }

    private static void Range(int value, int from, int to, string name)
    {
        if (value < from || value > to) throw new ArgumentOutOfRangeException(name, value, $"{name} is {value}. Expected {from} to {to}.");
    }
}
