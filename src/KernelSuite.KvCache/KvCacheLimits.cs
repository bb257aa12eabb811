using KernelSuite.Operations.Attention;
using KernelSuite.Runtime;

namespace KernelSuite.KvCache;

/// <summary>Bounds on shapes that come from outside.</summary>
internal static class KvCacheLimits
{
    public const int MaxLayers = 1024, MaxHeads = 4096;

    /// <summary>Positions stay below this, so that sums of them stay inside an int.</summary>
    public const int MaxTokens = 1 << 28;

    /// <summary>Checks a shape.</summary>
    /// <exception cref="ArgumentException">Names the value and what was expected.</exception>
    public static void Check(KvCacheShape shape)
    {
        Range(shape.Layers, 1, MaxLayers, nameof(shape.Layers));
        Range(shape.QueryHeads, 1, MaxHeads, nameof(shape.QueryHeads));
        Range(shape.KvHeads, 1, MaxHeads, nameof(shape.KvHeads));
        Range(shape.HeadDim, 1, AttentionShape.MaxHeadDim, nameof(shape.HeadDim));
        if (shape.QueryHeads % shape.KvHeads != 0)
            throw new ArgumentException($"QueryHeads = {shape.QueryHeads} is not a multiple of KvHeads = {shape.KvHeads}; each KV head serves a group of query heads.", nameof(shape));
        if (shape.DType is not (DType.Float32 or DType.Float16 or DType.BFloat16))
            throw new ArgumentException($"dtype is {shape.DType.Name()}. Expected float32, float16 or bfloat16.", nameof(shape));
    }

    private static void Range(int value, int from, int to, string name)
    {
        if (value < from || value > to) throw new ArgumentOutOfRangeException(name, value, $"{name} is {value}. Expected {from} to {to}.");
    }
}
