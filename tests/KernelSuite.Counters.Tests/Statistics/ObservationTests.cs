using KernelSuite.Counters.Statistics;
using Xunit;

namespace KernelSuite.Counters.Tests.Statistics;

public class ObservationTests
{
    private static readonly CounterSet Two = new(["a", "b"]);

    [Fact]
    public void Samples_without_a_counter_are_left_out_and_counted()
    {
        var builder = new ObservationBuilder("gups", Two);
        builder.Add([1, 2]);
        builder.Add([double.NaN, 2]);
        builder.Drop();
        builder.Drop(40);
        Assert.Throws<ArgumentOutOfRangeException>(() => builder.Drop(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => builder.Drop(long.MaxValue));
        builder.Add([3, 5]);
        Observation observation = builder.Build();
        Assert.Equal((2L, 42L), (observation.Moments.Count, observation.Dropped));
        Assert.Equal([2.0, 3.5], observation.Moments.Mean.ToArray());
        Assert.Contains(observation.Warnings, w => w.Kind == WarningKind.DroppedSamples);
        Assert.Throws<ArgumentException>(() => builder.Add([1, double.PositiveInfinity]));
        Assert.Throws<ArgumentException>(() => builder.Add([1]));
        Assert.Throws<InvalidOperationException>(() => observation.Moments.Add([1, 2]));
        Assert.Throws<InvalidOperationException>(() => new ObservationBuilder("none", Two).Build());
    }

    [Fact]
    public void A_builder_can_go_on_after_it_has_built()
    {
        var builder = new ObservationBuilder("gups", Two, "order 1");
        builder.Add([1, 2]);
        Observation first = builder.Build();
        builder.Add([3, 2]);
        Assert.Equal((1L, 2L), (first.Moments.Count, builder.Build().Moments.Count));
        Assert.Equal("order 1", first.Group);
    }

    [Fact]
    public void An_exact_observation_is_a_point()
    {
        Observation point = Observation.Exact("sim", Two, [10, 11]);
        Assert.True(point.IsExact);
        Assert.Equal(0, point.Moments.Covariance(0, 1));
        Assert.Throws<ArgumentException>(() => Observation.Exact("sim", Two, [10]));
        Assert.Throws<ArgumentException>(() => Observation.Exact("sim", new CounterSet([]), []));
    }

    [Theory]
    [InlineData(31, false)]
    [InlineData(500, true)]
    [InlineData(1001, true)]
    [InlineData(20000, true)]
    public void Autocorrelation_is_seen_where_it_is_and_only_there(int n, bool batches)
    {
        // a follows itself with .9: lag-1 .9, inflation (1 + .9) / (1 - .9) = 19. b is independent.
        var random = new Random(4);
        var builder = new ObservationBuilder("ar", Two);
        double state = 0;
        for (int i = 0; i < n; i++)
        {
            state = .9 * state + Math.Sqrt(1 - .81) * Gaussian(random);
            builder.Add([1e6 + state, 1e9 + Gaussian(random)]);
        }

        SeriesDiagnostics series = builder.Build().Series!;
        if (!batches)
        {
            Assert.Equal([1.0, 1.0], series.Inflation());
            return;
        }

        Assert.InRange(series.Lag1[0], .8, .95);
        Assert.InRange(series.Lag1[1], -.1, .1);
        double[] inflation = series.Inflation();
        Assert.InRange(inflation[0], 6, 40);
        Assert.True(inflation[0] > series.SignificantInflation);
        Assert.InRange(inflation[1], .3, series.SignificantInflation);
        Assert.Equal(inflation[0], series.Inflation([3, 0]), 1e-9);
    }

    [Fact]
    public void Lag_one_is_the_textbook_sum()
    {
        double[] values = [3, 1, 4, 1, 5, 9, 2, 6];
        var builder = new ObservationBuilder("pi", new CounterSet(["x"]));
        foreach (double value in values) builder.Add([value]);
        double mean = values.Average();
        double expected = values.Zip(values.Skip(1), (x, y) => (x - mean) * (y - mean)).Sum() / values.Sum(x => (x - mean) * (x - mean));
        Assert.Equal(expected, builder.Build().Series!.Lag1[0], 1e-12);
    }

    [Fact]
    public void Common_phases_inflate_the_widest_direction_only()
    {
        var random = new Random(8);
        var builder = new ObservationBuilder("phases", Two);
        double phase = 0;
        for (int i = 0; i < 4000; i++)
        {
            phase = .95 * phase + .3 * Gaussian(random);
            double rate = 1000 * Math.Exp(.3 * phase);
            builder.Add([rate + Gaussian(random), 2 * rate + Gaussian(random)]);
        }

        Observation observation = builder.Build();
        double[] inflation = observation.PrincipalInflation();
        Assert.True(inflation[0] > 10, $"{inflation[0]}");
        Assert.True(inflation[1] < observation.Series!.SignificantInflation, $"{inflation[1]}");
    }

    [Fact]
    public void Few_samples_of_many_counters_are_shrunk_to_full_rank()
    {
        const int p = 40;
        var random = new Random(2);
        var builder = new ObservationBuilder("few", new CounterSet(Enumerable.Range(0, p).Select(i => $"c{i}")));
        var sample = new double[p];
        for (int n = 0; n < 35; n++)
        {
            for (int i = 0; i < p; i++) sample[i] = 100 * (i + 1) * (1 + .1 * Gaussian(random));
            builder.Add(sample);
        }

        Observation few = builder.Build();
        Assert.InRange(few.Shrinkage!.Intensity, .5, 1); // The truth is the identity: nearly all of it.
        Assert.InRange(few.Shrinkage.Variance, .008, .012);
        Assert.True(MeanRegion.Of(few).Deviations.Min() > .3 * MeanRegion.Of(few).Deviations.Max());
        for (int n = 0; n < 7; n++) builder.Add(sample);
        Assert.Null(builder.Build().Shrinkage);
    }

    [Fact]
    public void Floored_directions_are_the_eigenvalues_near_the_floor()
    {
        var random = new Random(4);
        int some = 0;
        for (int trial = 0; trial < 200; trial++)
        {
            // The last counter is the sum of the others, but for noise of about the floor.
            double noise = Math.Pow(10, -7 + 3 * random.NextDouble()) * Math.Sqrt(50);
            var builder = new ObservationBuilder("sum", new CounterSet(["a", "b", "sum"]));
            for (int i = 0; i < 50; i++)
            {
                double a = 1 + .1 * Gaussian(random), b = 1 + .1 * Gaussian(random);
                builder.Add([a, b, a + b + noise * Gaussian(random)]);
            }

            MeanRegion region = MeanRegion.Of(builder.Build());
            int floored = region.FlooredDirections; // Before the eigenvalues are there.
            Assert.Equal(region.Deviations.Count(deviation => deviation < 2 * MeanRegion.Floor), floored);
            some += floored;
        }

        Assert.InRange(some, 20, 180);
    }

    [Fact]
    public void A_region_is_the_same_in_other_units_and_floors_what_has_no_noise()
    {
        var random = new Random(3);
        var builder = new ObservationBuilder("units", new CounterSet(["a", "twice a", "constant", "zero"]));
        var other = new ObservationBuilder("units", new CounterSet(["a", "twice a", "constant", "zero"]));
        for (int i = 0; i < 100; i++)
        {
            double a = 1000 + 10 * Gaussian(random);
            builder.Add([a, 2 * a, 7, 0]);
            other.Add([1e8 * a, 2e3 * a, 7e-5, 0]);
        }

        MeanRegion region = MeanRegion.Of(builder.Build()), same = MeanRegion.Of(other.Build());
        Assert.Equal(3, region.FlooredDirections);
        for (int i = 0; i < 4; i++) Assert.Equal(region.Deviations[i], same.Deviations[i], 1e-9);
        Assert.True(region.Mean.All(m => Math.Abs(m) <= 1));
        double[] mean = builder.Build().Moments.Mean.ToArray();
        Assert.Equal(0, region.SquaredDistance(mean), 1e-9);
        mean[2] *= 1 + 3 * MeanRegion.Floor;
        Assert.Equal(9, region.SquaredDistance(mean), 1e-6);
        Assert.Throws<ArgumentException>(() => MeanRegion.Of(builder.Build(), new CounterSet(["a", "other"])));
    }

    internal static double Gaussian(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
