using KernelSuite.Counters.Cones;
using KernelSuite.Counters.Statistics;
using KernelSuite.Counters.Verdicts;
using KernelSuite.Tests;
using MathNet.Numerics.LinearAlgebra;
using Xunit;

namespace KernelSuite.Counters.Tests.Verdicts;

public class ConeDistanceTests
{
    private static readonly double[] Identity = [1, 0, 0, 1];

    [Theory]
    [InlineData(10, 11, .5, 1, 1)]   // a >= b is broken: nearest is on the diagonal
    [InlineData(10, 10, 0, 1, 1)]
    [InlineData(10, 5, 0, 2, 0)]     // inside
    [InlineData(-3, -4, 25, 0, 2)]   // nearest is the apex
    [InlineData(5, -2, 4, 1, 1)]
    public void Distances_in_the_plane_are_those_of_geometry(double a, double b, double squared, int rank, int freedom)
    {
        var solver = new ConeDistance(new SignatureSet(new CounterSet(["a", "b"]), [[1, 0], [1, 1]]));
        solver.SetCovariance(Identity, [1, 1]);
        DistanceResult result = solver.Measure([a, b]);
        Assert.True(result.Solved);
        Assert.Equal(squared, result.Squared, 1e-12);
        Assert.Equal((rank, freedom), (result.Rank, result.Freedom));
    }

    [Fact]
    public void A_tight_correlation_sees_what_a_box_does_not()
    {
        // sd 1 each, correlation .99: a - b has sd sqrt(.02), and b exceeds a by 1.
        var solver = new ConeDistance(new SignatureSet(new CounterSet(["a", "b"]), [[1, 0], [1, 1]]));
        solver.SetCovariance([1, .99, .99, 1], [1, 1]);
        Assert.Equal(1 / .02, solver.Measure([10, 11]).Squared, 1e-9);
        solver.SetCovariance([4, 3.96, 3.96, 4], [1, 1]);
        Assert.Equal(1 / .08, solver.Measure([10, 11]).Squared, 1e-9);
    }

    [Fact]
    public void Distances_are_those_of_all_faces_tried_one_by_one()
    {
        var random = new Random(11);
        for (int trial = 0; trial < 3000; trial++)
        {
            int p = random.Next(1, 6);
            SignatureSet signatures = RandomCases.Signatures(random, p, random.Next(1, 8));
            double[] mean = RandomCases.Point(random, signatures, trial % 3 * .3);
            double[] covariance = Covariance(random, p);
            var solver = new ConeDistance(signatures);
            double[] ones = [.. Enumerable.Repeat(1.0, p)];
            solver.SetCovariance(covariance, ones);
            DistanceResult result = solver.Measure(mean);
            double expected = EveryFace(signatures, mean, covariance);
            Assert.True(result.Solved);
            Assert.True(Math.Abs(result.Squared - expected) <= 1e-9 * (1 + Length(mean, covariance)),
                $"trial {trial}: {result.Squared} instead of {expected}");
            Optimal(solver, signatures, mean, covariance, result.Squared);
        }
    }

    [Fact]
    public void Scale_covariance_and_order_change_nothing_but_rounding()
    {
        var random = new Random(12);
        SignatureSet signatures = RandomCases.Signatures(random, 5, 4);
        double[] mean = [9, 1, 7, 1, 20], covariance = Covariance(random, 5), scale = [1e2, 1e11, 3, 1, 1e5];
        var solver = new ConeDistance(signatures);
        solver.SetCovariance(covariance, [1, 1, 1, 1, 1]);
        double plain = solver.Measure(mean).Squared;
        double again = solver.Measure(mean).Squared;
        Assert.Equal(plain, again); // Bit by bit: nothing is left over from the call before.
        double[] scaledCovariance = [.. covariance.Select((value, k) => value / scale[k / 5] / scale[k % 5])];
        double[] scaledMean = [.. mean.Select((value, i) => value / scale[i])];
        solver.SetCovariance(scaledCovariance, scale);
        Assert.Equal(plain, solver.Measure(scaledMean).Squared, 1e-6 * plain);
    }

