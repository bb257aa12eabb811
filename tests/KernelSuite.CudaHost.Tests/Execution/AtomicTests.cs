using KernelSuite.Runtime;
using KernelSuite.Tests;

namespace KernelSuite.CudaHost.Tests.Execution;

/// <summary>Atomic operations across blocks that run side by side, in shared memory, and as a lock.</summary>
public sealed class AtomicTests
{
    private const string File = "cudahost/atomics.cu";

    public static TheoryData<string> Devices => TestDevices.CudaLanguage;

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Totals_over_many_blocks_are_exact(string id)
    {
        const int Blocks = 37, Threads = 64 * Blocks;
        using var run = new KernelRun(TestDevices.Shared(id), File, "across_blocks");
        int totals = run.Buffer(new uint[] { 0, 0, 0, 0, 0xffffffff, 0, 0, 0 });
        int sums = run.Buffer(new float[1]);
        int wide = run.Buffer(new ulong[2]);
        run.Launch(new LaunchShape(Blocks, ItemsX: 64));
        uint[] actual = run.Read<uint>(totals);
        uint all = (uint)Enumerable.Range(0, Threads).Sum();
        uint xor = Enumerable.Range(0, Threads).Aggregate(0u, (sum, i) => sum ^ (uint)i);
        Assert.Equal([all, unchecked((uint)(1 - Threads)), Threads - 1, uint.MaxValue, ~127u, xor, Threads % 100, 2 * Threads], actual);
        Assert.Equal([Threads * 0.5f], run.Read<float>(sums));
        Assert.Equal([((ulong)Threads << 32) + all, (ulong)(Threads - 1) << 33], run.Read<ulong>(wide));
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void The_last_thread_of_a_block_publishes_its_total(string id)
    {
        using var run = new KernelRun(TestDevices.Shared(id), File, "in_shared");
        int y = run.Buffer(new int[20]);
        run.Launch(new LaunchShape(20, ItemsX: 64));
        Assert.All(run.Read<int>(y), total => Assert.Equal(63 * 32, total));
    }

    // One thread after the other: who spins lets the others of its block go on.
    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void A_lock_passes_round_the_block(string id)
    {
        using var run = new KernelRun(TestDevices.Shared(id), File, "spin_lock");
        int y = run.Buffer(new int[1]);
        run.Buffer(new int[1]);
        run.Launch(new LaunchShape(2, ItemsX: 64));
        Assert.Equal([128], run.Read<int>(y));
    }
}
