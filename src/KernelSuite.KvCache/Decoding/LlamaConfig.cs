using KernelSuite.Operations.Attention;
using KernelSuite.Runtime;

namespace KernelSuite.KvCache.Decoding;

/// <summary>The hyper-parameters of a Llama-style decoder, as its config.json gives them.</summary>
public sealed record LlamaConfig
{
    private const int MaxExtent = 1 << 24;

    /// <summary>Width of the residual stream (hidden_size).</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Width inside the feed-forward layers (intermediate_size).</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>num_hidden_layers.</summary>
    public required int Layers { get; init; }

    /// <summary>Hq (num_attention_heads).</summary>
    public required int QueryHeads { get; init; }

    /// <summary>Hk (num_key_value_heads), a divisor of <see cref="QueryHeads"/>.</summary>
    public required int KvHeads { get; init; }

    /// <summary>D (head_dim), even, 2 to 256.</summary>
    public required int HeadDim { get; init; }

    /// <summary>Token ids are 0 to this - 1 (vocab_size).</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Added to the mean square under the root (rms_norm_eps).</summary>
    public float NormEpsilon { get; init; } = 1e-6f;

    /// <summary>Base of the rotary frequencies theta^(-2i/D) (rope_theta).</summary>
    public double RopeTheta { get; init; } = 10000;

    /// <summary>Whether the embedding is the output matrix as well (tie_word_embeddings).</summary>
    public bool TiedEmbedding { get; init; }

    /// <summary>Longest sequence that the model was trained for (max_position_embeddings). A decoder runs past it; what the model makes of it is its own affair.</summary>
    public int MaxPositions { get; init; } = 2048;

    /// <summary>How text becomes tokens: <c>bytes</c> where the file says so, else null.</summary>
    public string? Tokenizer { get; init; }

    /// <summary>Reads a config.json.</summary>
    /// <exception cref="ModelFormatException">Not JSON, a value missing or out of range, or a feature that this decoder does not have.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static LlamaConfig Read(string path) => LlamaConfigReader.Read(path);

    /// <summary>What a cache for this model must be made for.</summary>
    /// <param name="dtype">Storage of keys and values in full: float32, float16 or bfloat16.</param>
    public KvCacheShape CacheShape(DType dtype) => new(Layers, QueryHeads, KvHeads, HeadDim, dtype);

    /// <summary>Checks every value.</summary>
    /// <exception cref="ArgumentException">Names the value and says what was expected.</exception>
    internal void Validate()
    {
        Check(HiddenSize, 1, MaxExtent, "hidden_size");
        Check(IntermediateSize, 1, MaxExtent, "intermediate_size");
        Check(Layers, 1, 4096, "num_hidden_layers");
        Check(QueryHeads, 1, 65536, "num_attention_heads");
        Check(KvHeads, 1, QueryHeads, "num_key_value_heads");
        Check(HeadDim, 2, AttentionShape.MaxHeadDim, "head_dim");
        Check(VocabularySize, 1, MaxExtent, "vocab_size");
        Check(MaxPositions, 1, int.MaxValue, "max_position_embeddings");
        if (QueryHeads % KvHeads != 0) throw new ArgumentException($"num_attention_heads = {QueryHeads} is not a multiple of num_key_value_heads = {KvHeads}.");
        if (HeadDim % 2 != 0) throw new ArgumentException($"head_dim = {HeadDim}. Expected an even number: rotation pairs elements.");
        if (!(NormEpsilon > 0) || !float.IsFinite(NormEpsilon)) throw new ArgumentException($"rms_norm_eps = {NormEpsilon}. Expected a positive number.");
        if (!(RopeTheta > 0) || !double.IsFinite(RopeTheta)) throw new ArgumentException($"rope_theta = {RopeTheta}. Expected a positive number.");
        if ((long)(QueryHeads + (2 * KvHeads)) * HeadDim > MaxExtent) throw new ArgumentException($"{QueryHeads} + 2 x {KvHeads} heads of {HeadDim} are more than {MaxExtent} elements a token.");
    }

    private static void Check(int value, int least, int most, string name)
    {
        if (value < least || value > most) throw new ArgumentException($"{name} = {value}. Expected {least} to {most}.");
    }
}
