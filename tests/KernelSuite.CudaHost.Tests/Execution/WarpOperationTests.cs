using System.Numerics;
using KernelSuite.Runtime;
using KernelSuite.Tests;

namespace KernelSuite.CudaHost.Tests.Execution;

/// <summary>Shuffles, votes, matches and reductions against their definitions.</summary>
public sealed class WarpOperationTests
{
    private const string File = "cudahost/warp_operations.cu";
    private static readonly LaunchShape Shape = new(1, ItemsX: 32);

    public static TheoryData<string> Devices => TestDevices.CudaLanguage;

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Shuffles_of_every_kind_and_width(string id)
    {
        int[] x = [.. Enumerable.Range(0, 32).Select(i => 1000 + (i * 7))];
        using var run = new KernelRun(TestDevices.Shared(id), File, "shuffles");
        run.Buffer(x);
        int y = run.Buffer(new int[320]);
        run.Launch(Shape);
        int[][] actual = [.. run.Read<int>(y).Chunk(32)];
        Func<int, int>[] source =
        [
            lane => 5,
            lane => (lane & ~7) | ((lane + 3) & 7),
            lane => lane < 3 ? lane : lane - 3,
            lane => lane % 4 < 1 ? lane : lane - 1,
            lane => lane + 3 > 31 ? lane : lane + 3,
            lane => lane % 16 == 15 ? lane : lane + 1,
            lane => lane ^ 9,
            lane => lane ^ 5,
            lane => lane ^ 1,
            lane => lane ^ 2,
        ];
        for (int kind = 0; kind < source.Length; kind++)
            Assert.Equal([.. Enumerable.Range(0, 32).Select(lane => x[source[kind](lane)])], actual[kind]);
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Lanes_part_and_meet_again(string id)
    {
        using var run = new KernelRun(TestDevices.Shared(id), File, "partial_masks");
        int y = run.Buffer(new int[128]);
        run.Launch(Shape);
        int[][] actual = [.. run.Read<int>(y).Chunk(32)];
        int[] value = [.. Enumerable.Range(0, 32).Select(lane => lane % 2 == 0 ? lane ^ 2 : 100 + (lane ^ 4))];
        Assert.Equal(value, actual[0]);
        Assert.Equal(value.Reverse(), actual[1]);
        int low = Ballot(lane => lane < 8 && lane % 3 == 0), high = Ballot(lane => lane >= 8 && lane % 3 == 0);
        Assert.Equal([.. Enumerable.Range(0, 32).Select(lane => lane < 8 ? low : high)], actual[2]);
        Assert.All(actual[3], lanes => Assert.Equal(7, lanes));
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Votes_matches_and_reductions(string id)
    {
        using var run = new KernelRun(TestDevices.Shared(id), File, "votes_and_reductions");
        int y = run.Buffer(new int[384]);
        run.Launch(Shape);
        int[][] actual = [.. run.Read<int>(y).Chunk(32)];
        Func<int, int>[] expected =
        [
            _ => 1,
            _ => 0,
            _ => 1,
            _ => 0,
            lane => Ballot(other => other / 5 == lane / 5),
            _ => -1 + 1,
            _ => 0,
            _ => Enumerable.Range(0, 32).Sum(lane => lane - 16),
            _ => -16,
            _ => -1,
            _ => 64 | (31 << 8),
            _ => Enumerable.Range(0, 32).Aggregate(0, (sum, lane) => sum ^ (lane * lane)),
        ];
        for (int kind = 0; kind < expected.Length; kind++) Assert.Equal([.. Enumerable.Range(0, 32).Select(expected[kind])], actual[kind]);
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Lanes_that_returned_are_not_waited_for(string id)
    {
        using var run = new KernelRun(TestDevices.Shared(id), File, "returned_lanes");
        int y = run.Buffer(new int[64]);
        run.Launch(Shape);
        int[] actual = run.Read<int>(y);
        Assert.Equal(10, BitOperations.PopCount((uint)actual[3]));
        Assert.All(actual[..20], lanes => Assert.Equal(Ballot(lane => lane < 20 && lane % 2 == 0), lanes));
        Assert.Equal(Enumerable.Range(0, 20).Reverse(), actual[32..52]);
    }

    // What one lane learns does not depend on which lanes have returned by the time that it goes on.
    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void A_match_counts_a_lane_that_returns_right_after_it(string id)
    {
        using var run = new KernelRun(TestDevices.Shared(id), File, "match_before_returning");
        int y = run.Buffer(new int[32]);
        run.Launch(Shape);
        Assert.All(run.Read<int>(y), value => Assert.Equal(0, value));
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void A_whole_mask_in_a_partial_warp_means_the_lanes_there_are(string id)
    {
        using var run = new KernelRun(TestDevices.Shared(id), File, "partial_warp");
        int y = run.Buffer(new int[80]);
        run.Launch(new LaunchShape(1, ItemsX: 40));
        int[] actual = run.Read<int>(y);
        Assert.Equal(Enumerable.Range(0, 32).Sum(), actual[0]);
        Assert.Equal(Enumerable.Range(32, 8).Sum(), actual[32]);
        Assert.All(actual[40..72], lanes => Assert.Equal(-1, lanes));
        Assert.All(actual[72..], lanes => Assert.Equal(0xff, lanes));
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Arrays_of_functions_that_call_each_other_are_different_arrays(string id)
    {
        using var run = new KernelRun(TestDevices.Shared(id), File, "nested_arrays");
        int y = run.Buffer(new int[32]);
        run.Launch(Shape);
        Assert.Equal(Enumerable.Range(0, 32).Select(lane => (lane + 2) % 32), run.Read<int>(y));
    }

    private static int Ballot(Func<int, bool> predicate) => Enumerable.Range(0, 32).Aggregate(0, (lanes, lane) => predicate(lane) ? lanes | (1 << lane) : lanes);
}
