using KernelSuite.Runtime;

namespace KernelSuite.KvCache.Decoding;

/// <summary>The activations of a forward pass. They grow to the longest run of tokens so far and are kept.</summary>
internal sealed class DecoderScratch(LlamaConfig config) : IDisposable
{
    private int capacity;

    /// <summary>Tokens that pass a feed-forward layer at a time, which is the widest place: bounds its memory on long prompts.</summary>
    public int FeedForwardRows { get; } = Math.Clamp(int.MaxValue / sizeof(float) / 2 / config.IntermediateSize, 1, 256);

    /// <summary>The residual stream, [rows, hidden].</summary>
    public HostBuffer<float> Stream { get; private set; } = new(0);

    /// <summary>The stream, normalised.</summary>
    public HostBuffer<float> Normed { get; private set; } = new(0);

    /// <summary>The fused projection, [rows, (Hq + 2 Hk) D].</summary>
    public HostBuffer<float> Projected { get; private set; } = new(0);

    /// <summary>Gate and up, [rows of a part, 2 intermediate].</summary>
    public HostBuffer<float> GateUp { get; private set; } = new(0);

    /// <summary>[rows of a part, intermediate].</summary>
    public HostBuffer<float> Inner { get; private set; } = new(0);

    public void Reserve(int rows)
    {
        if (rows <= capacity) return;
        Dispose();
        capacity = 0;
        int part = Math.Min(rows, FeedForwardRows);
        Stream = new((long)rows * config.HiddenSize);
        Normed = new((long)rows * config.HiddenSize);
        Projected = new((long)rows * (config.QueryHeads + (2 * config.KvHeads)) * config.HeadDim);
        GateUp = new(2L * part * config.IntermediateSize);
        Inner = new((long)part * config.IntermediateSize);
        capacity = rows;
    }

    public void Dispose()
    {
        Stream.Dispose();
        Normed.Dispose();
        Projected.Dispose();
        GateUp.Dispose();
        Inner.Dispose();
    }
}
