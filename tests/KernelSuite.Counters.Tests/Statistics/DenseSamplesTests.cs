using KernelSuite.Counters.Statistics;
using KernelSuite.Counters.Tests.Verdicts;
using KernelSuite.Operations.Counters.Moments;
using KernelSuite.Runtime;
using KernelSuite.Tests;
using Xunit;

namespace KernelSuite.Counters.Tests.Statistics;

/// <summary>Many observations in one launch are what a builder makes of each.</summary>
public class DenseSamplesTests
{
    public static TheoryData<string> Devices => TestDevices.All;

    /// <summary>Ragged lengths, one sample, too few for a covariance, autocorrelation, a constant counter, a large offset, gaps.</summary>
    [SkippableTheory]
    [MemberData(nameof(Devices))]
    public void They_are_what_a_builder_makes(string id)
    {
        Device device = TestDevices.Shared(id);
        Skip.If(!CounterMomentsOperation.Instance.Supports(device.Info, new CounterMomentsProblem(1, 1, 1)).IsSupported, "no double precision");
        const int P = 5;
        CounterSet counters = RandomCases.Counters(P);
        int[] lengths = [200, 1, 6, 7, 33, 1000, 40];
        DenseObservation[] dense = [.. lengths.Select((n, i) => new DenseObservation($"o{i}", n, i % 2 == 0 ? $"g{i}" : null))];
        double[] samples = Samples(lengths.Sum(), P);
        samples[(lengths.Sum() - 3) * P + 2] = double.NaN;
        IReadOnlyList<Observation> actual = DenseSamples.Observe(device, counters, samples, dense);

        int at = 0, inflated = 0;
        Assert.Equal(lengths.Length, actual.Count);
        for (int b = 0; b < lengths.Length; at += lengths[b++])
        {
            Observation expected = Built(dense[b], counters, samples.AsSpan(at * P, lengths[b] * P)), one = actual[b];
            Assert.Equal((expected.Id, expected.Group, expected.Dropped, expected.Moments.Count),
                (one.Id, one.Group, one.Dropped, one.Moments.Count));
            Assert.Equal(expected.Warnings, one.Warnings);
            Assert.Equal(expected.Shrinkage?.Intensity ?? -1, one.Shrinkage?.Intensity ?? -1, 1e-12);
            for (int i = 0; i < P; i++)
            {
                Assert.Equal(expected.Moments.Mean[i], one.Moments.Mean[i], 1e-13 * Math.Abs(expected.Moments.Mean[i]));
                Assert.Equal(expected.Series!.Lag1[i], one.Series!.Lag1[i], 1e-9);
                for (int j = 0; j < P; j++)
                {
                    double size = Math.Sqrt(expected.Moments.Covariance(i, i) * expected.Moments.Covariance(j, j));
                    Assert.Equal(expected.Moments.Covariance(i, j), one.Moments.Covariance(i, j), 1e-10 * size);
                }
            }

            double[] inflation = expected.Series!.Inflation();
            for (int i = 0; i < P; i++) Assert.Equal(inflation[i], one.Series!.Inflation()[i], 1e-9 * inflation[i]);
            if (inflation.Max() > expected.Series.SignificantInflation) inflated++;
        }

        Assert.True(inflated > 0, "no observation is autocorrelated, so nothing was seen of the order of samples");
        Assert.Equal(1, actual[^1].Dropped);
    }

    [Fact]
    public void More_counters_than_the_operation_takes_and_more_values_than_a_launch_takes_are_the_same()
    {
        Device device = TestDevices.Shared("cpu");
        CounterSet wide = RandomCases.Counters(65);
        double[] some = Samples(140, 65);
        Observation built = Built(new("w", 140), wide, some), seen = Assert.Single(DenseSamples.Observe(device, wide, some, [new("w", 140)]));
        Assert.Equal(built.Moments.Covariance(), seen.Moments.Covariance());

        CounterSet two = RandomCases.Counters(2);
        const int Each = 900_000;
        double[] many = Samples(4 * Each, 2);
        DenseObservation[] four = [.. Enumerable.Range(0, 4).Select(i => new DenseObservation($"{i}", Each))];
        IReadOnlyList<Observation> all = DenseSamples.Observe(device, two, many, four);
        for (int b = 0; b < 4; b++)
        {
            var moments = new SampleMoments(2);
            moments.AddBlock(many.AsSpan(b * Each * 2, Each * 2));
            Assert.Equal(moments.Mean[0], all[b].Moments.Mean[0], 1e-12 * moments.Mean[0]);
            Assert.Equal(moments.Covariance(0, 1), all[b].Moments.Covariance(0, 1), 1e-9 * moments.Covariance(1, 1));
        }
    }

    [Fact]
    public void What_does_not_fit_is_refused_by_name()
    {
        Device device = TestDevices.Shared("cpu");
        CounterSet counters = RandomCases.Counters(2);
        ArgumentException error = Assert.Throws<ArgumentException>(() => DenseSamples.Observe(device, counters, new double[5], [new("a", 3)]));
        Assert.Contains("Expected 6", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<ArgumentException>(() => DenseSamples.Observe(device, counters, default, [new("a", 0)]));
        Assert.Contains("'a'", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => DenseSamples.Observe(device, counters, new[] { 1, double.PositiveInfinity }, [new("a", 1)]));
        Assert.Throws<InvalidOperationException>(() => DenseSamples.Observe(device, counters, new[] { 1, double.NaN }, [new("a", 1)]));
        Assert.Throws<ArgumentException>(() => DenseSamples.Observe(device, new CounterSet([]), default, []));
        Assert.Empty(DenseSamples.Observe(device, counters, default, []));
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.Throws<OperationCanceledException>(() => DenseSamples.Observe(device, counters, new double[2], [new("a", 1)], stop.Token));
    }

    /// <summary>Counters with a common random walk; the second is constant, the third lies at 1e9.</summary>
    private static double[] Samples(int count, int p)
    {
        var random = new Random(5);
        var samples = new double[count * p];
        double walk = 0;
        for (int n = 0; n < count; n++)
        {
            walk = .98 * walk + ObservationTests.Gaussian(random);
            for (int i = 0; i < p; i++)
                samples[n * p + i] = i == 1 && p > 2 ? 7 : (i == 2 ? 1e9 : 1000) + 10 * walk + ObservationTests.Gaussian(random);
        }

        return samples;
    }

    private static Observation Built(DenseObservation one, CounterSet counters, ReadOnlySpan<double> samples)
    {
        var builder = new ObservationBuilder(one.Id, counters, one.Group);
        for (int at = 0; at < samples.Length; at += counters.Count) builder.Add(samples.Slice(at, counters.Count));
        return builder.Build();
    }
}
