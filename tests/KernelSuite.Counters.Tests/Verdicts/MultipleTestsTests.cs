using KernelSuite.Counters.Statistics;
using KernelSuite.Counters.Verdicts;
using MathNet.Numerics;
using MathNet.Numerics.Distributions;
using Xunit;

namespace KernelSuite.Counters.Tests.Verdicts;

public class MultipleTestsTests
{
    [Fact]
    public void Adjustments_are_those_of_their_papers()
    {
        double[] p = [.01, .04, .03, .005];
        Near([.03, .06, .06, .02], MultipleTests.Holm(p));
        Near([.02, .04, .04, .02], MultipleTests.BenjaminiHochberg(p));
        Assert.Empty(MultipleTests.Holm([]));
        Assert.Throws<ArgumentException>(() => MultipleTests.Holm([1.5]));
        Assert.Throws<ArgumentException>(() => MultipleTests.BenjaminiHochberg([double.NaN]));
    }

    [Fact]
    public void Tails_are_those_of_the_distributions_and_stay_positive_far_out()
    {
        foreach (double x in (double[])[.1, 1, 3, 8])
        {
            Assert.Equal(1 - Normal.CDF(0, 1, x), Tails.Normal(x), 1e-12);
            Assert.Equal(1 - StudentT.CDF(0, 1, 7, x), Tails.Student(x, 7), 1e-12);
            Assert.Equal(StudentT.CDF(0, 1, 7, x), Tails.Student(-x, 7), 1e-12);
            Assert.Equal(1 - ChiSquared.CDF(5, x), Tails.ChiSquared(x, 5), 1e-12);
            Assert.Equal(1 - FisherSnedecor.CDF(5, 45, x * 45 / (5 * 49)), Tails.Hotelling(x, 5, 50), 1e-12);
        }

        Assert.InRange(Tails.Normal(20), 1e-90, 1e-88);
        Assert.InRange(Tails.ChiSquared(500, 3), 1e-110, 1e-105);
        Assert.Equal(.01, Tails.Hotelling(Tails.HotellingQuantile(.01, 4, 60), 4, 60), 1e-9);
        Assert.Equal(.01, Tails.ChiSquared(Tails.HotellingQuantile(.01, 4, double.PositiveInfinity), 4), 1e-9);
    }

    private static void Near(double[] expected, double[] actual) =>
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-12));

    /// <summary>The shortcut for tails of 1 changes no bit.</summary>
    [Fact]
    public void A_sure_tail_is_one_by_the_beta_function_too()
    {
        int sure = 0;
        for (double t = -1; t > -1e6; t *= 1.01)
        {
            foreach (double freedom in (double[])[1, 2, 5, 29, 99, 1999, 1e7])
            {
                double tail = 1 - .5 * SpecialFunctions.BetaRegularized(freedom / 2, .5, freedom / (freedom + t * t));
                Assert.True(tail == Tails.Student(t, freedom), $"t {t}, freedom {freedom}");
                if (Tails.IsSure(t, freedom)) sure++;
            }
        }

        Assert.InRange(sure, 3000, 7000);
    }
}
