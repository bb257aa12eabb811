namespace KernelSuite.Measurement.Tests;

/// <summary>Paired statistics against values worked out by hand, and controls.</summary>
public sealed class PairedStatisticsTests
{
    [Theory]
    [InlineData(0, 0, 1)]
    [InlineData(5, 5, 1)]
    [InlineData(0, 1, 1)]
    [InlineData(0, 5, 0.0625)]
    [InlineData(10, 0, 0.001953125)]
    [InlineData(2, 8, 0.109375)]
    public void McNemar_is_the_binomial_tail(int first, int second, double expected) => Assert.Equal(expected, PairedStatistics.McNemar(first, second), 1e-12);

    [Fact]
    public void McNemar_survives_counts_beyond_the_range_of_powers_of_two()
    {
        Assert.Equal(1, PairedStatistics.McNemar(2000, 2000), 1e-9);
        Assert.InRange(PairedStatistics.McNemar(1900, 2100), 0.0016, 0.0018);
        Assert.Equal(0, PairedStatistics.McNemar(0, 5000));
    }

    [Fact]
    public void A_constant_ratio_has_an_interval_without_width()
    {
        Interval half = PairedStatistics.Ratio([1, 2, 3, 4], [2, 4, 6, 8], 500, 1);
        Assert.Equal((0.5, 0.5, 0.5), (half.Value, half.Low, half.High));
    }

    [Fact]
    public void The_interval_of_a_mean_is_the_binomial_one()
    {
        double[] right = [.. Enumerable.Range(0, 400).Select(i => i % 4 == 0 ? 1.0 : 0)], one = [.. Enumerable.Repeat(1.0, 400)];
        Interval share = PairedStatistics.Ratio(right, one, 4000, 3);
        Assert.Equal(0.25, share.Value);

        // 1.96 * sqrt(p (1 - p) / n) = 0.0424, to the noise of 4,000 resamples.
        Assert.InRange(share.Low, 0.25 - 0.046, 0.25 - 0.039);
        Assert.InRange(share.High, 0.25 + 0.039, 0.25 + 0.046);
        Assert.Equal(share, PairedStatistics.Ratio(right, one, 4000, 3));
    }

    [Fact]
    public void Pairing_narrows_the_interval_of_a_difference()
    {
        // Two methods that agree on all items but three of a hundred.
        double[] a = [.. Enumerable.Range(0, 100).Select(i => i % 2 == 0 ? 1.0 : 0)];
        double[] b = [.. a.Select((v, i) => i is 0 or 2 or 4 ? 0 : v)];
        Interval paired = PairedStatistics.Ratio([.. a.Zip(b, (x, y) => x - y)], [.. Enumerable.Repeat(1.0, 100)], 2000, 5);
        Assert.Equal(0.03, paired.Value, 1e-12);
        Assert.InRange(paired.Low, 0, 0.03);
        Assert.InRange(paired.High, 0.03, 0.08);
    }

    [Fact]
    public void What_cannot_be_computed_is_refused_or_not_a_number()
    {
        Assert.True(double.IsNaN(PairedStatistics.Ratio([1], [0], 10, 1).Value));
        Assert.Throws<ArgumentException>(() => PairedStatistics.Ratio([1, 2], [1], 10, 1));
        Assert.Throws<ArgumentException>(() => PairedStatistics.Ratio([], [], 10, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => PairedStatistics.McNemar(-1, 0));
    }
}
