using KernelSuite.Operations.Dense;
using KernelSuite.Runtime.Cpu;

namespace KernelSuite.KvCache.Decoding;

/// <summary>The matrices and norms of one layer; queries, keys and values are one matrix, gate and up another, so that a layer is four products.</summary>
internal sealed record LlamaLayer(float[] AttentionNorm, PackedMatrix QueryKeyValue, PackedMatrix Output, float[] FeedForwardNorm, PackedMatrix GateUp, PackedMatrix Down);

/// <summary>
/// The weights of a Llama-style decoder, widened to float32 and packed for the register tile of a cpu device: four bytes a parameter, whatever the file stores.
/// Loading holds one panel of rows besides. Immutable; any number of decoders may share it.
/// </summary>
public sealed class LlamaWeights : IDisposable
{
    private readonly List<PackedMatrix> matrices = [];

    internal LlamaWeights(LlamaConfig config, CpuDevice device)
    {
        Config = config;
        ComputeDevice = device;
    }

    /// <summary>The hyper-parameters.</summary>
    public LlamaConfig Config { get; }

    /// <summary>The device whose threads compute the dense layers.</summary>
    public CpuDevice ComputeDevice { get; }

    /// <summary>Bytes that the matrices hold.</summary>
    public long ByteLength => matrices.Sum(m => m.ByteLength);

    internal LlamaLayer[] Layers { get; set; } = [];

    internal float[] FinalNorm { get; set; } = [];

    internal PackedMatrix Embedding { get; set; } = null!;

    /// <summary>The output matrix; the embedding itself where they are tied.</summary>
    internal PackedMatrix Head { get; set; } = null!;

    /// <summary>Loads config.json and the safetensors of a folder, with the tensor names of a Hugging Face Llama checkpoint.</summary>
    /// <param name="directory">The folder.</param>
    /// <param name="device">The device that computes the dense layers; it must outlive the weights.</param>
    /// <param name="cancellation">Checked between panels.</param>
    /// <exception cref="ModelFormatException">A file is malformed, a tensor is missing, of another shape or dtype, or not known.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="OutOfMemoryException">The weights do not fit.</exception>
    public static LlamaWeights Load(string directory, CpuDevice device, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        ArgumentNullException.ThrowIfNull(device);
        LlamaConfig config = LlamaConfig.Read(Path.Combine(directory, "config.json"));
        using var checkpoint = SafetensorsCheckpoint.Open(directory);
        var weights = new LlamaWeights(config, device);
        try
        {
            new LlamaWeightReader(checkpoint, weights, cancellation).Read();
            return weights;
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (PackedMatrix matrix in matrices) matrix.Dispose();
    }

    /// <summary>Takes over a matrix.</summary>
    internal PackedMatrix Own(PackedMatrix matrix)
    {
        matrices.Add(matrix);
        return matrix;
    }
}
