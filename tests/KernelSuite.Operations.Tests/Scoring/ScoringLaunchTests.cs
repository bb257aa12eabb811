using KernelSuite.Operations.Scoring;
using KernelSuite.Operations.Scoring.Cpu;
using KernelSuite.Operations.Scoring.Portable;
using KernelSuite.Operations.Tests.KvStorage;
using KernelSuite.Runtime;
using KernelSuite.Runtime.Cpu;
using KernelSuite.Tests;

namespace KernelSuite.Operations.Tests.Scoring;

/// <summary>What only these operations promise: accumulation in place, defined edges, launches without allocation, errors, heuristics.</summary>
public sealed class ScoringLaunchTests
{
    public static TheoryData<string> Devices => TestDevices.All;

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void The_previous_score_may_be_the_score(string id)
    {
        Device device = TestDevices.Shared(id);
        ScoresOptions options = new() { PoolTaps = 5, Decay = 0.5f };
        ScoresProblem[] problems =
        [
            ScoresProblem.FromQueries(new(2, 4, 2, 3, 150, 16), DType.Float32, options, ScoresOperands.Previous),
            ScoresProblem.FromAttentionLogits(new(2, 4, 2, 3, 150), options, ScoresOperands.Previous),
        ];
        foreach (ScoresProblem problem in problems)
        {
            foreach (Implementation implementation in ScoresOperation.Instance.Implementations(device.Info))
            {
                float[] previous = Random(600, 2), apart = Scores([]), inPlace = Scores([(ScoresProblem.Score, ScoresProblem.Previous)]);
                Assert.Equal(apart, inPlace);
                Assert.Contains(apart.Zip(previous), pair => pair.First != 0.5f * pair.Second);

                float[] Scores((int Output, int Input)[] same)
                {
                    using var run = new OperandRun(device, problem, same);
                    foreach (int operand in (int[])[ScoresProblem.Q, ScoresProblem.K, ScoresProblem.Logits])
                        if (problem.Operands[operand] is { } spec) run.Write(operand, Random((int)spec.StorageLength, (ulong)operand));
                    run.Write(ScoresProblem.Lse, Enumerable.Repeat(6f, 24).ToArray());
                    run.Write(ScoresProblem.Previous, previous);
                    run.Launch(ScoresOperation.Instance, implementation.Name);
                    return run.Read<float>(ScoresProblem.Score);
                }
            }
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Without_a_past_the_statistics_are_zero(string id)
    {
        Device device = TestDevices.Shared(id);
        float[] q = Random(2 * 8 * 16, 1), k = Random(8 * 16, 2), stats = [.. Enumerable.Repeat(9f, 6)];
        HostScoring.Moments<float>(device, new(1, 2, 1, 8, 8, 16), q, k, new float[16], stats: stats);
        Assert.Equal(new float[6], stats);
        stats.AsSpan().Fill(9);
        HostScoring.Moments<float>(device, new(1, 2, 1, 8, 3, 16), q, k.AsSpan(0, 48), new float[16], stats: stats);
        Assert.Equal(new float[6], stats);
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void One_row_has_no_variance_and_its_score_is_its_probability(string id)
    {
        Device device = TestDevices.Shared(id);
        float[] variance = [9, 9], score = [9, 9], stats = [9, 9, 9];
        foreach (float floor in (float[])[0, 1e-8f])
        {
            HostScoring.Moments<float>(
                device, new(1, 1, 1, 1, 3), [1], [MathF.Log(0.5f), MathF.Log(0.25f), 0], [0f], score, stats, variance: variance,
                options: new() { Scale = 1, Gamma = 263, PoolTaps = 1, KurtosisFloor = floor });
            Assert.Equal([0f, 0f], variance);
            Assert.Equal(0.5, score[0], 6);
            Assert.Equal(0.25, score[1], 6);
            Assert.Equal(0f, stats[2]);
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void A_row_that_saw_no_key_adds_nothing(string id)
    {
        Device device = TestDevices.Shared(id);
        float[] score = new float[2];
        HostScoring.ScoresFromLogits(device, new(1, 1, 1, 2, 2), [float.NegativeInfinity, float.NegativeInfinity, 0, 0],
            [float.NegativeInfinity, 0], score);
        Assert.Equal([1f, 1f], score);
        HostScoring.Scores<float>(device, new(1, 1, 1, 2, 2), [1, 1], [0, 0], [float.NegativeInfinity, 0], score, options: new() { Causal = false });
        Assert.Equal([1f, 1f], score);
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void A_launch_allocates_nothing(string id)
    {
        Device device = TestDevices.Shared(id);
        using OperationPlan moments = MomentsOperation.Instance.Plan(device, new MomentsProblem(new(1, 2, 1, 4, 32, 8), DType.Float32));
        using OperationPlan scores = ScoresOperation.Instance.Plan(device, ScoresProblem.FromQueries(new(1, 2, 1, 4, 32, 8), DType.Float32));
        using DeviceStream stream = device.CreateStream();
        using DeviceEvent timing = device.CreateEvent();
        using DeviceBuffer<float> q = device.Allocate<float>(64), k = device.Allocate<float>(256), lse = device.Allocate<float>(8),
            score = device.Allocate<float>(32), stats = device.Allocate<float>(6);
        foreach (DeviceBuffer<float> buffer in new[] { q, k, lse }) stream.Write<float>(new float[buffer.Length], buffer);
        for (int i = 0; i < 50; i++) Launch();
        Assert.Equal(0, Allocations.Least(100, Launch));
        Assert.True(timing.EndNanoseconds >= timing.StartNanoseconds);

        void Launch()
        {
            moments.Launch(stream, [q, k, lse, default, default, default, default, score, stats], timing);
            scores.Launch(stream, [q, k, default, lse, default, default, score, default, default], timing);
            stream.Synchronize();
        }
    }

    [Fact]
    public void Wrong_settings_are_named()
    {
        Assert.Contains("window has 65", Assert.Throws<ArgumentOutOfRangeException>(() =>
            new MomentsProblem(new(1, 1, 1, 65, 80, 8), DType.Float32)).Message, StringComparison.Ordinal);
        Assert.Contains("odd number", Assert.Throws<ArgumentOutOfRangeException>(() =>
            new MomentsProblem(new(1, 1, 1, 4, 80, 8), DType.Float32, new() { PoolTaps = 4 })).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new MomentsProblem(new(1, 1, 1, 4, 80, 8), DType.Float32, new() { KurtosisFloor = -1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new MomentsProblem(new(1, 1, 1, 4, 80, 8), DType.Float32, outputs: 0));
        Assert.Contains("not a multiple", Assert.Throws<ArgumentException>(() =>
            ScoresProblem.FromQueries(new(1, 3, 2, 4, 80, 8), DType.Float32)).Message, StringComparison.Ordinal);
        Assert.Contains("float32, float16", Assert.Throws<ArgumentException>(() =>
            ScoresProblem.FromQueries(new(1, 2, 2, 4, 80, 8), DType.Int32)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            ScoresProblem.FromQueries(new(1, 2, 2, 4, 80, 8), DType.Float32, new() { Decay = float.NaN }));
        Assert.Contains("overlaps", Assert.Throws<ArgumentException>(() =>
            ScoresProblem.FromQueries(new(1, 2, 2, 4, 80, 8), DType.Float32, scoreRow: 79)).Message, StringComparison.Ordinal);
        using Device device = Device.Open("cpu");
        Assert.Contains("'k' holds 3", Assert.Throws<ArgumentException>(() =>
            HostScoring.Scores<float>(device, new(1, 1, 1, 1, 4), [1], [1, 2, 3], [0], new float[4])).Message, StringComparison.Ordinal);
        Assert.Contains("'score' holds 2", Assert.Throws<ArgumentException>(() =>
            HostScoring.Scores<float>(device, new(1, 1, 1, 1, 4), [1], [1, 2, 3, 4], [0], new float[2])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() =>
            ScoresOperation.Instance.Plan(device, ScoresProblem.FromQueries(new(1, 1, 1, 1, 4), DType.Float32), "fastest"));
    }

    [Fact]
    public void Binding_names_what_does_not_fit()
    {
        using HostArray q = HostArray.Zeros(DType.Float32, [1, 4, 2, 8]), k = HostArray.Zeros(DType.Float32, [1, 2, 9, 8]),
            lse = HostArray.Zeros(DType.Float32, [1, 4, 2]);
        using HostArray wrong = HostArray.Zeros(DType.Float32, [1, 2, 9, 7]), logits = HostArray.Zeros(DType.Float32, [1, 4, 2, 9]);
        Dictionary<string, HostArray> inputs = new() { ["q"] = q, ["k"] = k, ["lse"] = lse };
        Assert.Equal(7, ((MomentsProblem)MomentsOperation.Instance.Bind(inputs, OptionValues.None)).Past);
        Assert.False(((ScoresProblem)ScoresOperation.Instance.Bind(inputs, OptionValues.None)).FromLogits);
        Assert.Contains("either logits", Throws(new(inputs) { ["logits"] = logits }), StringComparison.Ordinal);
        Assert.Contains("Dimension 3 of 'k' is 7", Throws(new(inputs) { ["k"] = wrong }), StringComparison.Ordinal);
        Assert.Contains("'lse'", Throws(new() { ["q"] = q, ["k"] = k }), StringComparison.Ordinal);
        Assert.Contains("'previous'", Throws(new(inputs) { ["previous"] = lse }), StringComparison.Ordinal);
        Assert.Contains("'kv_lengths'", Throws(new(inputs) { ["kv_lengths"] = lse }), StringComparison.Ordinal);
        var options = new OptionValues(new Dictionary<string, string> { ["kv-heads"] = "2", ["per-head"] = string.Empty });
        var bound = (ScoresProblem)ScoresOperation.Instance.Bind(new Dictionary<string, HostArray> { ["logits"] = logits, ["lse"] = lse }, options);
        Assert.Equal(2, bound.Shape.HeadsPerKv);
        Assert.True(bound.Has(ScoresOperands.ColumnSums));

        static string Throws(Dictionary<string, HostArray> given) =>
            Assert.Throws<ArgumentException>(() => ScoresOperation.Instance.Bind(given, OptionValues.None)).Message;
    }

    [Theory]
    [InlineData(CpuSimd.Vector512, 64)]
    [InlineData(CpuSimd.Vector256, 16)]
    [InlineData(CpuSimd.Vector128, 8)]
    public void Cpu_tiles_keep_every_thread_busy(CpuSimd simd, int lanes)
    {
        Assert.Equal(lanes, CpuScoringTiles.Choose(8, 8192, 32, simd, 2).Lanes);
        Assert.Equal(256, CpuScoringTiles.Choose(8, 8192, 32, simd, 2).Keys);
        Assert.Equal(lanes, CpuScoringTiles.Choose(1, 300, 32, simd, 64).Keys);
        Assert.Equal(96, CpuScoringTiles.Choose(8, 8192, 8192, simd, 2).Rows);
    }

    [Fact]
    public void Portable_tiles_fit_the_local_memory()
    {
        DeviceInfo gpu = new() { Id = DeviceId.Parse("opencl:9"), Kind = DeviceKind.Gpu, Language = DeviceLanguage.OpenClC, Name = "g" };
        gpu = gpu with { MaxWorkGroupSize = 256, LocalMemoryBytes = 48 << 10 };
        ScoringTiles tiles = ScoringTiles.Choose(gpu, 128, 32, MomentsProblem.MaxWindow)!.Value;
        Assert.Equal((64, 32), (tiles.Keys, tiles.QueryRows));
        Assert.InRange(tiles.LocalBytes(MomentsProblem.MaxWindow), 1, 48 << 10);
        Assert.Equal(64, ScoringTiles.Choose(gpu, 128, 33, 0)!.Value.QueryRows);
        Assert.InRange(ScoringTiles.Choose(gpu with { LocalMemoryBytes = 16 << 10, MaxWorkGroupSize = 64 }, 256, 64, 64)!.Value
            .LocalBytes(64), 1, 16 << 10);
        Assert.Null(ScoringTiles.Choose(gpu with { LocalMemoryBytes = 64 }, 256, 64, 64));
        DeviceInfo cpu = gpu with { Kind = DeviceKind.Cpu, VectorWidthFloat32 = 16, LocalMemoryBytes = 1 << 20 };
        Assert.Equal(new ScoringTiles(16, 1, 1, 4, 6, 128), ScoringTiles.Choose(cpu, 127, 32, 64));
    }

    private static float[] Random(int count, ulong seed)
    {
        var random = new SeededRandom(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)random.NextNormal())];
    }
}
