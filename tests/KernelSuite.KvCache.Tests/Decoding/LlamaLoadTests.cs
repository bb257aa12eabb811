using System.Text.Json.Nodes;
using KernelSuite.KvCache.Decoding;

namespace KernelSuite.KvCache.Tests.Decoding;

public class LlamaLoadTests
{
    [Fact]
    public void The_small_models_configuration_is_read()
    {
        LlamaConfig config = TinyLm.Weights.Config;
        Assert.Equal((256, 704, 4, 4, 2, 64, 256), (config.HiddenSize, config.IntermediateSize, config.Layers, config.QueryHeads, config.KvHeads, config.HeadDim, config.VocabularySize));
        Assert.Equal((1e-5f, 10000.0, true, 1024, "bytes"), (config.NormEpsilon, config.RopeTheta, config.TiedEmbedding, config.MaxPositions, config.Tokenizer));
        Assert.Equal(4L * (256 * 256 + 4 * (512 * 256 + 256 * 256 + 3 * 704 * 256)), TinyLm.Weights.ByteLength);
    }

    [Theory]
    [InlineData("rope_scaling", """{"rope_type":"linear","factor":2.0}""", "rope_scaling")]
    [InlineData("rope_parameters", """{"rope_type":"yarn","rope_theta":10000.0}""", "rope_parameters.rope_type")]
    [InlineData("rope_parameters", "3", "rope_parameters")]
    [InlineData("sliding_window", "4096", "sliding_window")]
    [InlineData("quantization_config", """{"bits":4}""", "quantization_config")]
    [InlineData("attention_bias", "true", "attention_bias")]
    [InlineData("mlp_bias", "true", "mlp_bias")]
    [InlineData("partial_rotary_factor", "0.5", "partial_rotary_factor")]
    [InlineData("hidden_act", "\"gelu\"", "hidden_act")]
    [InlineData("model_type", "\"gpt2\"", "model_type")]
    [InlineData("tokenizer", "\"bpe\"", "tokenizer")]
    [InlineData("torch_dtype", "\"float64\"", "torch_dtype")]
    [InlineData("hidden_size", "0", "hidden_size")]
    [InlineData("hidden_size", "-256", "hidden_size")]
    [InlineData("hidden_size", "1e3", "hidden_size")]
    [InlineData("hidden_size", "99999999999", "hidden_size")]
    [InlineData("hidden_size", "\"256\"", "hidden_size")]
    [InlineData("num_key_value_heads", "3", "multiple")]
    [InlineData("head_dim", "63", "even")]
    [InlineData("head_dim", "258", "head_dim")]
    [InlineData("rms_norm_eps", "0", "rms_norm_eps")]
    [InlineData("rope_theta", "-1", "rope_theta")]
    [InlineData("tie_word_embeddings", "1", "tie_word_embeddings")]
    public void A_configuration_that_the_decoder_cannot_run_is_refused(string key, string value, string named)
    {
        JsonObject config = JsonNode.Parse(File.ReadAllText(Path.Combine(TinyLm.Folder, "config.json")))!.AsObject();
        config[key] = JsonNode.Parse(value);
        Assert.Contains(named, Refuse(config.ToJsonString()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("""{"hidden_size":1,"hidden_size":2}""")]
    [InlineData("""{"model_type":"llama"}""")]
    public void A_configuration_that_is_none_is_refused(string text) => Assert.NotEmpty(Refuse(text).NextStep);

    [Fact]
    public void Rope_theta_may_stand_in_its_newer_place()
    {
        JsonObject json = JsonNode.Parse(File.ReadAllText(Path.Combine(TinyLm.Folder, "config.json")))!.AsObject();
        json.Remove("rope_theta");
        json["rope_parameters"] = new JsonObject { ["rope_type"] = "default", ["rope_theta"] = 500000.0 };
        Assert.Equal(500000.0, WithConfig(json.ToJsonString(), LlamaConfig.Read).RopeTheta);
    }

    [Theory]
    [InlineData("missing", "no tensor 'model.layers.1.mlp.up_proj.weight'")]
    [InlineData("extra", "'model.layers.0.self_attn.q_proj.bias'")]
    [InlineData("shape", "expected [13]")]
    public void Tensors_that_do_not_belong_together_are_refused(string fault, string found)
    {
        using TestModel model = TestModel.Odd();
        if (fault == "missing") model.Tensors.Remove("model.layers.1.mlp.up_proj.weight");
        else if (fault == "extra") model.Tensors.Add("model.layers.0.self_attn.q_proj.bias", ([60], new float[60]));
        else model.Tensors["model.norm.weight"] = ([1, 13], new float[13]);
        Assert.Contains(found, Assert.Throws<SafetensorsFormatException>(() => LlamaWeights.Load(model.Save().Folder, TinyLm.Cpu)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}", "no object 'weight_map'")]
    [InlineData("{", "not JSON")]
    [InlineData("""{"weight_map":{"a":"../x.safetensors"}}""", "'../x.safetensors'")]
    [InlineData("""{"weight_map":{"a":"/etc/passwd"}}""", "'/etc/passwd'")]
    [InlineData("""{"weight_map":{"a":1}}""", "''")]
    [InlineData("""{"weight_map":{"nobody":"part-0.safetensors"}}""", "'nobody' in part-0.safetensors")]
    public void An_index_that_is_wrong_is_refused(string index, string found)
    {
        using TestModel model = TestModel.Odd().SaveSharded();
        model.SaveIndex(index);
        Assert.Contains(found, Assert.ThrowsAny<ModelFormatException>(() => LlamaWeights.Load(model.Folder, TinyLm.Cpu)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_a_checkpoint_says_what_is_missing()
    {
        using TestModel model = TestModel.Odd().Save();
        File.Delete(Path.Combine(model.Folder, "model.safetensors"));
        Assert.Contains("model.safetensors.index.json", Assert.Throws<FileNotFoundException>(() => LlamaWeights.Load(model.Folder, TinyLm.Cpu)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Loading_can_be_cancelled() =>
        Assert.Throws<OperationCanceledException>(() => LlamaWeights.Load(TinyLm.Folder, TinyLm.Cpu, new CancellationToken(canceled: true)));

    private static ModelFormatException Refuse(string config) => WithConfig(config, path => Assert.Throws<ModelFormatException>(() => LlamaConfig.Read(path)));

    private static T WithConfig<T>(string config, Func<string, T> use) => SafetensorsBytes.With(System.Text.Encoding.UTF8.GetBytes(config), use);
}
