using KernelSuite.Runtime;
using KernelSuite.Tests;

namespace KernelSuite.KvCache.Tests.Cache;

/// <summary>What steps and purges leave to the garbage collector.</summary>
public class AllocationTests
{
    private const int Tokens = 4000, Runs = 3;

    [Theory]
    [InlineData("arkv")]
    [InlineData("streaming")]
    [InlineData("h2o")]
    public void A_step_allocates_nothing_and_a_purge_next_to_nothing(string name)
    {
        // A collection that another test sets off ends the thread's allocation buffer, and the rest of it counts as allocated, at a step here and
        // a step there. What a step or a purge allocates by itself it does in every run.
        long[] least = Run(name, out bool[] purged);

        // What is needed once, and arrays that the shared pool does not have yet, come with the first purges.
        int settled = Enumerable.Range(0, Tokens).Where(i => purged[i]).ElementAt(2);
        for (int run = 1; run < Runs && Steps().Count(bytes => bytes > 0) > Tokens / 100; run++)
        {
            long[] again = Run(name, out bool[] same);
            Assert.Equal(purged, same);
            for (int i = 0; i < least.Length; i++) least[i] = Math.Min(least[i], again[i]);
        }

        long[] steps = Steps(), purging = [.. least.Where((_, i) => purged[i])];
        Assert.InRange(steps.Count(bytes => bytes > 0), 0, steps.Length / 50);
        Assert.True(purging.Length > 5);
        Assert.InRange(purging.Min(), 0, 1024);

        long[] Steps() => [.. least.Where((_, i) => i > settled && !purged[i])];
    }

    /// <summary>Bytes that each token allocated, and whether it purged.</summary>
    private static long[] Run(string name, out bool[] purged)
    {
        Device device = TestDevices.Shared("cpu");
        var shape = new KvCacheShape(1, 4, 2, 32, DType.Float32);
        using var cache = new TriStateKvCache(device, shape, KvPolicies.Find(name), 200_000);
        using DeviceStream stream = device.CreateStream();
        using DeviceMemory q = device.Allocate(DType.Float32, 128), output = device.Allocate(DType.Float32, 128);
        using DeviceMemory k = device.Allocate(DType.Float32, 64), v = device.Allocate(DType.Float32, 64);
        var allocated = new long[Tokens];
        purged = new bool[Tokens];
        for (int i = 0; i < Tokens; i++)
        {
            int purges = cache.Account.Purges;
            long before = GC.GetAllocatedBytesForCurrentThread();
            cache.Attend(stream, 0, 1, new(q, 0), new(k, 0), new(v, 0), new(output, 0));
            allocated[i] = GC.GetAllocatedBytesForCurrentThread() - before;
            purged[i] = cache.Account.Purges > purges;
        }

        return allocated;
    }
}
