using KernelSuite.Operations.Attention;
using KernelSuite.Operations.Attention.Cpu;
using KernelSuite.Runtime;
using KernelSuite.Runtime.Cpu;

namespace KernelSuite.Operations.Tests.Attention;

/// <summary>Shapes, masks, options and tiles: pure functions, no device.</summary>
public sealed class AttentionProblemTests
{
    public static TheoryData<int, int, bool, int, int> Masks
    {
        get
        {
            var data = new TheoryData<int, int, bool, int, int>();
            foreach ((int nq, int nk) in new[] { (1, 1), (5, 9), (9, 5), (7, 7), (3, 0) })
                foreach (bool causal in new[] { false, true })
                    foreach ((int left, int right) in new[] { (-1, -1), (0, 0), (2, -1), (-1, 3), (1, 2), (50, 50) }) data.Add(nq, nk, causal, left, right);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Masks))]
    public void Visible_interval_equals_the_rule_key_by_key(int nq, int nk, bool causal, int left, int right)
    {
        var problem = new AttentionProblem(
            new(1, 1, 1, nq, nk, 4), DType.Float32, new() { Causal = causal, WindowLeft = left, WindowRight = right }, hasKvLengths: true);
        for (int valid = -1; valid <= nk + 1; valid++)
        {
            for (int i = 0; i < nq; i++)
            {
                (int from, int to) = problem.VisibleKeys(i, valid);
                int p = i + nk - nq;
                for (int j = 0; j < nk; j++)
                {
                    bool visible = j < valid && (!causal || j <= p) && (left < 0 || j >= p - left) && (right < 0 || j <= p + right);
                    Assert.True(visible == (j >= from && j < to), $"row {i}, key {j}, valid {valid}");
                }
            }
        }
    }

    [Fact]
    public void Cost_counts_visible_pairs()
    {
        OperationCost full = new AttentionProblem(new(2, 4, 2, 10, 10, 8, 6), DType.Float16).Cost;
        OperationCost causal = new AttentionProblem(new(2, 4, 2, 10, 10, 8, 6), DType.Float16, new() { Causal = true }).Cost;
        Assert.Equal(2.0 * 2 * 4 * 100 * 14, full.Flops);
        Assert.Equal(2.0 * 2 * 4 * 55 * 14, causal.Flops);
        Assert.Equal((2.0 * ((2 * 4 * 10 * 8) + (2 * 2 * 10 * 14) + (2 * 4 * 10 * 6))) + (4 * 2 * 4 * 10), full.MinimumBytes);
    }

    [Theory]
    [InlineData(1, 3, 2, 4, 4, 8, "multiple of Hk")]
    [InlineData(1, 2, 2, 4, 4, 0, "D = 0")]
    [InlineData(1, 2, 2, 4, 4, 257, "1 to 256")]
    [InlineData(-1, 2, 2, 4, 4, 8, "Batch")]
    [InlineData(1, 2, 0, 4, 4, 8, "KvHeads")]
    [InlineData(1, 2, 2, -4, 4, 8, "QueryLength")]
    [InlineData(int.MaxValue, int.MaxValue, 1, int.MaxValue, 1, 8, "2^40")]
    public void Bad_shapes_are_named(int b, int hq, int hk, int nq, int nk, int d, string expected)
    {
        var error = Assert.ThrowsAny<ArgumentException>(() => new AttentionProblem(new(b, hq, hk, nq, nk, d, d), DType.Float32));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bad_settings_are_named()
    {
        var shape = new AttentionShape(1, 1, 1, 4, 4, 8);
        Assert.Contains("dtype", Assert.Throws<ArgumentException>(() => new AttentionProblem(shape, DType.Float64)).Message, StringComparison.Ordinal);
        Assert.Equal("SoftCap", Assert.Throws<ArgumentOutOfRangeException>(() => new AttentionProblem(shape, DType.Float32, new() { SoftCap = -1 })).ParamName);
        Assert.Equal("SoftCap", Assert.Throws<ArgumentOutOfRangeException>(() => new AttentionProblem(shape, DType.Float32, new() { SoftCap = float.NaN })).ParamName);
        Assert.Equal("Scale", Assert.Throws<ArgumentOutOfRangeException>(() => new AttentionProblem(shape, DType.Float32, new() { Scale = float.NaN })).ParamName);
        Assert.Equal("WindowLeft", Assert.Throws<ArgumentOutOfRangeException>(() => new AttentionProblem(shape, DType.Float32, new() { WindowLeft = -2 })).ParamName);
    }

    [Fact]
    public void Bad_strides_are_refused()
    {
        var shape = new AttentionShape(2, 2, 2, 4, 4, 8);
        Assert.Contains("overlaps", Assert.Throws<ArgumentException>(() => new AttentionProblem(shape, DType.Float32, null, new() { Out = new(64, 32, 4) })).Message, StringComparison.Ordinal);
        Assert.Contains("0 or more", Assert.Throws<ArgumentException>(() => new AttentionProblem(shape, DType.Float32, null, new() { K = new(64, 32, -8) })).Message, StringComparison.Ordinal);
        Assert.Contains("2^46", Assert.Throws<ArgumentException>(() => new AttentionProblem(shape, DType.Float32, null, new() { K = new(long.MaxValue, 32, 8) })).Message, StringComparison.Ordinal);
        _ = new AttentionProblem(shape, DType.Float32, null, new() { K = new(0, 0, 0) });
    }

    [Fact]
    public void Binding_names_the_dimension_that_does_not_fit()
    {
        using HostArray q = HostArray.Zeros(DType.Float32, 2, 4, 8, 16), k = HostArray.Zeros(DType.Float32, 2, 2, 9, 16);
        using HostArray shortV = HostArray.Zeros(DType.Float32, 2, 2, 8, 16), half = HostArray.Zeros(DType.Float16, 2, 2, 9, 16), v = HostArray.Zeros(DType.Float32, 2, 2, 9, 5);
        using HostArray flat = HostArray.Zeros(DType.Float32, 2, 9, 16), lengths = HostArray.FromSpan<int>([3, 10], 2);
        Assert.Contains("'v' is missing", Fails(("q", q), ("k", k)), StringComparison.Ordinal);
        Assert.Contains("Dimension 2 of 'v' is 8. Expected 9", Fails(("q", q), ("k", k), ("v", shortV)), StringComparison.Ordinal);
        Assert.Contains("'v' is float16 but q is float32", Fails(("q", q), ("k", k), ("v", half)), StringComparison.Ordinal);
        Assert.Contains("four dimensions", Fails(("q", q), ("k", flat), ("v", v)), StringComparison.Ordinal);
        Assert.Contains("holds 10", Fails(("q", q), ("k", k), ("v", v), ("kv_lengths", lengths)), StringComparison.Ordinal);

        var problem = (AttentionProblem)AttentionOperation.Instance.Bind(
            new Dictionary<string, HostArray> { ["q"] = q, ["k"] = k, ["v"] = v },
            new OptionValues(new Dictionary<string, string> { ["causal"] = "true", ["window"] = "3,-1", ["softcap"] = "20", ["scale"] = "0.5" }));
        Assert.Equal(new AttentionOptions { Causal = true, WindowLeft = 3, SoftCap = 20, Scale = 0.5f }, problem.Options);
        Assert.Equal(5, problem.Shape.ValueDim);
    }

    [Theory]
    [InlineData("window", "3")]
    [InlineData("window", "a,b")]
    [InlineData("scale", "inf")]
    [InlineData("softcap", "x")]
    public void Bad_option_texts_are_named(string option, string text)
    {
        using HostArray a = HostArray.Zeros(DType.Float32, 1, 1, 2, 4);
        var error = Assert.Throws<ArgumentException>(() => AttentionOperation.Instance.Bind(
            new Dictionary<string, HostArray> { ["q"] = a, ["k"] = a, ["v"] = a }, new OptionValues(new Dictionary<string, string> { [option] = text })));
        Assert.Contains($"--{option} is '{text}'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tiles_fit_registers_and_leave_no_thread_idle()
    {
        var large = new AttentionShape(1, 8, 8, 2048, 2048, 128);
        Assert.Equal((4, 64), Lanes(CpuAttentionTiles.Choose(large, CpuSimd.Vector512, 2)));
        Assert.Equal((2, 16), Lanes(CpuAttentionTiles.Choose(large, CpuSimd.Vector256, 2)));
        Assert.Equal((2, 8), Lanes(CpuAttentionTiles.Choose(large, CpuSimd.Vector128, 2)));
        Assert.Equal((1, 16), Lanes(CpuAttentionTiles.Choose(large with { QueryLength = 1 }, CpuSimd.Vector512, 2)));
        Assert.True(CpuAttentionTiles.Choose(new(1, 1, 1, 512, 512, 64), CpuSimd.Vector512, 8).Groups < CpuAttentionTiles.Choose(large, CpuSimd.Vector512, 2).Groups);
        static (int, int) Lanes(CpuAttentionTiles tiles) => (tiles.Vectors, tiles.Lanes);
    }

    private static string Fails(params (string Name, HostArray Array)[] inputs) => Assert.ThrowsAny<ArgumentException>(() =>
        AttentionOperation.Instance.Bind(inputs.ToDictionary(i => i.Name, i => i.Array), OptionValues.None)).Message;
}
