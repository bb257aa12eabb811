using System.Text.Json;
using KernelSuite.KvCache.Decoding;
using KernelSuite.Runtime;

namespace KernelSuite.KvCache.Tests.Decoding;

/// <summary>The two figures of reference.json, from a float64 pass, again with the decoder and a full float32 cache.</summary>
public class TinyLmQualityTests
{
    private static readonly JsonElement Stored = JsonDocument.Parse(File.ReadAllText(Path.Combine(TinyLm.Folder, "reference.json"))).RootElement;

    [Fact]
    public void Recall_is_the_stored_one()
    {
        using var decoder = new LlamaDecoder(TinyLm.Weights);
        string[] lines = File.ReadAllLines(Path.Combine(TinyLm.Folder, "recall.jsonl"));
        int whole = lines.Count(line => Recalls(decoder, JsonDocument.Parse(line).RootElement));

        // Whole answers are counts: a logit that differs in its last digits may tip one answer whose two best tokens are as good as tied, and no more.
        double expected = Stored.GetProperty("recall_exact").GetDouble();
        Assert.InRange((double)whole / lines.Length, expected - (1.01 / lines.Length), expected + (1.01 / lines.Length));
    }

    [Fact]
    public void Bits_per_byte_are_the_stored_ones()
    {
        using var decoder = new LlamaDecoder(TinyLm.Weights);
        byte[] text = File.ReadAllBytes(Path.Combine(TinyLm.Folder, "text.txt"));
        const int Window = 1024;
        float[] logits = new float[Window * 256];
        double bits = 0;
        int count = 0;
        for (int window = 0; window < 8; window++)
        {
            int[] tokens = ByteTokenizer.Encode(text.AsSpan(2000 + (window * Window), Window + 1));
            using var cache = new PlainKvCache(TinyLm.Cpu, decoder.Config.CacheShape(DType.Float32), Window);
            decoder.Forward(cache, tokens.AsSpan(0, Window), logits, LogitRows.All);
            for (int i = 0; i < Window; i++, count++)
            {
                ReadOnlySpan<float> row = logits.AsSpan(i * 256, 256);
                double total = 0;
                foreach (float logit in row) total += Math.Exp(logit);
                bits += Math.Log2(total) - (row[tokens[i + 1]] / Math.Log(2));
            }
        }

        // Errors of single logits, 1e-5, have either sign and average out.
        Assert.Equal(Stored.GetProperty("bits_per_byte_1024").GetDouble(), bits / count, 1e-5);
    }

    private static bool Recalls(LlamaDecoder decoder, JsonElement item)
    {
        int[] prompt = ByteTokenizer.Encode(item.GetProperty("prompt").GetString()!), answer = ByteTokenizer.Encode(item.GetProperty("answer").GetString()!);
        using var cache = new PlainKvCache(TinyLm.Cpu, decoder.Config.CacheShape(DType.Float32), prompt.Length + answer.Length);
        float[] logits = new float[256];
        decoder.Forward(cache, prompt, logits);
        bool right = true;
        foreach (int expected in answer)
        {
            right &= logits.AsSpan().IndexOf(logits.Max()) == expected;
            decoder.Forward(cache, [expected], logits);
        }

        return right;
    }
}
