using System.Text;
using KernelSuite.Operations;

namespace KernelSuite.Measurement;

/// <summary>
/// Recall prompts from a seed: a table of <see cref="Pairs"/> distinct four-letter keys with four-digit values, <c>key=value;</c>, a line end, filler from a text, a line end, and one key
/// with <c>=</c>; the answer is its value and <c>;</c>.
/// </summary>
public static class RecallPromptGenerator
{
    /// <summary>Pairs of a table.</summary>
    public const int Pairs = 8;

    private const int KeyLength = 4, ValueLength = 4;
    private static readonly int[] FillerLengths = [150, 200, 250, 300, 400];

    /// <summary>Makes prompts; equal seeds and texts give equal prompts, and the first n of more are the same.</summary>
    /// <param name="count">How many, 0 or more.</param>
    /// <param name="seed">Any value.</param>
    /// <param name="text">Filler is cut from it; bytes that are not ASCII are left out.</param>
    /// <exception cref="ArgumentException">The text is too short.</exception>
    public static IReadOnlyList<RecallPrompt> Generate(int count, ulong seed, ReadOnlySpan<byte> text)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, RecallFile.MaxPrompts);
        var ascii = new StringBuilder(text.Length);
        foreach (byte b in text)
        {
            if (b < 128) ascii.Append((char)b);
        }

        if (ascii.Length <= FillerLengths[^1]) throw new ArgumentException($"The text has {ascii.Length} ASCII bytes. Expected more than {FillerLengths[^1]} to cut filler from.", nameof(text));
        string filler = ascii.ToString();
        var random = new SeededRandom(seed);
        var prompts = new RecallPrompt[count];
        for (int i = 0; i < count; i++) prompts[i] = One(random, filler);
        return prompts;
    }

    private static RecallPrompt One(SeededRandom random, string filler)
    {
        var keys = new List<string>();
        while (keys.Count < Pairs)
        {
            string key = Word(random, 'a', 26, KeyLength);
            if (!keys.Contains(key)) keys.Add(key);
        }

        string[] values = [.. keys.Select(_ => Word(random, '0', 10, ValueLength))];
        int length = FillerLengths[Below(random, FillerLengths.Length)];
        int from = Below(random, filler.Length - length);
        int asked = Below(random, Pairs);
        var prompt = new StringBuilder();
        for (int i = 0; i < Pairs; i++) prompt.Append(keys[i]).Append('=').Append(values[i]).Append(';');
        prompt.Append('\n').Append(filler, from, length).Append('\n').Append(keys[asked]).Append('=');
        return new RecallPrompt(prompt.ToString(), values[asked] + ";");
    }

    private static string Word(SeededRandom random, char first, int letters, int length) =>
        string.Create(length, random, (span, r) =>
        {
            foreach (ref char c in span) c = (char)(first + Below(r, letters));
        });

    private static int Below(SeededRandom random, int bound) => (int)(random.NextUniform() * bound);
}
