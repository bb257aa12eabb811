using KernelSuite.Operations.Dense;
using KernelSuite.Runtime;
using KernelSuite.Runtime.Cpu;

namespace KernelSuite.KvCache.Decoding;

/// <summary>
/// A Llama-style decoder (RMSNorm, half-split rotations, grouped queries, SwiGLU) around any <see cref="IKvCache"/>. Arithmetic is float32; dense layers run on the
/// weights' cpu device, attention on the cache's. It keeps no state between calls but scratch: the sequence is the cache's. To force a known text on the model, prefill the
/// prompt with one call and feed the text token by token, or all of it at once with <see cref="LogitRows.All"/>. One thread at a time.
/// </summary>
public sealed unsafe class LlamaDecoder : IDisposable
{
    private readonly CpuTeam team;
    private readonly CpuGemm gemm;
    private readonly RotaryTable rotations;
    private readonly NormKernel norm;
    private readonly RotateKernel rotate;
    private readonly SwiGluKernel swiGlu;
    private readonly DecoderScratch scratch;
    private AttentionBuffers? buffers;
    private bool disposed;

    /// <summary>Makes a decoder; it allocates scratch when it first runs.</summary>
    /// <param name="weights">The weights; they must outlive the decoder.</param>
    public LlamaDecoder(LlamaWeights weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        Weights = weights;
        LlamaConfig config = weights.Config;
        team = weights.ComputeDevice.Team;
        gemm = new CpuGemm(weights.ComputeDevice);
        rotations = new RotaryTable(config.HeadDim, config.RopeTheta);
        norm = new NormKernel(config.HiddenSize, config.NormEpsilon);
        rotate = new RotateKernel(config, rotations);
        swiGlu = new SwiGluKernel(config.IntermediateSize);
        scratch = new DecoderScratch(config);
    }

    /// <summary>The weights.</summary>
    public LlamaWeights Weights { get; }

    /// <summary>The hyper-parameters.</summary>
    public LlamaConfig Config => Weights.Config;

    /// <summary>Runs new tokens through the model: the cache takes them in, and the logits say what may follow.</summary>
    /// <param name="cache">The sequence so far. After an error in the middle of a pass its layers disagree: dispose it.</param>
    /// <param name="tokens">n token ids, 1 or more; a prompt in one call, or in parts, or one token.</param>
    /// <param name="logits">[vocabulary], [n, vocabulary] or empty, as <paramref name="rows"/> says; unnormalised.</param>
    /// <param name="rows">Which tokens get logits.</param>
    /// <exception cref="ArgumentException">The cache is made for another model, a token is not in the vocabulary, or a size does not fit; names it.</exception>
    /// <exception cref="DeviceException">The cache's device failed.</exception>
    public void Forward(IKvCache cache, ReadOnlySpan<int> tokens, Span<float> logits, LogitRows rows = LogitRows.Last)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        CheckArguments(cache, tokens, logits, rows);
        int count = tokens.Length;
        rotations.Reserve(checked(cache.Position + count));
        rotate.Position = cache.Position;
        scratch.Reserve(count);
        AttentionBuffers attention = BuffersFor(cache);
        attention.Reserve(count);

        int hidden = Config.HiddenSize;
        Span<float> stream = scratch.Stream.Span[..(count * hidden)], normed = scratch.Normed.Span[..(count * hidden)];
        for (int i = 0; i < count; i++) Weights.Embedding.ReadRow(tokens[i], stream.Slice(i * hidden, hidden));
        for (int layer = 0; layer < Config.Layers; layer++)
        {
            LlamaLayer weights = Weights.Layers[layer];
            Normalise(weights.AttentionNorm, 0, count);
            Attend(attention, cache, layer, weights, normed, stream);
            for (int first = 0; first < count; first += scratch.FeedForwardRows)
                FeedForward(weights, first, Math.Min(scratch.FeedForwardRows, count - first));
        }

