using KernelSuite.Operations.KvStorage;
using KernelSuite.Runtime;
using KernelSuite.Tests;

namespace KernelSuite.Operations.Tests.KvStorage;

/// <summary>What the format says of numbers at its edges, on every device, and what the problem refuses.</summary>
public sealed class KvQuantizeGroupsTests
{
    public static TheoryData<string> Devices => TestDevices.All;

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Edges_of_the_format(string id)
    {
        // Rows of four: ties to even (steps of 1), a constant group, NaN and infinities beside 0..3, nothing that counts, and less than the least range.
        float[] rows =
        [
            0.5f, 1.5f, 0, 3,
            7, 7, 7, 7,
            float.NaN, float.PositiveInfinity, 0, 3,
            float.NaN, float.NegativeInfinity, float.PositiveInfinity, 3e38f,
            1e-30f, -1e-30f, 0, -0f,
        ];
        foreach (KvGroupAxis axis in Enum.GetValues<KvGroupAxis>())
        {
            bool tokens = axis == KvGroupAxis.Tokens;
            float[] x = tokens ? [.. Enumerable.Range(0, 20).Select(i => rows[(i % 5 * 4) + (i / 5)])] : rows;
            var problem = new KvQuantizeGroupsProblem(tokens ? new(1, 1, 4, 5) : new(1, 1, 5, 4), DType.Float32, new(2, 4, axis));
            using var run = new OperandRun(TestDevices.Shared(id), problem);
            run.Write(KvQuantizeGroupsProblem.X, x);
            run.Launch(KvQuantizeGroupsOperation.Instance);
            byte[] stored = run.Read<byte>(KvQuantizeGroupsProblem.Codes);
            byte[] codes = tokens ? [.. Enumerable.Range(0, 20).Select(i => stored[(i % 4 * 5) + (i / 4)])] : stored;
            Assert.Equal([0, 2, 0, 3, 0, 0, 0, 0, 0, 3, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0], codes.Select(c => (int)c));
            Assert.Equal([0, 7, 0, 0, 0], run.Read<float>(KvQuantizeGroupsProblem.Minimum));
            Assert.Equal([1, 1, 1, 1, 1], run.Read<float>(KvQuantizeGroupsProblem.Scale));
        }
    }

    [Theory]
    [InlineData(3, 32, "bits")]
    [InlineData(2, 0, "group")]
    public void Options_out_of_range_are_refused(int bits, int group, string named)
    {
        ArgumentException error = Assert.ThrowsAny<ArgumentException>(() => new KvQuantizeGroupsProblem(new(1, 1, 4, 4), DType.Float32, new(bits, group)));
        Assert.Contains($"{named} is", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Arrays_and_option_texts_make_a_problem()
    {
        using HostArray x = HostArray.Zeros(DType.Float16, [1, 2, 7, 10]);
        var options = new OptionValues(new Dictionary<string, string> { ["bits"] = "4", ["group"] = "4", ["axis"] = "dims" });
        var problem = (KvQuantizeGroupsProblem)KvQuantizeGroupsOperation.Instance.Bind(new Dictionary<string, HostArray> { ["x"] = x }, options);
        Assert.Equal(new KvQuantizeGroupsOptions(4, 4, KvGroupAxis.Dims), problem.Options);
        Assert.Equal([1, 2, 7, 3], problem.Operands[KvQuantizeGroupsProblem.Scale]!.Shape.AsEnumerable());
        options = new OptionValues(new Dictionary<string, string> { ["axis"] = "heads" });
        Assert.ThrowsAny<ArgumentException>(() => KvQuantizeGroupsOperation.Instance.Bind(new Dictionary<string, HostArray> { ["x"] = x }, options));
    }
}
