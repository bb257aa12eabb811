using System.Numerics.Tensors;
using KernelSuite.Runtime;
using KernelSuite.Runtime.Cpu;

namespace KernelSuite.KvCache.Decoding;

/// <summary>
/// Queries, keys, values and outputs on their way between the decoder's float32 activations on the host and a cache's device and dtype. On a cpu device in
/// float32 the two are one memory and nothing is copied; in float16 and bfloat16 there it is converted in place of a copy.
/// </summary>
internal sealed unsafe class AttentionBuffers : IDisposable
{
    private readonly Tensor q, k, v, output;

    public AttentionBuffers(IKvCache cache)
    {
        Device = cache.Device;
        DType = cache.Shape.DType;
        Stream = Device.CreateStream();
        int query = cache.Shape.QueryHeads * cache.Shape.HeadDim, kv = cache.Shape.KvHeads * cache.Shape.HeadDim;
        q = new Tensor(this, query);
        k = new Tensor(this, kv);
        v = new Tensor(this, kv);
        output = new Tensor(this, query);
    }

    public Device Device { get; }

    public DType DType { get; }

    public DeviceStream Stream { get; }

    /// <summary>Where the decoder writes queries, keys and values in float32.</summary>
    public float* Q => q.Host;

    /// <inheritdoc cref="Q"/>
    public float* K => k.Host;

    /// <inheritdoc cref="Q"/>
    public float* V => v.Host;

    /// <summary>Where the decoder finds the output in float32.</summary>
    public float* Output => output.Host;

    public void Reserve(int rows)
    {
        q.Reserve(rows);
        k.Reserve(rows);
        v.Reserve(rows);
        output.Reserve(rows);
    }

    /// <summary>Hands a layer's new tokens to the cache and brings the output back.</summary>
    public void Attend(IKvCache cache, int layer, int rows)
    {
        q.Upload(rows);
        k.Upload(rows);
        v.Upload(rows);
        cache.Attend(Stream, layer, rows, q.Slice, k.Slice, v.Slice, output.Slice);
        output.Download(rows);
    }

    public void Dispose()
    {
        Stream.Dispose();
        q.Dispose();
        k.Dispose();
        v.Dispose();
        output.Dispose();
    }

    private sealed class Tensor(AttentionBuffers owner, int width) : IDisposable
    {
        private DeviceMemory? device;
        private HostBuffer<float>? host;
        private HostBuffer<byte>? staged;
        private int capacity;

        public DeviceSlice Slice => new(device, 0);

        public float* Host => host is null ? (float*)((CpuMemory)device!).Pointer : host.Pointer;

        public void Reserve(int rows)
        {
            if (rows <= capacity) return;
            Dispose();
            capacity = 0;
            long elements = (long)rows * width;
            device = owner.Device.Allocate(owner.DType, elements);
            host = device is CpuMemory && owner.DType == DType.Float32 ? null : new HostBuffer<float>(elements);
            staged = device is CpuMemory || owner.DType == DType.Float32 ? null : new HostBuffer<byte>(elements * owner.DType.SizeOf());
            capacity = rows;
        }

        public void Upload(int rows)
        {
            if (host is null) return;
            Span<float> values = host.Span[..(rows * width)];
            Span<byte> bytes = Raw(values);
            if (owner.DType == DType.Float16) TensorPrimitives.ConvertToHalf(values, Cast<Half>(bytes));
            else if (owner.DType == DType.BFloat16) Narrow(values, Cast<BFloat16>(bytes));
            if (device is not CpuMemory) owner.Stream.WriteBytes(bytes, device!, 0);
        }

        public void Download(int rows)
        {
            if (host is null) return;
            Span<float> values = host.Span[..(rows * width)];
            Span<byte> bytes = Raw(values);
            if (device is not CpuMemory) owner.Stream.ReadBytes(device!, 0, bytes);
            if (owner.DType == DType.Float16) TensorPrimitives.ConvertToSingle(Cast<Half>(bytes), values);
            else if (owner.DType == DType.BFloat16) Widen(Cast<BFloat16>(bytes), values);
        }

        public void Dispose()
        {
            device?.Dispose();
            host?.Dispose();
            staged?.Dispose();
        }

        /// <summary>The values as the device stores them: its own memory on a cpu device, else where they are staged.</summary>
        private Span<byte> Raw(Span<float> values)
        {
            int bytes = values.Length * owner.DType.SizeOf();
            if (device is CpuMemory memory) return new Span<byte>(memory.Pointer, bytes);
            return staged is null ? System.Runtime.InteropServices.MemoryMarshal.AsBytes(values) : staged.Span[..bytes];
        }

        private static Span<T> Cast<T>(Span<byte> bytes)
            where T : unmanaged => System.Runtime.InteropServices.MemoryMarshal.Cast<byte, T>(bytes);

        private static void Narrow(ReadOnlySpan<float> source, Span<BFloat16> target)
        {
            for (int i = 0; i < source.Length; i++) target[i] = (BFloat16)source[i];
        }

        private static void Widen(ReadOnlySpan<BFloat16> source, Span<float> target)
        {
            for (int i = 0; i < source.Length; i++) target[i] = (float)source[i];
        }
    }
}
