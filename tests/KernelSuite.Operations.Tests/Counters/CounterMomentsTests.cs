using KernelSuite.Operations.Counters.Moments;
using KernelSuite.Operations.Tests.KvStorage;
using KernelSuite.Runtime;
using KernelSuite.Tests;

namespace KernelSuite.Operations.Tests.Counters;

/// <summary>What moments promise whatever the reference says.</summary>
public sealed class CounterMomentsTests
{
    public static TheoryData<string> Devices => TestDevices.All;

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Offsets_cost_no_digits(string id)
    {
        // 1e9 + {0, 1, 2, 3} and 1e11 + {0, 2, 4, 6}: the sums of squares would need 20 digits and more.
        double[] samples = [1e9, 1e11, 1e9 + 1, 1e11 + 2, 1e9 + 2, 1e11 + 4, 1e9 + 3, 1e11 + 6];
        (double[] means, double[] covariances) = Run(id, 4, 2, samples, [0, 4]);
        Assert.Equal([1e9 + 1.5, 1e11 + 3], means);
        double variance = 5.0 / 3;
        double[] expected = [variance, 2 * variance, 2 * variance, 4 * variance];
        for (int i = 0; i < 4; i++) Assert.Equal(expected[i], covariances[i], 1e-14);
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Empty_and_single_observations_are_defined(string id)
    {
        (double[] means, double[] covariances) = Run(id, 3, 1, [5, 7, 9], [0, 0, 1, 3]);
        Assert.Equal([double.NaN, 5, 8], means);
        Assert.Equal([double.NaN, double.NaN, 2], covariances);
    }

    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void Observations_do_not_see_each_other(string id)
    {
        var random = new SeededRandom(3);
        double[] samples = [.. Enumerable.Range(0, 300 * 7).Select(_ => random.NextNormal())];
        (double[] all, double[] allCovariances) = Run(id, 300, 7, samples, [0, 100, 200, 300]);
        double[] spoilt = [.. samples];
        spoilt.AsSpan(0, 700).Fill(double.NaN);
        spoilt.AsSpan(1400).Fill(double.NaN);
        (double[] one, double[] oneCovariances) = Run(id, 300, 7, spoilt, [0, 100, 200, 300]);
        Assert.Equal(all[7..14], one[7..14]);
        Assert.Equal(allCovariances[49..98], oneCovariances[49..98]);
        Assert.All(one[..7], value => Assert.True(double.IsNaN(value)));
    }

    [Theory]
    [InlineData(1, 16, 16)]
    [InlineData(4, 16, 4)]
    [InlineData(16, 16, 1)]
    [InlineData(1000, 16, 1)]
    public void Few_long_observations_are_split(int observations, int parts, int splits) =>
        Assert.Equal(splits, CounterMomentsPlan.Splits(new CounterMomentsProblem(1 << 20, 3, observations), parts));

    [Fact]
    public void Short_observations_are_not_split() => Assert.Equal(1, CounterMomentsPlan.Splits(new CounterMomentsProblem(3000, 3, 1), 64));

    [Fact]
    public void Bounds_and_shapes_are_checked()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new CounterMomentsProblem(1, 65, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new CounterMomentsProblem(-1, 2, 1));
        using HostArray samples = HostArray.Zeros(DType.Float32, [3, 4]), offsets = HostArray.Zeros(DType.Int32, [2]);
        var inputs = new Dictionary<string, HostArray> { ["samples"] = samples, ["offsets"] = offsets };
        var error = Assert.Throws<ArgumentException>(() => CounterMomentsOperation.Instance.Bind(inputs, OptionValues.None));
        Assert.Contains("float64", error.Message, StringComparison.Ordinal);
    }

    private static (double[] Means, double[] Covariances) Run(string id, int count, int counters, double[] samples, int[] offsets)
    {
        Device device = TestDevices.Shared(id);
        var problem = new CounterMomentsProblem(count, counters, offsets.Length - 1);
        Support support = CounterMomentsOperation.Instance.Supports(device.Info, problem);
        Skip.If(!support.IsSupported, support.Reason);
        using var run = new OperandRun(device, problem);
        run.Write(CounterMomentsProblem.Samples, samples);
        run.Write(CounterMomentsProblem.Offsets, offsets);
        run.Launch(CounterMomentsOperation.Instance);
        return (run.Read<double>(CounterMomentsProblem.Means), run.Read<double>(CounterMomentsProblem.Covariances));
    }
}
