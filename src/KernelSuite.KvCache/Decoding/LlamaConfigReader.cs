using System.Text.Json;

namespace KernelSuite.KvCache.Decoding;

/// <summary>
/// From config.json to <see cref="LlamaConfig"/>. Keys that change nothing in a forward pass are ignored; those that would (scaled rotations,
/// biases, other activations, sliding windows, quantised weights) are refused, since a decoder that ignored them would be quietly wrong.
/// </summary>
internal static class LlamaConfigReader
{
    private const int MaxBytes = 1 << 20;

    public static LlamaConfig Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using FileStream file = File.OpenRead(path);
        if (file.Length > MaxBytes) throw new ModelFormatException(path, $"{file.Length} bytes", $"at most {MaxBytes}", "This is not a model's config.json.");
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(file, new JsonDocumentOptions { MaxDepth = 16, AllowDuplicateProperties = false });
        }
        catch (JsonException error)
        {
            throw new ModelFormatException(path, $"text that is not JSON ({error.Message})", "one JSON object without repeated keys", "Copy the model's config.json again.", error);
        }

        using (document)
        {
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new ModelFormatException(path, $"a JSON {document.RootElement.ValueKind}", "an object", "Copy the model's config.json again.");
            return new Fields(path, document.RootElement).ToConfig();
        }
    }

    private sealed class Fields(string path, JsonElement root)
    {
        private const string NotThisDecoder = "This decoder runs plain Llama-style models only.";

        public LlamaConfig ToConfig()
        {
            Require("model_type", Text("model_type") ?? "llama", "llama");
            Require("hidden_act", Text("hidden_act") ?? "silu", "silu");
            foreach (string absent in (ReadOnlySpan<string>)["rope_scaling", "sliding_window", "quantization_config"])
            {
                if (Find(absent) is { } value) throw Refuse(absent, value.GetRawText(), "null, or no such key");
            }

            foreach (string off in (ReadOnlySpan<string>)["attention_bias", "mlp_bias"])
            {
                if (Flag(off)) throw Refuse(off, "true", "false, or no such key");
            }

            if (Number("partial_rotary_factor", 1) is not 1.0 and var factor) throw Refuse("partial_rotary_factor", $"{factor}", "1, or no such key");
            if (Text("tokenizer") is { } tokenizer) Require("tokenizer", tokenizer, "bytes");
            if (Text("torch_dtype") is { } dtype && dtype is not ("float32" or "float16" or "bfloat16"))
                throw Refuse("torch_dtype", dtype, "float32, float16 or bfloat16");

            int queryHeads = Whole("num_attention_heads"), hidden = Whole("hidden_size");
            var config = new LlamaConfig
            {
                HiddenSize = hidden,
                IntermediateSize = Whole("intermediate_size"),
                Layers = Whole("num_hidden_layers"),
                QueryHeads = queryHeads,
                KvHeads = Whole("num_key_value_heads", queryHeads),
                HeadDim = Whole("head_dim", queryHeads > 0 && hidden % queryHeads == 0 ? hidden / queryHeads : null),
                VocabularySize = Whole("vocab_size"),
                NormEpsilon = (float)Number("rms_norm_eps", 1e-6),
                RopeTheta = Theta(),
                TiedEmbedding = Flag("tie_word_embeddings"),
                MaxPositions = Whole("max_position_embeddings", 2048),
                Tokenizer = Text("tokenizer"),
            };
            try
            {
                config.Validate();
            }
            catch (ArgumentException error)
            {
                throw new ModelFormatException(path, error.Message, "a decoder's dimensions", NotThisDecoder, error);
            }

            return config;
        }

        /// <summary>rope_theta, or its newer place, an object of rope_parameters whose type must be the default.</summary>
        private double Theta()
        {
            if (Find("rope_parameters") is not { } parameters) return Number("rope_theta", 10000);
            if (parameters.ValueKind != JsonValueKind.Object) throw Refuse("rope_parameters", parameters.GetRawText(), "an object");
            foreach (JsonProperty property in parameters.EnumerateObject())
            {
                bool known = property.Name == "rope_theta" || (property.Name is "rope_type" or "type" && property.Value.ValueEquals("default"));
                if (!known) throw Refuse($"rope_parameters.{property.Name}", property.Value.GetRawText(), "rope_theta and rope_type 'default' only");
            }

            return new Fields(path, parameters).Number("rope_theta", 10000);
        }

        private JsonElement? Find(string name) => root.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

        private string? Text(string name) => Find(name) switch
        {
            null => null,
            { ValueKind: JsonValueKind.String } value => value.GetString(),
            { } value => throw Refuse(name, value.GetRawText(), "a string"),
        };

        private bool Flag(string name) => Find(name) switch
        {
            null => false,
            { ValueKind: JsonValueKind.True } => true,
            { ValueKind: JsonValueKind.False } => false,
            { } value => throw Refuse(name, value.GetRawText(), "true or false"),
        };

        private int Whole(string name, int? otherwise = null)
        {
            if (Find(name) is not { } value) return otherwise ?? throw new ModelFormatException(path, $"no '{name}'", "a whole number", NotThisDecoder);
            return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) ? number : throw Refuse(name, value.GetRawText(), "a whole number below 2^31");
        }

        private double Number(string name, double otherwise)
        {
            if (Find(name) is not { } value) return otherwise;
            return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) ? number : throw Refuse(name, value.GetRawText(), "a number");
        }

        private void Require(string name, string value, string expected)
        {
            if (value != expected) throw Refuse(name, value, expected);
        }

        private ModelFormatException Refuse(string name, string value, string expected) =>
            new(path, $"'{name}' = {(value.Length > 80 ? value[..80] + "…" : value)}", expected, NotThisDecoder);
    }
}
