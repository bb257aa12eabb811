using KernelSuite.Runtime;
using KernelSuite.Tests;

namespace KernelSuite.KvCache.Tests.Cache;

/// <summary>What steps and purges leave to the garbage collector.</summary>
public class AllocationTests
{
    [Theory]
    [InlineData("arkv")]
    [InlineData("streaming")]
    [InlineData("h2o")]
    public void A_step_allocates_nothing_and_a_purge_next_to_nothing(string name)
    {
        Device device = TestDevices.Shared("cpu");
        var shape = new KvCacheShape(1, 4, 2, 32, DType.Float32);
        KvPolicy policy = KvPolicies.Find(name);
        using var cache = new TriStateKvCache(device, shape, policy, 200_000);
        using DeviceStream stream = device.CreateStream();
        using DeviceMemory q = device.Allocate(DType.Float32, 128), output = device.Allocate(DType.Float32, 128);
        using DeviceMemory k = device.Allocate(DType.Float32, 64), v = device.Allocate(DType.Float32, 64);
        List<long> steps = [], purging = [];
        for (int i = 0; i < 4000; i++)
        {
            int purges = cache.Account.Purges;
            long before = GC.GetAllocatedBytesForCurrentThread();
            cache.Attend(stream, 0, 1, new(q, 0), new(k, 0), new(v, 0), new(output, 0));
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

            // What is needed once, and arrays that the shared pool does not have yet, come with the first purges.
            if (cache.Account.Purges > purges) purging.Add(allocated);
            else if (purging.Count > 2) steps.Add(allocated);
        }

        // A collection that another test sets off ends the thread's allocation buffer, and the rest of it counts as allocated: so not quite all
        // steps.
        Assert.InRange(steps.Count(bytes => bytes > 0), 0, steps.Count / 50);
        Assert.True(purging.Count > 5);
        Assert.InRange(purging.Min(), 0, 1024);
    }
}
