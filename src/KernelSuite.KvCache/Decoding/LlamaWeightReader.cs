using KernelSuite.Operations.Dense;

namespace KernelSuite.KvCache.Decoding;

/// <summary>Reads every tensor that the configuration asks for, once, and refuses a checkpoint that holds others.</summary>
internal sealed class LlamaWeightReader(SafetensorsCheckpoint checkpoint, LlamaWeights weights, CancellationToken cancellation)
{
    private readonly LlamaConfig config = weights.Config;
    private readonly HashSet<string> used = new(StringComparer.Ordinal);

    public void Read()
    {
        weights.Embedding = Matrix(config.HiddenSize, ("model.embed_tokens.weight", config.VocabularySize));
        weights.FinalNorm = Vector("model.norm.weight");
        weights.Head = config.TiedEmbedding ? weights.Embedding : Matrix(config.HiddenSize, ("lm_head.weight", config.VocabularySize));
        weights.Layers = [.. Enumerable.Range(0, config.Layers).Select(Layer)];
        CheckAllUsed();
    }

    private LlamaLayer Layer(int index)
    {
        string layer = $"model.layers.{index}.";
        int query = config.QueryHeads * config.HeadDim, kv = config.KvHeads * config.HeadDim;
        return new LlamaLayer(
            Vector(layer + "input_layernorm.weight"),
            Matrix(config.HiddenSize, (layer + "self_attn.q_proj.weight", query), (layer + "self_attn.k_proj.weight", kv), (layer + "self_attn.v_proj.weight", kv)),
            Matrix(query, (layer + "self_attn.o_proj.weight", config.HiddenSize)),
            Vector(layer + "post_attention_layernorm.weight"),
            Matrix(config.HiddenSize, (layer + "mlp.gate_proj.weight", config.IntermediateSize), (layer + "mlp.up_proj.weight", config.IntermediateSize)),
            Matrix(config.IntermediateSize, (layer + "mlp.down_proj.weight", config.HiddenSize)));
    }

    private float[] Vector(string name)
    {
        (SafetensorsFile file, SafetensorsTensor tensor) = Find(name, config.HiddenSize);
        float[] values = new float[config.HiddenSize];
        file.Read(tensor, 0, values);
        return values;
    }

    /// <summary>One matrix of the rows of several tensors, one below the other.</summary>
    private PackedMatrix Matrix(int inputs, params (string Name, int Rows)[] parts)
    {
        var sources = parts.Select(part => (Source: Find(part.Name, part.Rows, inputs), part.Rows)).ToArray();
        return weights.Own(PackedMatrix.Pack(parts.Sum(part => part.Rows), inputs, weights.ComputeDevice.Simd, (first, target) =>
        {
            cancellation.ThrowIfCancellationRequested();
            int start = 0;
            foreach (((SafetensorsFile file, SafetensorsTensor tensor), int rows) in sources)
            {
                // The part of the panel that lies in this tensor, if any.
                int from = Math.Max(first, start), to = Math.Min(first + (target.Length / inputs), start + rows);
                if (from < to) file.Read(tensor, (long)(from - start) * inputs, target.Slice((from - first) * inputs, (to - from) * inputs));
                start += rows;
            }
        }));
    }

    private (SafetensorsFile File, SafetensorsTensor Tensor) Find(string name, params ReadOnlySpan<long> shape)
    {
        used.Add(name);
        return checkpoint.Find(name, shape);
    }

    /// <summary>
    /// A tensor that nothing reads is a bias or another part of an architecture that this is not. Two are harmless: frequencies that older
    /// tools stored although they follow from the configuration, and a second copy of a tied embedding.
    /// </summary>
    private void CheckAllUsed()
    {
        foreach (string name in checkpoint.Names)
        {
            bool harmless = name.EndsWith(".rotary_emb.inv_freq", StringComparison.Ordinal) || (config.TiedEmbedding && name == "lm_head.weight");
            if (used.Contains(name) || harmless) continue;
            throw new SafetensorsFormatException(
                checkpoint.Directory, $"the tensor '{(name.Length > 80 ? name[..80] + "…" : name)}', which a Llama-style model does not have", "the tensors that config.json asks for",
                "This decoder runs plain Llama-style models only.");
        }
    }
}
