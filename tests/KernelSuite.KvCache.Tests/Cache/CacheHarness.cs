using System.Runtime.InteropServices;
using KernelSuite.Operations;
using KernelSuite.Runtime;

namespace KernelSuite.KvCache.Tests.Cache;

/// <summary>Feeds a cache with seeded queries, keys and values, and remembers them, so that what the cache holds and gives can be checked against what it was handed.</summary>
internal sealed class CacheHarness : IDisposable
{
    private readonly SeededRandom random;
    private readonly float spread;

    public CacheHarness(TriStateKvCache cache, ulong seed = 1, float spread = 1)
    {
        Cache = cache;
        random = new SeededRandom(seed);
        this.spread = spread;
        Stream = cache.Device.CreateStream();
        Keys = [.. Enumerable.Range(0, cache.Shape.Layers).Select(_ => new List<float[]>())];
        Values = [.. Enumerable.Range(0, cache.Shape.Layers).Select(_ => new List<float[]>())];
    }

    public TriStateKvCache Cache { get; }

    public DeviceStream Stream { get; }

    /// <summary>[layer][position][Hk * D], as stored.</summary>
    public List<float[]>[] Keys { get; }

    public List<float[]>[] Values { get; }

    public KvCacheShape Shape => Cache.Shape;

    public PagedStore Store => ((PagedEngine)Cache.Engine).Store;

    /// <summary>One run of tokens through all layers.</summary>
    /// <returns>[layer][n * Hq * D] outputs, and the queries.</returns>
    public (float[][] Outputs, float[][] Queries) Feed(int tokens)
    {
        var outputs = new float[Shape.Layers][];
        var queries = new float[Shape.Layers][];
        for (int l = 0; l < Shape.Layers; l++) (outputs[l], queries[l]) = FeedLayer(l, tokens);
        return (outputs, queries);
    }

    public (float[] Output, float[] Query) FeedLayer(int layer, int tokens)
    {
        int width = Shape.KvHeads * Shape.HeadDim, queryWidth = Shape.QueryHeads * Shape.HeadDim;
        float[] q = Random(tokens * queryWidth), k = Random(tokens * width), v = Random(tokens * width);
        for (int i = 0; i < tokens; i++)
        {
            Keys[layer].Add(k[(i * width)..((i + 1) * width)]);
            Values[layer].Add(v[(i * width)..((i + 1) * width)]);
        }

        using DeviceMemory dq = Upload(q), dk = Upload(k), dv = Upload(v), output = Cache.Device.Allocate(Shape.DType, q.Length);
        Cache.Attend(Stream, layer, tokens, new(dq, 0), new(dk, 0), new(dv, 0), new(output, 0));
        return (Download(output, q.Length), q);
    }

    /// <summary>Attention in double over rows of a KV head, for one query head.</summary>
    public static double[] Attend(ReadOnlySpan<float> query, IReadOnlyList<float[]> keys, IReadOnlyList<float[]> values)
    {
        var logits = new double[keys.Count];
        for (int j = 0; j < logits.Length; j++)
        {
            for (int d = 0; d < query.Length; d++) logits[j] += (double)query[d] * keys[j][d] / Math.Sqrt(query.Length);
        }

        double largest = logits.Max(), sum = 0;
        var output = new double[query.Length];
        for (int j = 0; j < logits.Length; j++)
        {
            double p = Math.Exp(logits[j] - largest);
            sum += p;
            for (int d = 0; d < output.Length; d++) output[d] += p * values[j][d];
        }

        return [.. output.Select(x => x / sum)];
    }

    public float[] Key(int layer, int position, int head) => Keys[layer][position][(head * Shape.HeadDim)..((head + 1) * Shape.HeadDim)];

    public float[] Value(int layer, int position, int head) => Values[layer][position][(head * Shape.HeadDim)..((head + 1) * Shape.HeadDim)];

    public float[] Random(int count)
    {
        var values = new float[count];
        for (int i = 0; i < count; i++) values[i] = Round((float)(random.NextNormal() * spread));
        return values;
    }

    public DeviceMemory Upload(float[] values)
    {
        DeviceMemory memory = Cache.Device.Allocate(Shape.DType, values.Length);
        HostRows.Write(Stream, values, new DeviceSlice(memory, 0), Shape.DType);
        return memory;
    }

    public float[] Download(DeviceMemory memory, int count) => HostRows.Read(Stream, new DeviceSlice(memory, 0), Shape.DType, 1, count)[0];

    public void Dispose() => Stream.Dispose();

    private float Round(float value) => Shape.DType switch
    {
        DType.Float16 => (float)(Half)value,
        DType.BFloat16 => (float)(BFloat16)value,
        _ => value,
    };
}
