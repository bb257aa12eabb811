using KernelSuite.KvCache;
using KernelSuite.KvCache.Decoding;

namespace KernelSuite.Measurement;

/// <summary>Tokens of which the first are taken in with one prefill and the rest are known and judged.</summary>
/// <param name="Prompt">Tokens of the prefill.</param>
/// <param name="Continuation">Tokens that are predicted one by one; each but the last is then fed.</param>
/// <param name="IsRecall">Whether it is a question; otherwise a window of text.</param>
internal sealed record KvSequence(int[] Prompt, int[] Continuation, bool IsRecall)
{
    /// <summary>Tokens that a cache has had at the end.</summary>
    public int Tokens => Prompt.Length + Continuation.Length - 1;

    /// <summary>Which tokens of the continuation are digits; all, where none is.</summary>
    public bool[] Digits { get; } = Continuation.Any(IsDigit) ? [.. Continuation.Select(IsDigit)] : [.. Continuation.Select(_ => true)];

    public static KvSequence Of(RecallPrompt prompt) => new(ByteTokenizer.Encode(prompt.Prompt), ByteTokenizer.Encode(prompt.Answer), true);

    /// <summary>Windows of a text, evenly spaced from its beginning to its end; as many as asked for, or fewer where neighbours would begin at the same byte.</summary>
    public static IEnumerable<KvSequence> Windows(ReadOnlyMemory<byte> text, int windows, int prefill, int scored)
    {
        int last = text.Length - prefill - scored;
        windows = Math.Min(windows, last + 1);
        for (int i = 0; i < windows; i++)
        {
            int from = windows > 1 ? (int)((long)last * i / (windows - 1)) : 0;
            yield return new KvSequence(ByteTokenizer.Encode(text.Span.Slice(from, prefill)), ByteTokenizer.Encode(text.Span.Slice(from + prefill, scored)), false);
        }
    }

    private static bool IsDigit(int token) => token is >= '0' and <= '9';
}

/// <summary>What a cache made of a sequence.</summary>
/// <param name="Right">Whether each token of the continuation was the most likely one.</param>
/// <param name="Bits">-log2 of the probabilities of the continuation, added up.</param>
/// <param name="Budget">The budget in bytes.</param>
/// <param name="Account">What the cache held at the end.</param>
/// <param name="StepSeconds">Mean seconds of a decode step; NaN where there was none.</param>
internal sealed record KvOutcome(bool[] Right, double Bits, long Budget, KvAccount Account, double StepSeconds)
{
    public bool Whole => Right.All(r => r);

    public int DigitsRight(KvSequence sequence) => Right.Zip(sequence.Digits).Count(p => p.First && p.Second);
}
