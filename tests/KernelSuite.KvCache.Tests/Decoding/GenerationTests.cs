using KernelSuite.KvCache.Decoding;
using KernelSuite.Runtime;

namespace KernelSuite.KvCache.Tests.Decoding;

public class GenerationTests
{
    private const string Table = "kqzv=3041;mbxt=9527;\nkqzv=3041;mbxt=";

    [Fact]
    public void A_value_is_looked_up_and_the_stop_ends_it()
    {
        var seen = new List<int>();
        GenerationResult result = Generate(new GenerationOptions { MaxTokens = 40, Stops = [[';']], OnToken = seen.Add });
        Assert.Equal(("9527;", GenerationEnd.Stop), (ByteTokenizer.Decode([.. result.Tokens]), result.End));
        Assert.Equal(result.Tokens, seen);
    }

    [Fact]
    public void Stops_of_several_tokens_and_the_length_end_a_text()
    {
        Assert.Equal("952", Text(new GenerationOptions { MaxTokens = 40, Stops = [[1, 2, 3], ['5', '2']] }));
        Assert.Equal("95", Text(new GenerationOptions { MaxTokens = 2, Stops = [['x', '9']] }));
        Assert.Empty(Generate(new GenerationOptions { MaxTokens = 0 }).Tokens);
    }

    [Fact]
    public void Greedy_tokens_are_those_of_one_forward_pass_over_the_whole_text()
    {
        using var decoder = new LlamaDecoder(TinyLm.Weights);
        int[] prompt = ByteTokenizer.Encode("The license"), generated = [.. Generate(new GenerationOptions { MaxTokens = 30 }, "The license").Tokens];
        using var cache = new PlainKvCache(TinyLm.Cpu, decoder.Config.CacheShape(DType.Float32), 64);
        float[] logits = new float[(prompt.Length + 30) * 256];
        decoder.Forward(cache, [.. prompt, .. generated], logits, LogitRows.All);
        for (int i = 0; i < 30; i++)
        {
            float[] row = logits[((prompt.Length - 1 + i) * 256)..((prompt.Length + i) * 256)];
            Assert.Equal(Array.IndexOf(row, row.Max()), generated[i]);
        }
    }

    [Fact]
    public void Draws_repeat_with_their_seed_and_follow_the_softmax()
    {
        var warm = new GenerationOptions { MaxTokens = 30, Temperature = 1.5f, Seed = 7 };
        Assert.Equal(Text(warm), Text(warm));
        Assert.NotEqual(Text(warm), Text(warm with { Seed = 8 }));
        Assert.Equal(Text(warm with { Temperature = 0 }), Text(warm with { Temperature = 1e-6f }));

        // P = 1/2, 1/3, 1/6 at temperature 2; 30,000 draws have a standard deviation below 0.003.
        float[] logits = [2 * MathF.Log(3), 2 * MathF.Log(2), 0, float.NegativeInfinity];
        int[] counts = new int[4];
        var sampler = new TokenSampler(2, 1);
        for (int i = 0; i < 30_000; i++) counts[sampler.Next(logits)]++;
        Assert.Equal(0, counts[3]);
        Assert.Equal(1 / 2.0, counts[0] / 30_000.0, 0.015);
        Assert.Equal(1 / 3.0, counts[1] / 30_000.0, 0.015);
    }

    [Fact]
    public void Ties_go_to_the_lowest_token_and_not_a_number_is_an_error()
    {
        Assert.Equal(1, TokenSampler.MostLikely([0, 3, 3, -1]));
        Assert.Throws<InvalidOperationException>(() => TokenSampler.MostLikely([0, 3, float.NaN]));
        Assert.Throws<InvalidOperationException>(() => TokenSampler.MostLikely([float.NaN, 3]));
    }

    [Fact]
    public void Cancellation_stops_between_tokens()
    {
        using var source = new CancellationTokenSource();
        int count = 0;
        var options = new GenerationOptions { MaxTokens = 40, OnToken = _ => { if (++count == 3) source.Cancel(); } };
        Assert.Throws<OperationCanceledException>(() => Generate(options, cancellation: source.Token));
        Assert.Equal(3, count);
    }

    [Fact]
    public void Options_that_do_not_fit_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Generate(new GenerationOptions { MaxTokens = -1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Generate(new GenerationOptions { Temperature = float.NaN }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Generate(new GenerationOptions { Temperature = -1 }));
        Assert.Throws<ArgumentException>(() => Generate(new GenerationOptions { Stops = [[]] }));
        Assert.Throws<ArgumentException>(() => Generate(new GenerationOptions(), prompt: ""));
    }

    [Fact]
    public void Bytes_are_tokens_and_back()
    {
        const string Text = "naïve λ\n";
        Assert.Equal(10, ByteTokenizer.Encode(Text).Length);
        Assert.Equal(Text, ByteTokenizer.Decode(ByteTokenizer.Encode(Text)));
        Assert.Equal("\uFFFD", ByteTokenizer.Decode([0xC3]));
        Assert.Throws<ArgumentException>(() => ByteTokenizer.Decode([256]));
    }

    private static string Text(GenerationOptions options) => ByteTokenizer.Decode([.. Generate(options).Tokens]);

    private static GenerationResult Generate(GenerationOptions options, string prompt = Table, CancellationToken cancellation = default)
    {
        using var decoder = new LlamaDecoder(TinyLm.Weights);
        using var cache = new PlainKvCache(TinyLm.Cpu, decoder.Config.CacheShape(DType.Float32), 128);
        return decoder.Generate(cache, ByteTokenizer.Encode(prompt), options, cancellation);
    }
}