    [Fact]
    public void Degenerate_cones_end()
    {
        // Many signatures on few rays and faces, means on them: ties everywhere.
        var random = new Random(13);
        for (int trial = 0; trial < 300; trial++)
        {
            int p = random.Next(2, 12);
            var vectors = Enumerable.Range(0, 60).Select(_ => Enumerable.Range(0, p).Select(i => (long)(random.Next(0, 2) * (i % 2 + 1))).ToArray());
            var signatures = new SignatureSet(RandomCases.Counters(p), vectors);
            if (signatures.Count == 0) continue;
            double[] mean = [.. Enumerable.Range(0, p).Select(i => (double)signatures[0][i] + signatures[signatures.Count - 1][i] - trial % 2)];
            double[] covariance = Covariance(random, p);
            for (int i = 0; i < p; i++) covariance[i * p + i] *= trial % 3 == 0 ? 1e12 : 1;
            var solver = new ConeDistance(signatures);
            solver.SetCovariance(covariance, [.. Enumerable.Repeat(1.0, p)]);
            DistanceResult result = solver.Measure(mean);
            Assert.True(result.Solved);
            Optimal(solver, signatures, mean, covariance, result.Squared);
        }
    }

    [Fact]
    public void Signatures_that_are_almost_parallel_do_not_spoil_the_others()
    {
        // Pairs that differ by some 1e-5: while both are active the inverse is large, and when one leaves most of it cancels.
        var random = new Random(15);
        for (int trial = 0; trial < 300; trial++)
        {
            int p = random.Next(3, 30);
            var vectors = new List<long[]>();
            for (int j = 0; j < p; j++)
            {
                long[] first = [.. Enumerable.Range(0, p).Select(_ => random.Next(0, 3) * 100_000L)];
                var second = (long[])first.Clone();
                second[random.Next(p)] += random.Next(1, 10);
                vectors.AddRange([first, second]);
            }

            var signatures = new SignatureSet(RandomCases.Counters(p), vectors);
            double[] mean = [.. RandomCases.Point(random, signatures, trial % 4 * .02)], ones = [.. Enumerable.Repeat(1.0, p)];
            double size = mean.Max();
            mean = [.. mean.Select(value => value / Math.Max(size, 1))];
            double[] covariance = Covariance(random, p);
            var solver = new ConeDistance(signatures);
            solver.SetCovariance(covariance, ones);
            DistanceResult result = solver.Measure(mean);
            Assert.True(result.Solved);
            solver.Measure(ones);
            Assert.Equal(result, solver.Measure(mean)); // To the last bit, whatever came between.
            double[] w = new double[p], weights = new double[signatures.Count];
            solver.CopyDirection(w);
            solver.CopyWeights(weights);
            for (int j = 0; j < signatures.Count; j++)
            {
                double slack = Enumerable.Range(0, p).Sum(i => w[i] * signatures[j][i]) / 1e5;
                Assert.True(slack <= 1e-8 && (weights[j] == 0 || slack >= -1e-8), $"trial {trial}, signature {j}: {slack}");
            }
        }
    }

    [Fact]
    public void A_verdict_allocates_nothing()
    {
        var random = new Random(14);
        SignatureSet signatures = RandomCases.Signatures(random, 12, 30);
        double[] mean = RandomCases.Point(random, signatures, .3), covariance = Covariance(random, 12), ones = [.. Enumerable.Repeat(1.0, 12)];
        var solver = new ConeDistance(signatures);
        double sum = 0;
        for (int i = 0; i < 50; i++) Step();
        Assert.Equal(0, Allocations.Least(100, Step));
        Assert.True(sum > 0);

        void Step()
        {
            solver.SetCovariance(covariance, ones);
            sum += solver.Measure(mean).Squared;
        }
    }

