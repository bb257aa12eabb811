using KernelSuite.Runtime;
using KernelSuite.Tests;

namespace KernelSuite.CudaHost.Tests.Execution;

/// <summary>Barriers in blocks of every shape, on every device that takes CUDA programs.</summary>
public sealed class BarrierTests
{
    private const string File = "cudahost/barriers.cu";

    public static TheoryData<string, int, int, int> Blocks
    {
        get
        {
            var data = new TheoryData<string, int, int, int>();
            foreach (string id in TestDevices.CudaLanguageIds)
            {
                foreach ((int x, int y, int z) in new[] { (1, 1, 1), (33, 1, 1), (7, 3, 1), (31, 1, 1), (64, 1, 1), (8, 8, 4), (1, 1, 64), (1024, 1, 1), (32, 32, 1) })
                    data.Add(id, x, y, z);
            }

            return data;
        }
    }

    public static TheoryData<string> Devices => TestDevices.CudaLanguage;

    [SkippableTheory]
    [MemberData(nameof(Blocks))]
    public void Values_travel_once_round_the_block(string id, int x, int y, int z)
    {
        int threads = x * y * z, rounds = Math.Min(threads, 65);
        using var run = new KernelRun(TestDevices.Shared(id), File, "barrier_loop");
        int result = run.Buffer(new int[3 * threads]);
        run.Value(rounds);
        run.Launch(new LaunchShape(3, ItemsX: x, ItemsY: y, ItemsZ: z));
        int[] actual = run.Read<int>(result);
        for (int i = 0; i < actual.Length; i++)
            Assert.Equal(Enumerable.Range(1, rounds).Sum(round => ((i % threads) + round) % threads), actual[i]);
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Coordinates_follow_three_dimensions(string id)
    {
        using var run = new KernelRun(TestDevices.Shared(id), File, "coordinates");
        int threads = run.Buffer(new int[5 * 3 * 2 * 60]);
        int blocks = run.Buffer(new int[5 * 3 * 2]);
        run.Launch(new LaunchShape(5, 3, 2, 4, 3, 5));
        int[] actual = run.Read<int>(threads);
        for (int i = 0; i < actual.Length; i++)
        {
            int thread = i % 60;
            Assert.Equal((thread % 4) | (thread / 4 % 3 << 10) | (thread / 12 << 20), actual[i]);
        }

        actual = run.Read<int>(blocks);
        for (int i = 0; i < actual.Length; i++) Assert.Equal((i % 5) | (i / 5 % 3 << 10) | (i / 15 << 20), actual[i]);
    }

    // Compute capability 7.0 and newer: threads that have returned do not count.
    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Threads_that_returned_are_not_waited_for(string id)
    {
        using var run = new KernelRun(TestDevices.Shared(id), File, "early_return");
        int result = run.Buffer(new int[100]);
        run.Value(50);
        run.Launch(new LaunchShape(1, ItemsX: 100));
        int[] actual = run.Read<int>(result);
        Assert.All(actual[..50], value => Assert.Equal(17 + 10000 + 1000000, value));
        Assert.All(actual[50..], value => Assert.Equal(0, value));
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Named_barriers_hand_a_token_from_warp_to_warp(string id)
    {
        using var run = new KernelRun(TestDevices.Shared(id), File, "relay");
        int result = run.Buffer(new int[96]);
        run.Launch(new LaunchShape(1, ItemsX: 96));
        int[] actual = run.Read<int>(result);
        for (int i = 0; i < 96; i++) Assert.Equal((100 * (i / 32)) + (((i % 32) + (i / 32)) % 32), actual[i]);
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Static_and_dynamic_shared_memory_are_two_things(string id)
    {
        using var run = new KernelRun(TestDevices.Shared(id), File, "both_kinds");
        int result = run.Buffer(new int[256]);
        run.Launch(new LaunchShape(1, ItemsX: 256, LocalBytes: 1024));
        int[] actual = run.Read<int>(result);
        for (int i = 0; i < 256; i++) Assert.Equal(255 - i + (1000 * (i ^ 1)), actual[i]);
    }
}
