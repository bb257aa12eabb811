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
        return [.. Enumerable.Range(0, Texts).Select(text => new Tolerance(Reference(text), Widen(naive.Logits(Text(text))), DType.Float32.UnitRoundoff()))];
    });

    public static TheoryData<string, DType> DevicesAndTypes
    {
        get
        {
            var data = new TheoryData<string, DType>();
            foreach (string id in TestDevices.Ids)
                foreach (DType dtype in (DType[])[DType.Float32, DType.Float16, DType.BFloat16]) data.Add(id, dtype);
            return data;
        }
    }

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

    [Theory]
    [InlineData(Length, false)]
    [InlineData(37, false)]
    [InlineData(1, false)]
    [InlineData(Length, true)]
    [InlineData(37, true)]
    [InlineData(1, true)]
    public void The_reference_logits_are_reproduced_in_whatever_parts_the_text_comes(int part, bool paged)
    {
        using var decoder = new LlamaDecoder(TinyLm.Weights);
        for (int text = 0; text < Texts; text++)
        {
            KvCacheShape shape = decoder.Config.CacheShape(DType.Float32);
            using IKvCache cache = paged
                ? new TriStateKvCache(TinyLm.Cpu, shape, new FullPolicy(), TriStateKvCache.BytesFor(TinyLm.Cpu, shape, new FullPolicy(), Length))
                : new PlainKvCache(TinyLm.Cpu, shape, Length);
            ToleranceVerdict verdict = Tolerances.Value[text].Judge(Widen(Run(decoder, cache, Text(text), part)));
            Assert.True(verdict.Passed, $"text {text}: {verdict.Reason}");
        }
    }

    /// <summary>What must not pass: one weight off by a thousandth of the largest, pairs of neighbours rotated instead of halves, another base of the rotation.</summary>
    [Theory]
    [InlineData("weight")]
    [InlineData("neighbours")]
    [InlineData("base")]
    public void A_model_that_is_a_little_wrong_misses_the_tolerance(string fault)
    {
        using TestModel model = TestModel.CopyOfTinyLm();
        if (fault == "weight")
        {
            float[] values = model.Tensors["model.layers.2.mlp.down_proj.weight"].Values;
            values[1000] += 1e-3f * values.Max(Math.Abs);
        }
        else if (fault == "base")
        {
            model.Config["rope_theta"] = 10010.0;
        }
        else
        {
            foreach (string name in model.Tensors.Keys.Where(name => name.EndsWith("q_proj.weight", StringComparison.Ordinal) || name.EndsWith("k_proj.weight", StringComparison.Ordinal)))
                PairNeighbours(model.Tensors[name].Values, 256, 64);
        }

        using LlamaWeights weights = LlamaWeights.Load(model.Save().Folder, TinyLm.Cpu);
        using var decoder = new LlamaDecoder(weights);
        using var cache = new PlainKvCache(TinyLm.Cpu, decoder.Config.CacheShape(DType.Float32), Length);
        Assert.False(Tolerances.Value[0].Judge(Widen(Run(decoder, cache, Text(0), Length))).Passed);
    }

    /// <summary>Every device and dtype of a cache, on a text short enough for the slowest, in two parts and a single token.</summary>
    [SkippableTheory]
    [MemberData(nameof(DevicesAndTypes))]
    public void A_cache_may_lie_on_any_device_in_any_dtype(string id, DType dtype)
    {
        const int Short = 19;
        Device device = TestDevices.Shared(id);
        int[] tokens = Text(2)[..Short];
        double[] exact = new PlainForward<double>(TinyLm.Folder, value => Round((float)value, dtype)).Logits(tokens);
        double[] naive = Widen(new PlainForward<float>(TinyLm.Folder, value => Round(value, dtype)).Logits(tokens));
        using var decoder = new LlamaDecoder(TinyLm.Weights);
        using var cache = new PlainKvCache(device, decoder.Config.CacheShape(dtype), Short);
        float[] logits = new float[Short * Vocabulary];
        decoder.Forward(cache, tokens.AsSpan(0, 11), logits.AsSpan(0, 11 * Vocabulary), LogitRows.All);
        decoder.Forward(cache, tokens.AsSpan(11, 7), logits.AsSpan(11 * Vocabulary, 7 * Vocabulary), LogitRows.All);
        decoder.Forward(cache, tokens.AsSpan(18), logits.AsSpan(18 * Vocabulary));

        // A value on the edge between two roundings falls to either side of it, in few places of a pass and so not in all passes: the floor is that of the stored dtype.
        var tolerance = new Tolerance(exact, naive, dtype.UnitRoundoff());
        ToleranceVerdict verdict = tolerance.Judge(Widen(logits));
        Assert.True(verdict.Passed, verdict.Reason);

        tokens[3] ^= 1;
        double[] other = new PlainForward<double>(TinyLm.Folder).Logits(tokens);
        Assert.False(tolerance.Judge([.. exact.AsSpan(0, 4 * Vocabulary), .. other.AsSpan(4 * Vocabulary)]).Passed);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Extents_that_fit_no_tile_and_checkpoints_in_several_files_run(bool sharded)
    {
        using TestModel odd = TestModel.Odd();
        odd.Save();
        int[] tokens = [0, 66, 1, 1, 65, 3, 40, 39, 2, 0, 12, 13, 14, 15, 16, 17, 18];
        double[] exact = new PlainForward<double>(odd.Folder).Logits(tokens), naive = Widen(new PlainForward<float>(odd.Folder).Logits(tokens));
        if (sharded)
        {
            odd.SaveSharded();
            File.Delete(Path.Combine(odd.Folder, "model.safetensors"));
        }

        using LlamaWeights weights = LlamaWeights.Load(odd.Folder, TinyLm.Cpu);
        using var decoder = new LlamaDecoder(weights);
        using var cache = new PlainKvCache(TinyLm.Cpu, decoder.Config.CacheShape(DType.Float32), tokens.Length);
        float[] logits = new float[tokens.Length * 67];
        decoder.Forward(cache, tokens, logits, LogitRows.All);
        ToleranceVerdict verdict = new Tolerance(exact, naive, DType.Float32.UnitRoundoff()).Judge(Widen(logits));
        Assert.True(verdict.Passed, verdict.Reason);
    }

    [Fact]
    public void The_last_row_is_the_last_of_all_rows_and_none_takes_tokens_in()
    {
        using var decoder = new LlamaDecoder(TinyLm.Weights);
        int[] tokens = Text(1)[..50];
        float[] all = new float[50 * Vocabulary], last = new float[Vocabulary], after = new float[Vocabulary];
        using var one = new PlainKvCache(TinyLm.Cpu, decoder.Config.CacheShape(DType.Float32), 50);
        using var two = new PlainKvCache(TinyLm.Cpu, decoder.Config.CacheShape(DType.Float32), 50);
        using var three = new PlainKvCache(TinyLm.Cpu, decoder.Config.CacheShape(DType.Float32), 50);
        decoder.Forward(one, tokens, all, LogitRows.All);
        decoder.Forward(two, tokens, last);
        decoder.Forward(three, tokens.AsSpan(0, 49), [], LogitRows.None);
        decoder.Forward(three, tokens.AsSpan(49), after);
        Assert.Equal(all[(49 * Vocabulary)..], last);
        Assert.True(Tolerances.Value[1].Allowed > last.Zip(after, (a, b) => Math.Abs(a - b)).Max());
    }

    [Fact]
    public void Arguments_that_do_not_fit_are_refused_by_name()
    {
        using var decoder = new LlamaDecoder(TinyLm.Weights);
        KvCacheShape shape = decoder.Config.CacheShape(DType.Float32);
        using var cache = new PlainKvCache(TinyLm.Cpu, shape, 8);
        using var other = new PlainKvCache(TinyLm.Cpu, shape with { KvHeads = 4 }, 8);
        float[] logits = new float[Vocabulary];
        Assert.Equal("cache", Assert.Throws<ArgumentException>(() => decoder.Forward(other, [1], logits)).ParamName);
        Assert.Equal("tokens", Assert.Throws<ArgumentException>(() => decoder.Forward(cache, [], logits)).ParamName);
        Assert.Equal("tokens", Assert.Throws<ArgumentException>(() => decoder.Forward(cache, [256], logits)).ParamName);
        Assert.Equal("tokens", Assert.Throws<ArgumentException>(() => decoder.Forward(cache, [-1], logits)).ParamName);
        Assert.Equal("logits", Assert.Throws<ArgumentException>(() => decoder.Forward(cache, [1], logits.AsSpan(1))).ParamName);
        Assert.Equal("logits", Assert.Throws<ArgumentException>(() => decoder.Forward(cache, [1, 2], logits, LogitRows.All)).ParamName);
        Assert.Equal("logits", Assert.Throws<ArgumentException>(() => decoder.Forward(cache, [1], logits, LogitRows.None)).ParamName);
        Assert.Equal(0, cache.Position);
        decoder.Dispose();
        Assert.Throws<ObjectDisposedException>(() => decoder.Forward(cache, [1], logits));
    }

    [Fact]
    public void A_token_costs_next_to_no_managed_memory()
    {
        using var decoder = new LlamaDecoder(TinyLm.Weights);
        using var cache = new SilentCache(TinyLm.Cpu, decoder.Config.CacheShape(DType.Float32));
        float[] logits = new float[Vocabulary];
        int[] token = [65];
        for (int i = 0; i < 10; i++) decoder.Forward(cache, token, logits);
        Assert.InRange(Allocations.Least(50, () => decoder.Forward(cache, token, logits)), 0, 50 * 64);
    }

    private static float[] Run(LlamaDecoder decoder, IKvCache cache, int[] tokens, int part)
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

    /// <summary>Reorders the rows of each head so that half-split rotation of the result is the rotation of neighbours of the original.</summary>
    private static void PairNeighbours(float[] weights, int inputs, int dim)
    {
        float[] old = [.. weights];
        for (int row = 0; row < weights.Length / inputs; row++)
        {
            int within = row % dim, from = row - within + (within < dim / 2 ? 2 * within : (2 * (within - (dim / 2))) + 1);
            old.AsSpan(from * inputs, inputs).CopyTo(weights.AsSpan(row * inputs));
        }
    }

    private static float Round(float value, DType dtype) => dtype switch
    {
        DType.Float16 => (float)(Half)value,
        DType.BFloat16 => (float)(BFloat16)value,
        _ => value,
    };

    private static int[] Text(int text) => TinyLm.Tokens[(text * Length)..((text + 1) * Length)];

    private static double[] Reference(int text) => Widen(TinyLm.Logits[(text * Length * Vocabulary)..((text + 1) * Length * Vocabulary)]);

    private static double[] Widen(float[] values) => [.. values.Select(value => (double)value)];

    /// <summary>Takes in and answers nothing: what is left is the decoder's own cost.</summary>
    private sealed class SilentCache(Device device, KvCacheShape shape) : IKvCache
    {
        public KvCacheShape Shape => shape;

        public Device Device => device;

        public int Position { get; private set; }

        public void Attend(DeviceStream stream, int layer, int tokens, DeviceSlice q, DeviceSlice k, DeviceSlice v, DeviceSlice output)
        {
            if (layer == shape.Layers - 1) Position += tokens;
        }

        public void Dispose()
        {
        }
    }
}
