using KernelSuite.Operations.Attention;
using KernelSuite.Runtime;

namespace KernelSuite.KvCache.Tests.Decoding;

/// <summary>Keeps every token, contiguous and token-major, and plans attention anew for each call: nothing to get wrong.</summary>
internal sealed class PlainKvCache : IKvCache
{
    private readonly DeviceMemory[] keys, values;
    private readonly int capacity;
    private int nextLayer;

    public PlainKvCache(Device device, KvCacheShape shape, int capacity)
    {
        Device = device;
        Shape = shape;
        this.capacity = capacity;
        keys = [.. Enumerable.Range(0, shape.Layers).Select(_ => device.Allocate(shape.DType, (long)capacity * shape.KvHeads * shape.HeadDim))];
        values = [.. Enumerable.Range(0, shape.Layers).Select(_ => device.Allocate(shape.DType, (long)capacity * shape.KvHeads * shape.HeadDim))];
    }

    public KvCacheShape Shape { get; }

    public Device Device { get; }

    public int Position { get; private set; }

    public void Attend(DeviceStream stream, int layer, int tokens, DeviceSlice q, DeviceSlice k, DeviceSlice v, DeviceSlice output)
    {
        Assert.Equal(nextLayer, layer);
        Assert.InRange(tokens, 1, capacity - Position);
        long size = Shape.DType.SizeOf(), row = size * Shape.KvHeads * Shape.HeadDim;
        stream.Copy(k.Memory!, k.ElementOffset * size, keys[layer], Position * row, tokens * row);
        stream.Copy(v.Memory!, v.ElementOffset * size, values[layer], Position * row, tokens * row);
        int total = Position + tokens;
        var shape = new AttentionShape(1, Shape.QueryHeads, Shape.KvHeads, tokens, total, Shape.HeadDim);
        var query = TensorStrides.TokenMajor(Shape.QueryHeads, tokens, Shape.HeadDim);
        var kept = TensorStrides.TokenMajor(Shape.KvHeads, total, Shape.HeadDim);
        var layout = new AttentionLayout { Q = query, K = kept, V = kept, Out = query };
        var problem = new AttentionProblem(shape, Shape.DType, new AttentionOptions { Causal = true }, layout, hasLse: false);
        using AttentionPlan plan = AttentionPlan.Create(Device, problem);
        plan.Launch(stream, q, new DeviceSlice(keys[layer], 0), new DeviceSlice(values[layer], 0), output);
        stream.Synchronize();
        nextLayer = (layer + 1) % Shape.Layers;
        if (nextLayer == 0) Position = total;
    }

    public void Dispose()
    {
        foreach (DeviceMemory memory in keys) memory.Dispose();
        foreach (DeviceMemory memory in values) memory.Dispose();
    }
}
