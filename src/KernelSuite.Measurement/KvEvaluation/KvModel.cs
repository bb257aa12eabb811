using KernelSuite.KvCache.Decoding;
using KernelSuite.Runtime;
using KernelSuite.Runtime.Cpu;

namespace KernelSuite.Measurement;

/// <summary>A model and the devices it runs on: dense layers on cpu, the cache where asked for.</summary>
internal sealed class KvModel : IDisposable
{
    private readonly Device? host;

    /// <exception cref="NotSupportedException">The model's tokens are not bytes.</exception>
    public KvModel(DeviceCatalog catalog, DeviceInfo device, string directory, CancellationToken cancellation)
    {
        // Before the weights are read: they may be large.
        LlamaConfig config = LlamaConfig.Read(Path.Combine(directory, "config.json"));
        if (config.Tokenizer != "bytes")
            throw new NotSupportedException($"The model in '{directory}' does not say \"tokenizer\": \"bytes\" in config.json. Only byte-level models can be evaluated on text.");
        try
        {
            Device = catalog.Open(device);
            if (Device is not CpuDevice cpu)
            {
                host = catalog.Open("cpu");
                cpu = (CpuDevice)host;
            }

            Weights = LlamaWeights.Load(directory, cpu, cancellation);
            Decoder = new LlamaDecoder(Weights);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public Device Device { get; } = null!;

    public LlamaWeights Weights { get; } = null!;

    public LlamaDecoder Decoder { get; } = null!;

    public KvModelRecord Describe(string directory, DType dtype)
    {
        LlamaConfig c = Weights.Config;
        return new KvModelRecord(directory, c.Layers, c.QueryHeads, c.KvHeads, c.HeadDim, dtype.Name(), c.CacheShape(dtype).BytesPerToken);
    }

    public void Dispose()
    {
        Decoder?.Dispose();
        Weights?.Dispose();
        host?.Dispose();
        Device?.Dispose();
    }
}
