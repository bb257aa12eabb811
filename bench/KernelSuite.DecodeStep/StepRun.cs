using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using KernelSuite.KvCache;
using KernelSuite.Measurement;
using KernelSuite.Runtime;

namespace KernelSuite.DecodeStep;

/// <summary>One policy's cache, filled with a prompt of random rows, and the times of its steps.</summary>
internal sealed class StepRun : IDisposable
{
    private readonly TriStateKvCache cache;
    private readonly DeviceStream stream;
    private readonly DeviceMemory q, k, v, output;
    private readonly int tokens, chunk;
    private readonly double prefillSeconds;
    private readonly List<double> seconds = [], purging = [];

    public StepRun(Device device, KvCacheShape shape, KvPolicy policy, long budget, int tokens, int chunk)
    {
        this.tokens = tokens;
        this.chunk = chunk;
        cache = new TriStateKvCache(device, shape, policy, budget);
        stream = device.CreateStream();
        long queries = (long)tokens * shape.QueryHeads * shape.HeadDim, rows = (long)tokens * shape.KvHeads * shape.HeadDim;
        q = Random(device, shape.DType, queries, 1);
        k = Random(device, shape.DType, rows, 2);
        v = Random(device, shape.DType, rows, 3);
        output = device.Allocate(shape.DType, queries);
        prefillSeconds = Time(tokens);
    }

    public void Step(bool counts)
    {
        int purges = cache.Account.Purges;
        double time = Time(chunk);
        if (!counts) return;
        seconds.Add(time);
        if (cache.Account.Purges > purges) purging.Add(time);
    }

    public string Row(StepRun full)
    {
        KvAccount account = cache.Account;
        KvLayerAccount layer = account.Layers[0];
        string Purging(Func<double[], double> of) => purging.Count == 0 ? "" : (of([.. purging]) * 1e3).ToString("0.0", CultureInfo.InvariantCulture);
        SampleStatistics own = SampleStatistics.Of([.. seconds]), other = SampleStatistics.Of([.. full.seconds]);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {cache.Policy.Name} | {account.BytesHeld:N0} | {layer.Original:0} | {layer.Quantised:0} | {layer.Evicted:0} | "
            + $"{prefillSeconds:0.00} | {own.Median * 1e3:0.000} | {seconds.Average() * 1e3:0.000} | {purging.Count} | "
            + $"{Purging(times => SampleStatistics.Of(times).Median)} | {Purging(times => times.Min())} | {other.Median / own.Median:0.00} |");
    }

    public void Dispose()
    {
        foreach (IDisposable? owned in new IDisposable?[] { q, k, v, output, stream, cache }) owned?.Dispose();
    }

    private double Time(int count)
    {
        // A step's rows are those of the prompt's first tokens: what they hold does not change the time.
        Debug.Assert(count <= tokens, "A step takes no more tokens than the prompt has.");
        long start = Stopwatch.GetTimestamp();
        cache.Attend(stream, 0, count, new DeviceSlice(q, 0), new DeviceSlice(k, 0), new DeviceSlice(v, 0), new DeviceSlice(output, 0));
        stream.Synchronize();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static DeviceMemory Random(Device device, DType dtype, long count, int seed)
    {
        var random = new Random(seed);
        DeviceMemory memory = device.Allocate(dtype, count);
        using DeviceStream stream = device.CreateStream();
        stream.WriteBytes(dtype switch
        {
            DType.Float32 => Rows(count, () => Number(random)),
            DType.Float16 => Rows(count, () => (Half)Number(random)),
            _ => Rows(count, () => (BFloat16)Number(random)),
        }, memory, 0);
        stream.Synchronize();
        return memory;
    }

    private static float Number(Random random) => (random.NextSingle() * 2) - 1;

    private static ReadOnlySpan<byte> Rows<T>(long count, Func<T> next)
        where T : unmanaged
    {
        var values = new T[count];
        for (long i = 0; i < count; i++) values[i] = next();
        return MemoryMarshal.AsBytes(values.AsSpan());
    }
}
