using KernelSuite.Counters.Statistics;
using Xunit;

namespace KernelSuite.Counters.Tests.Statistics;

public class SampleMomentsTests
{
    [Theory]
    [InlineData(1, 1, 0)]
    [InlineData(3, 2, 0)]
    [InlineData(7, 63, 0)]
    [InlineData(8, 64, 1e9)]
    [InlineData(23, 1000, 1e9)]
    [InlineData(41, 130, -1e9)]
    public void Moments_are_those_of_two_passes(int p, int n, double offset)
    {
        double[] samples = Samples(p, n, offset, 5);
        var blocks = new SampleMoments(p);
        blocks.AddBlock(samples);
        var singles = new SampleMoments(p);
        for (int i = 0; i < n; i++) singles.Add(samples.AsSpan(i * p, p));
        (double[] mean, double[] covariance) = TwoPasses(samples, p);
        foreach (SampleMoments moments in (SampleMoments[])[blocks, singles])
        {
            Assert.Equal(n, moments.Count);
            Near(mean, moments.Mean, 1e-14 + 1e-15 * Math.Abs(offset));
            Near(covariance, moments.Covariance(), 1e-12);
            Near([.. covariance.Select(c => c / n)], moments.CovarianceOfMean(), 1e-12 / n);
        }
    }

    [Fact]
    public void The_naive_sum_of_squares_would_not_pass_at_this_offset()
    {
        double[] samples = Samples(1, 1000, 1e9, 5);
        double sum = samples.Sum(), squares = samples.Sum(x => x * x);
        Assert.True(Math.Abs((squares - sum * sum / 1000) / 999 - TwoPasses(samples, 1).Covariance[0]) > 1);
    }

    [Fact]
    public void Merges_in_any_order_and_grouping_agree()
    {
        const int p = 5, n = 700;
        double[] samples = Samples(p, n, 1e9, 9);
        SampleMoments[] parts = [Of(0, 1), Of(1, 200), Of(201, 3), Of(204, 496)];
        (double[] mean, double[] covariance) = TwoPasses(samples, p);
        SampleMoments left = Merged(Merged(Merged(parts[0], parts[1]), parts[2]), parts[3]);
        SampleMoments right = Merged(parts[0], Merged(parts[1], Merged(parts[2], parts[3])));
        SampleMoments reversed = Merged(Merged(parts[3], parts[2]), Merged(parts[1], parts[0]));
        SampleMoments none = new(p);
        foreach (SampleMoments moments in (SampleMoments[])[left, right, reversed, Merged(none, left), Merged(left, none)])
        {
            Assert.Equal(n, moments.Count);
            Near(mean, moments.Mean, 1e-6);
            Near(covariance, moments.Covariance(), 1e-12);
        }

        SampleMoments twice = left.Clone();
        twice.Merge(twice);
        Assert.Equal(2 * n, twice.Count);
        Near([.. covariance.Select(c => c * (n - 1) * 2 / (2 * n - 1))], twice.Covariance(), 1e-12);

        SampleMoments Of(int start, int count)
        {
            var moments = new SampleMoments(p);
            moments.AddBlock(samples.AsSpan(start * p, count * p));
            return moments;
        }
    }

    [Fact]
    public void Moments_computed_elsewhere_and_selections_keep_their_numbers()
    {
        double[] samples = Samples(4, 50, 10, 1);
        var moments = new SampleMoments(4);
        moments.AddBlock(samples);
        SampleMoments same = SampleMoments.FromCovariance(50, moments.Mean, moments.Covariance());
        Near(moments.Covariance(), same.Covariance(), 1e-12);
        SampleMoments some = same.Select([2, 0]);
        Assert.Equal(moments.Mean[2], some.Mean[0]);
        Assert.Equal(moments.Covariance(0, 2), some.Covariance(0, 1), 1e-12);
        Assert.Throws<ArgumentException>(() => same.Select([4]));
        Assert.Throws<ArgumentException>(() => SampleMoments.FromCovariance(5, [1.0], [-1.0]));
    }

    [Fact]
    public void Values_that_cannot_be_squared_are_refused_by_place_and_nothing_is_added()
    {
        var moments = new SampleMoments(2);
        foreach (double wrong in (double[])[double.NaN, double.PositiveInfinity, double.NegativeInfinity, 1e200, -1e200])
            Assert.Contains("Value 3", Assert.Throws<ArgumentException>(() => moments.AddBlock([1, 2, 3, wrong])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => moments.AddBlock([1, 2, 3]));
        Assert.Throws<ArgumentException>(() => moments.Add([1]));
        Assert.Equal(0, moments.Count);
    }

    internal static double[] Samples(int p, int n, double offset, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, p * n).Select(i => offset + (i % p + 1) * random.NextDouble() + (i / p % 3))];
    }

    private static SampleMoments Merged(SampleMoments one, SampleMoments other)
    {
        SampleMoments merged = one.Clone();
        merged.Merge(other);
        return merged;
    }

    /// <summary>In two passes about the first sample's integer part, which loses no digit.</summary>
    private static (double[] Mean, double[] Covariance) TwoPasses(double[] samples, int p)
    {
        int n = samples.Length / p;
        double about = Math.Floor(samples[0]);
        double[] mean = [.. Enumerable.Range(0, p).Select(i => Enumerable.Range(0, n).Sum(k => samples[k * p + i] - about) / n)];
        var covariance = new double[p * p];
        for (int i = 0; i < p; i++)
            for (int j = 0; j < p && n > 1; j++)
                covariance[i * p + j] = Enumerable.Range(0, n).Sum(k => Offset(k, i) * Offset(k, j)) / (n - 1);
        return ([.. mean.Select(m => about + m)], covariance);

        double Offset(int k, int i) => samples[k * p + i] - about - mean[i];
    }

    private static void Near(double[] expected, ReadOnlySpan<double> actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++) Assert.InRange(actual[i], expected[i] - tolerance, expected[i] + tolerance);
    }
}
