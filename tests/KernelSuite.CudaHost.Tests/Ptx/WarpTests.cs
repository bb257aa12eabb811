using KernelSuite.Runtime;
using KernelSuite.Tests;

namespace KernelSuite.CudaHost.Tests.Ptx;

/// <summary>Reductions, lane numbers, named barriers, read-only loads.</summary>
public sealed class WarpTests
{
    public static TheoryData<string> Devices => TestDevices.CudaLanguage;

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Reductions_give_every_lane_the_butterflys_bits(string id)
    {
        var random = new Random(5);
        float[] x = [.. Enumerable.Range(0, 4 * 32).Select(_ => (200 * random.NextSingle()) - 100)];
        using var run = new KernelRun(TestDevices.Shared(id), "ptx/warp.cu", "reductions");
        run.Buffer(x);
        int results = run.Buffer(new float[4 * 192]);
        run.Launch(new LaunchShape(4, ItemsX: 32));
        float[] actual = run.Read<float>(results);
        for (int block = 0; block < 4; block++)
        {
            float[] warp = x[(32 * block)..(32 * (block + 1))];
            float[] whole = [.. warp.Select(value => (float)(int)value)];
            float[][] expected =
            [
                Butterfly(warp, 32, MathF.Max), Butterfly(warp, 32, (a, b) => a + b), Butterfly(warp, 4, MathF.Max), Butterfly(warp, 4, (a, b) => a + b),
                Butterfly(whole, 32, MathF.Max), Butterfly(whole, 32, (a, b) => a + b),
            ];
            for (int r = 0; r < expected.Length; r++) Assert.Equal(expected[r], actual[((block * 192) + (32 * r))..((block * 192) + (32 * (r + 1)))]);
            Assert.All(expected[1], sum => Assert.Equal(expected[1][0], sum));
            Assert.Equal(warp[8..12].Max(), actual[(block * 192) + 64 + 9]);
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Lanes_are_counted_over_all_dimensions_of_a_block(string id)
    {
        using var run = new KernelRun(TestDevices.Shared(id), "ptx/warp.cu", "lanes");
        int lanes = run.Buffer(new int[96]);
        run.Launch(new LaunchShape(1, ItemsX: 24, ItemsY: 4));
        Assert.Equal(Enumerable.Range(0, 96).Select(i => i % 32), run.Read<int>(lanes));
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Named_barriers_hand_values_from_warps_to_warps(string id)
    {
        uint[] x = [.. Enumerable.Range(0, 128).Select(i => (uint)(1000 + (i * i)))];
        using var run = new KernelRun(TestDevices.Shared(id), "ptx/warp.cu", "hand_over");
        run.Buffer(x);
        int y = run.Buffer(new uint[128]);
        run.Launch(new LaunchShape(1, ItemsX: 128));
        Assert.Equal(Enumerable.Range(0, 128).Select(i => x[(i / 64 * 64) + 63 - (i % 64)] + 1), run.Read<uint>(y));
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Read_only_loads_bring_their_words_in_order(string id)
    {
        uint[] x = [.. Enumerable.Range(0, 256).Select(i => 0x40000000u + (uint)(i * 977))];
        using var run = new KernelRun(TestDevices.Shared(id), "ptx/warp.cu", "read_only");
        run.Buffer(x);
        int y = run.Buffer(new uint[640]);
        run.Launch(new LaunchShape(1, ItemsX: 64));
        Assert.Equal([.. x, .. x, .. x[..128]], run.Read<uint>(y));
    }

    /// <summary>What exchanging with lane ^ 1, ^ 2, ... below <paramref name="width"/> gives every lane.</summary>
    private static float[] Butterfly(float[] lanes, int width, Func<float, float, float> combine)
    {
        float[] values = lanes;
        for (int distance = 1; distance < width; distance *= 2)
        {
            float[] before = values;
            values = [.. Enumerable.Range(0, before.Length).Select(lane => combine(before[lane], before[lane ^ distance]))];
        }

        return values;
    }
}