    [Fact]
    public void Wrong_arguments_are_named()
    {
        var solver = new ConeDistance(new SignatureSet(new CounterSet(["a", "b"]), [[1, 0]]));
        Assert.Throws<InvalidOperationException>(() => solver.Measure([1, 1]));
        Assert.Throws<ArgumentException>(() => solver.SetCovariance([1], [1, 1]));
        Assert.Throws<ArgumentException>(() => solver.SetCovariance([1, 2, 2, 1], [1, 1]));
        Assert.Throws<InvalidOperationException>(() => solver.Measure([1, 1])); // Not the covariance that failed.
        solver.SetCovariance(Identity, [1, 1]);
        Assert.Throws<ArgumentException>(() => solver.Measure([1]));
        Assert.Throws<ArgumentException>(() => solver.Measure([1, double.NaN]));
        Assert.Throws<ArgumentException>(() => new ConeDistance(new SignatureSet(new CounterSet([]), [])));
    }

    internal static double[] Covariance(Random random, int p)
    {
        var factor = Matrix<double>.Build.Dense(p, p, (_, _) => random.NextDouble() - .3);
        return (factor * factor.Transpose() + .05 * Matrix<double>.Build.DenseIdentity(p)).ToRowMajorArray();
    }

    /// <summary>The conditions of Karush, Kuhn and Tucker: they alone prove the optimum.</summary>
    private static void Optimal(ConeDistance solver, SignatureSet signatures, double[] mean, double[] covariance, double squared)
    {
        int p = mean.Length;
        var weights = new double[signatures.Count];
        solver.CopyWeights(weights);
        var w = new double[p];
        solver.CopyDirection(w);
        double[] point = [.. Enumerable.Range(0, p).Select(i => Enumerable.Range(0, signatures.Count).Sum(j => weights[j] * signatures[j][i]))];
        double size = w.Max(Math.Abs) + 1e-3 * (1 + Math.Sqrt(Length(mean, covariance)));
        Assert.All(weights, f => Assert.True(f >= 0));
        for (int j = 0; j < signatures.Count; j++)
        {
            double slack = Enumerable.Range(0, p).Sum(i => w[i] * signatures[j][i]);
            Assert.True(slack <= 1e-7 * size, $"signature {j}: {slack}");
            if (weights[j] > 0) Assert.True(slack >= -1e-7 * size, $"active signature {j}: {slack}");
        }

        for (int i = 0; i < p; i++)
        {
            double gap = mean[i] - point[i] - Enumerable.Range(0, p).Sum(k => covariance[i * p + k] * w[k]);
            Assert.True(Math.Abs(gap) < 1e-7 * (1 + mean.Max(Math.Abs)), $"counter {i}: {gap}");
        }

        Assert.Equal(squared, Enumerable.Range(0, p).Sum(i => w[i] * mean[i]), 1e-7 * (1 + Length(mean, covariance)));
    }

    private static double Length(double[] x, double[] covariance)
    {
        Vector<double> v = Vector<double>.Build.Dense(x);
        return v * Matrix<double>.Build.Dense(x.Length, x.Length, covariance).Inverse() * v;
    }

    /// <summary>Least squares on every set of signatures; the best with non-negative weights.</summary>
    private static double EveryFace(SignatureSet signatures, double[] mean, double[] covariance)
    {
        int p = mean.Length;
        Matrix<double> inverse = Matrix<double>.Build.Dense(p, p, covariance).Inverse();
        Vector<double> m = Vector<double>.Build.Dense(mean);
        double best = m * inverse * m;
        for (int set = 1; set < 1 << signatures.Count; set++)
        {
            int[] chosen = [.. Enumerable.Range(0, signatures.Count).Where(j => (set >> j & 1) == 1)];
            if (chosen.Length > p) continue;
            Matrix<double> a = Matrix<double>.Build.Dense(p, chosen.Length, (i, k) => signatures[chosen[k]][i]);
            Matrix<double> gram = a.Transpose() * inverse * a;
            if (gram.ConditionNumber() > 1e10) continue;
            Vector<double> f = gram.Cholesky().Solve(a.Transpose() * inverse * m), r = m - a * f;
            if (f.All(value => value >= 0)) best = Math.Min(best, r * inverse * r);
        }

        return best;
    }
}
