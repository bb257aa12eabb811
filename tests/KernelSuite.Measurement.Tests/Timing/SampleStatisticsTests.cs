using KernelSuite.Measurement;

namespace KernelSuite.Tests;

public sealed class SampleStatisticsTests
{
    [Fact]
    public void Odd_count()
    {
        SampleStatistics s = SampleStatistics.Of([5, 1, 4, 2, 3]);
        Assert.Equal((5, 1.0, 2.0, 3.0, 4.0, 5.0, 1.0), (s.Count, s.Minimum, s.FirstQuartile, s.Median, s.ThirdQuartile, s.Maximum, s.MedianAbsoluteDeviation));
        Assert.Equal(1.4826 / 3, s.RelativeNoise, 12); // 0.7413 (4 - 2) is the same
    }

    [Fact]
    public void Even_count_interpolates()
    {
        SampleStatistics s = SampleStatistics.Of([4, 1, 3, 2]);
        Assert.Equal((1.75, 2.5, 3.25), (s.FirstQuartile, s.Median, s.ThirdQuartile));
    }

    [Fact]
    public void One_sample_is_its_own_median_without_noise()
    {
        SampleStatistics s = SampleStatistics.Of([7]);
        Assert.Equal((7.0, 7.0, 7.0, 0.0), (s.Minimum, s.Median, s.Maximum, s.RelativeNoise));
    }

    [Fact]
    public void One_wild_sample_moves_neither_median_nor_noise()
    {
        SampleStatistics s = SampleStatistics.Of([1, 1, 1, 1, 1000]);
        Assert.Equal((1.0, 0.0), (s.Median, s.RelativeNoise));
    }

    [Fact]
    public void Two_speeds_are_noise_although_most_samples_agree()
    {
        SampleStatistics s = SampleStatistics.Of([1, 2, 1, 2, 1]);
        Assert.Equal((0.0, 0.7413), (s.MedianAbsoluteDeviation, s.RelativeNoise));
    }

    [Fact]
    public void Input_is_not_reordered()
    {
        double[] samples = [3, 1, 2];
        SampleStatistics.Of(samples);
        Assert.Equal([3, 1, 2], samples);
    }

    [Fact]
    public void Nothing_and_nan_are_refused()
    {
        Assert.Throws<ArgumentException>(() => SampleStatistics.Of([]));
        Assert.Throws<ArgumentException>(() => SampleStatistics.Of([1, double.NaN]));
    }
}
