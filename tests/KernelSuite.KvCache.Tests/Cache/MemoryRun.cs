using KernelSuite.Operations;
using KernelSuite.Runtime;

namespace KernelSuite.KvCache.Tests.Cache;

/// <summary>A long generation in a process of its own: what the operating system saw of it, against the account.</summary>
internal static class MemoryRun
{
    /// <summary>Prints baseline, peak and account in bytes.</summary>
    public static void Run(string policy, long budget, int tokens)
    {
        using Device device = Device.Open("cpu");
        var shape = new KvCacheShape(8, 8, 8, 64, DType.Float32);

        // A small cache first, so that what the runtime and the kernels need once is in the baseline; its own memory is given back before that is read.
        using (var small = new TriStateKvCache(device, shape, KvPolicies.Find(policy), 8 << 20)) Generate(small, 600, out _);
        GC.Collect();
        long baseline = Resident("VmRSS");
        using var cache = new TriStateKvCache(device, shape, KvPolicies.Find(policy), budget);
        Generate(cache, tokens, out bool within);
        KvAccount account = cache.Account;
        long peak = Resident("VmHWM");

        // The control: 5 MiB beside the account have to show.
        using DeviceMemory strayed = device.Allocate(DType.Float32, 5 << 18);
        Touch(device, strayed);
        Console.WriteLine(
            $"baseline {baseline} peak {peak} strayed {Resident("VmHWM")} held {account.BytesHeld} pages {account.Pages.Total - account.Pages.Free}/{account.Pages.Total} "
            + $"within {within} purges {account.Purges}");
    }

    private static void Generate(TriStateKvCache cache, int tokens, out bool within)
    {
        KvCacheShape shape = cache.Shape;
        using DeviceStream stream = cache.Device.CreateStream();
        int width = shape.KvHeads * shape.HeadDim, queryWidth = shape.QueryHeads * shape.HeadDim;
        using DeviceBuffer<float> q = cache.Device.Allocate<float>(queryWidth), k = cache.Device.Allocate<float>(width), v = cache.Device.Allocate<float>(width);
        using DeviceBuffer<float> output = cache.Device.Allocate<float>(queryWidth);
        var random = new SeededRandom(3);
        var row = new float[Math.Max(queryWidth, 2 * width)];
        within = true;
        for (int i = 0; i < tokens; i++)
        {
            for (int j = 0; j < row.Length; j++) row[j] = (float)random.NextNormal();
            stream.Write(row.AsSpan(0, queryWidth), q);
            stream.Write(row.AsSpan(0, width), k);
            stream.Write(row.AsSpan(width, width), v);
            for (int l = 0; l < shape.Layers; l++) cache.Attend(stream, l, 1, q, k, v, output);
            within &= cache.Account.BytesHeld <= cache.BudgetBytes;
        }
    }

    private static void Touch(Device device, DeviceMemory memory)
    {
        using DeviceStream stream = device.CreateStream();
        var piece = new byte[4096];
        for (long at = 0; at < memory.ByteLength; at += piece.Length) stream.WriteBytes(piece, memory, at);
    }

    private static long Resident(string name) =>
        1024 * long.Parse(File.ReadLines("/proc/self/status").First(line => line.StartsWith(name, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2]);
}
