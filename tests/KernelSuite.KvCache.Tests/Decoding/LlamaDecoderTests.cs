using KernelSuite.KvCache.Decoding;
using KernelSuite.Operations;
using KernelSuite.Runtime;
using KernelSuite.Tests;

namespace KernelSuite.KvCache.Tests.Decoding;

public class LlamaDecoderTests
{
    private const int Texts = 3, Length = 192, Vocabulary = 256;

    private static readonly Lazy<Tolerance[]> Tolerances = new(() =>
    {
        var naive = new PlainForward<float>(TinyLm.Folder);
        return
        [
            .. Enumerable.Range(0, Texts).Select(text => new Tolerance(
                Reference(text), [.. naive.Logits(Text(text)).Select(value => (double)value)], DType.Float32.UnitRoundoff())),
        ];
    });

    [Fact]
    public void The_stored_logits_are_those_of_a_double_precision_forward_pass()
    {
        var forward = new PlainForward<double>(TinyLm.Folder);
        for (int text = 0; text < Texts; text++)
        {
            double[] logits = forward.Logits(Text(text)), stored = Reference(text);
            double worst = logits.Zip(stored, (a, b) => Math.Abs(a - b)).Max(), largest = stored.Max(Math.Abs);
            Assert.True(worst <= 2 * DType.Float32.UnitRoundoff() * largest, $"text {text}: differs by {worst:E2}, largest logit {largest:F1}");
        }
    }

    [SkippableTheory]
    [InlineData("cpu", Length)]
    [InlineData("cpu", 37)]
    [InlineData("cpu", 1)]
    public void The_reference_logits_are_reproduced_in_whatever_parts_the_text_comes(string id, int part)
    {
        Device device = TestDevices.Shared(id);
        using var decoder = new LlamaDecoder(TinyLm.Weights);
        for (int text = 0; text < Texts; text++)
        {
            using var cache = new PlainKvCache(device, decoder.Config.CacheShape(DType.Float32), Length);
            float[] logits = Run(decoder, cache, Text(text), part);
            ToleranceVerdict verdict = Tolerances.Value[text].Judge([.. logits.Select(value => (double)value)]);
            Assert.True(verdict.Passed, $"text {text}: {verdict.Reason}");
        }
    }

    private static float[] Run(LlamaDecoder decoder, PlainKvCache cache, int[] tokens, int part)
    {
        float[] logits = new float[tokens.Length * Vocabulary];
        for (int from = 0; from < tokens.Length; from += part)
        {
            int count = Math.Min(part, tokens.Length - from);
            decoder.Forward(cache, tokens.AsSpan(from, count), logits.AsSpan(from * Vocabulary, count * Vocabulary), LogitRows.All);
        }

        Assert.Equal(tokens.Length, cache.Position);
        return logits;
    }

    private static int[] Text(int text) => TinyLm.Tokens[(text * Length)..((text + 1) * Length)];

    private static double[] Reference(int text) => [.. TinyLm.Logits.AsSpan(text * Length * Vocabulary, Length * Vocabulary).ToArray().Select(value => (double)value)];
}
