using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using KernelSuite.KvCache.Decoding;
using KernelSuite.Operations;

namespace KernelSuite.KvCache.Tests.Decoding;

/// <summary>A model folder that a test makes: copied from the small model or drawn at random, then changed as the test likes.</summary>
internal sealed class TestModel : IDisposable
{
    private TestModel()
    {
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("ksuite-model-").FullName;

    public Dictionary<string, (long[] Shape, float[] Values)> Tensors { get; } = [];

    public JsonObject Config { get; private init; } = [];

    public static TestModel CopyOfTinyLm()
    {
        var model = new TestModel { Config = JsonNode.Parse(File.ReadAllText(Path.Combine(TinyLm.Folder, "config.json")))!.AsObject() };
        using var file = SafetensorsFile.Open(Path.Combine(TinyLm.Folder, "model.safetensors"));
        foreach (SafetensorsTensor tensor in file.Tensors.Values)
        {
            float[] values = new float[tensor.ElementCount];
            file.Read(tensor, 0, values);
            model.Tensors.Add(tensor.Name, ([.. tensor.Shape], values));
        }

        return model;
    }

    /// <summary>Extents that fit no tile, an output matrix of its own, and head_dim times heads different from the hidden size.</summary>
    public static TestModel Odd()
    {
        const int Hidden = 13, Inner = 29, Vocabulary = 67, Query = 6 * 10, Kv = 2 * 10;
        var model = new TestModel
        {
            Config = JsonNode.Parse($$"""
                {"model_type":"llama","hidden_size":{{Hidden}},"intermediate_size":{{Inner}},"num_hidden_layers":2,"num_attention_heads":6,"num_key_value_heads":2,
                 "head_dim":10,"vocab_size":{{Vocabulary}},"rms_norm_eps":1e-6,"rope_theta":500.0}
                """)!.AsObject(),
        };
        var random = new SeededRandom(3);
        void Add(string name, params long[] shape)
        {
            float[] values = new float[shape.Aggregate(1L, (a, b) => a * b)];
            for (int i = 0; i < values.Length; i++) values[i] = (float)random.NextNormal() / MathF.Sqrt(shape[^1]);
            model.Tensors.Add(name, (shape, values));
        }

        Add("model.embed_tokens.weight", Vocabulary, Hidden);
        Add("lm_head.weight", Vocabulary, Hidden);
        Add("model.norm.weight", Hidden);
        for (int layer = 0; layer < 2; layer++)
        {
            string name = $"model.layers.{layer}.";
            Add(name + "input_layernorm.weight", Hidden);
            Add(name + "post_attention_layernorm.weight", Hidden);
            Add(name + "self_attn.q_proj.weight", Query, Hidden);
            Add(name + "self_attn.k_proj.weight", Kv, Hidden);
            Add(name + "self_attn.v_proj.weight", Kv, Hidden);
            Add(name + "self_attn.o_proj.weight", Hidden, Query);
            Add(name + "mlp.gate_proj.weight", Inner, Hidden);
            Add(name + "mlp.up_proj.weight", Inner, Hidden);
            Add(name + "mlp.down_proj.weight", Hidden, Inner);
        }

        return model;
    }

    /// <summary>Writes config.json and the tensors in float32.</summary>
    public TestModel Save()
    {
        File.WriteAllText(Path.Combine(Folder, "config.json"), Config.ToJsonString());
        SaveTensors("model.safetensors", Tensors.Keys);
        return this;
    }

    /// <summary>Writes the tensors in two files and an index.</summary>
    public TestModel SaveSharded()
    {
        File.WriteAllText(Path.Combine(Folder, "config.json"), Config.ToJsonString());
        string[] names = [.. Tensors.Keys];
        var map = new JsonObject();
        for (int part = 0; part < 2; part++)
        {
            string[] own = [.. names.Where((_, i) => i % 2 == part)];
            SaveTensors($"part-{part}.safetensors", own);
            foreach (string name in own) map[name] = $"part-{part}.safetensors";
        }

        SaveIndex(new JsonObject { ["metadata"] = new JsonObject(), ["weight_map"] = map }.ToJsonString());
        return this;
    }

    public void SaveIndex(string text) => File.WriteAllText(Path.Combine(Folder, "model.safetensors.index.json"), text);

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private void SaveTensors(string file, IReadOnlyCollection<string> names)
    {
        var header = new JsonObject();
        long at = 0;
        foreach (string name in names)
        {
            long end = at + (4L * Tensors[name].Values.Length);
            header[name] = JsonSerializer.SerializeToNode(new Dictionary<string, object> { ["dtype"] = "F32", ["shape"] = Tensors[name].Shape, ["data_offsets"] = new[] { at, end } });
            at = end;
        }

        byte[] text = Encoding.UTF8.GetBytes(header.ToJsonString());
        using FileStream stream = File.Create(Path.Combine(Folder, file));
        stream.Write(BitConverter.GetBytes((long)text.Length));
        stream.Write(text);
        foreach (string name in names) stream.Write(System.Runtime.InteropServices.MemoryMarshal.AsBytes(Tensors[name].Values.AsSpan()));
    }
}