        if (rows == LogitRows.None) return;
        int from = rows == LogitRows.Last ? count - 1 : 0;
        Normalise(Weights.FinalNorm, from, count - from);
        gemm.Multiply(Weights.Head, count - from, normed[(from * hidden)..], logits);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        disposed = true;
        buffers?.Dispose();
        scratch.Dispose();
        gemm.Dispose();
    }

    private void Attend(AttentionBuffers attention, IKvCache cache, int layer, LlamaLayer weights, ReadOnlySpan<float> normed, Span<float> stream)
    {
        int count = stream.Length / Config.HiddenSize, queryWidth = Config.QueryHeads * Config.HeadDim;
        Span<float> projected = scratch.Projected.Span[..(count * weights.QueryKeyValue.Outputs)];
        gemm.Multiply(weights.QueryKeyValue, count, normed, projected);
        rotate.Source = scratch.Projected.Pointer;
        rotate.Q = attention.Q;
        rotate.K = attention.K;
        rotate.V = attention.V;
        rotate.Run(team, count);
        attention.Attend(cache, layer, count);
        gemm.Multiply(weights.Output, count, new ReadOnlySpan<float>(attention.Output, count * queryWidth), stream, accumulate: true);
    }

    private void FeedForward(LlamaLayer weights, int first, int count)
    {
        int hidden = Config.HiddenSize, inner = Config.IntermediateSize;
        Normalise(weights.FeedForwardNorm, first, count);
        gemm.Multiply(weights.GateUp, count, scratch.Normed.Span.Slice(first * hidden, count * hidden), scratch.GateUp.Span[..(2 * count * inner)]);
        swiGlu.Source = scratch.GateUp.Pointer;
        swiGlu.Target = scratch.Inner.Pointer;
        swiGlu.Run(team, count);
        gemm.Multiply(weights.Down, count, scratch.Inner.Span[..(count * inner)], scratch.Stream.Span.Slice(first * hidden, count * hidden), accumulate: true);
    }

    private void Normalise(float[] weight, int first, int count)
    {
        norm.Weight = weight;
        norm.Source = scratch.Stream.Pointer + ((long)first * Config.HiddenSize);
        norm.Target = scratch.Normed.Pointer + ((long)first * Config.HiddenSize);
        norm.Run(team, count);
    }

    private AttentionBuffers BuffersFor(IKvCache cache)
    {
        if (buffers is not null && ReferenceEquals(buffers.Device, cache.Device) && buffers.DType == cache.Shape.DType) return buffers;
        buffers?.Dispose();
        buffers = null;
        return buffers = new AttentionBuffers(cache);
    }

    private void CheckArguments(IKvCache cache, ReadOnlySpan<int> tokens, Span<float> logits, LogitRows rows)
    {
        ArgumentNullException.ThrowIfNull(cache);
        KvCacheShape expected = Config.CacheShape(cache.Shape.DType);
        if (cache.Shape != expected) throw new ArgumentException($"The cache is made for {cache.Shape}. Expected {expected}; make it with Config.CacheShape.", nameof(cache));
        if (tokens.IsEmpty) throw new ArgumentException("No tokens. Expected 1 or more.", nameof(tokens));
        foreach (int token in tokens)
        {
            if ((uint)token >= (uint)Config.VocabularySize)
                throw new ArgumentException($"Token {token} is not in the vocabulary. Expected 0 to {Config.VocabularySize - 1}.", nameof(tokens));
        }

        int widest = Math.Max(Config.HiddenSize, (Config.QueryHeads + (2 * Config.KvHeads)) * Config.HeadDim);
        if ((long)tokens.Length * widest > int.MaxValue / sizeof(float))
            throw new ArgumentException($"{tokens.Length} tokens at once are too many. Expected at most {int.MaxValue / sizeof(float) / widest}; feed the prompt in parts.", nameof(tokens));
        long wanted = rows switch
        {
            LogitRows.Last => Config.VocabularySize,
            LogitRows.All => (long)tokens.Length * Config.VocabularySize,
            LogitRows.None => 0,
            _ => throw new ArgumentOutOfRangeException(nameof(rows), rows, "Expected Last, All or None."),
        };
        if (logits.Length != wanted) throw new ArgumentException($"'{nameof(logits)}' holds {logits.Length} elements. Expected {wanted} for {rows}.", nameof(logits));
    }
}
