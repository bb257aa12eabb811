using KernelSuite.Runtime;

namespace KernelSuite.KvCache;

/// <summary>What a model asks of its cache.</summary>
/// <param name="Layers">Layers, 1 or more.</param>
/// <param name="QueryHeads">Hq, a multiple of <paramref name="KvHeads"/>.</param>
/// <param name="KvHeads">Hk, 1 or more.</param>
/// <param name="HeadDim">D, 1 to 256.</param>
/// <param name="DType">Storage of queries, original keys and values, and outputs: float32, float16 or bfloat16.</param>
public sealed record KvCacheShape(int Layers, int QueryHeads, int KvHeads, int HeadDim, DType DType)
{
    /// <summary>Bytes of one token in full, keys and values of all layers and heads.</summary>
    public long BytesPerToken => 2L * Layers * KvHeads * HeadDim * DType.SizeOf();
}
