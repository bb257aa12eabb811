using KernelSuite.Operations.Counters.Distance;
using KernelSuite.Operations.Counters.Distance.Cpu;
using KernelSuite.Operations.Tests.KvStorage;
using KernelSuite.Runtime;
using KernelSuite.Runtime.Cpu;
using KernelSuite.Tests;

namespace KernelSuite.Operations.Tests.Counters;

/// <summary>
/// What a distance is worth where the bound of rounds was hit. No data are known that reach the bound, so the solvers of the managed device get a
/// lower one here.
/// </summary>
public sealed class ConeDistanceRoundsTests
{
    private static readonly OperationCase Case = ConeDistanceOperation.Instance.Cases.Single(c =>
        c.Name == "haswell-outside" && c.Problem.DType == DType.Float64);

    private static readonly ConeDistanceProblem Problem = (ConeDistanceProblem)Case.Problem;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Without_an_optimum_weights_are_feasible_and_the_distance_is_an_upper_bound(bool naive)
    {
        using var inputs = new HostOperands(Problem);
        ConeDistanceOperation.Instance.FillInputs(Case, Validator.DefaultSeed, inputs);
        int pairs = (int)Problem.UnitCount, p = Problem.Counters, unsolved = 0;
        var optimum = Solve(naive, inputs, null);
        Assert.All(optimum.Status, status => Assert.Equal(1, status));
        double[] before = [.. Enumerable.Repeat(double.PositiveInfinity, pairs)];
        for (int rounds = 0; ; rounds++)
        {
            var now = Solve(naive, inputs, rounds);
            for (int pair = 0; pair < pairs; pair++)
            {
                ReadOnlySpan<double> f = now.Weights.AsSpan(pair * Problem.MostSignatures, Problem.MostSignatures);
                double[] rest = Rest(inputs, pair, f);
                double own = rest.Sum(value => value * value), size = Rest(inputs, pair, new double[f.Length]).Sum(value => value * value);
                Assert.True(f.IndexOfAnyInRange(double.NegativeInfinity, -double.Epsilon) < 0, "a weight is negative");
                Assert.Equal(own, now.Distances[pair], 1e-12 * size);
                Assert.True(now.Distances[pair] >= optimum.Distances[pair] - 1e-12 * size, "nearer than the nearest point");
                Assert.True(now.Distances[pair] <= before[pair] + 1e-12 * size, "more rounds came to a farther point");
                if (rounds == 0) Assert.Equal((0, 0), (now.Status[pair], now.Ranks[pair]));
                Assert.InRange(now.Status[pair], 0, 1);
                if (now.Status[pair] == 1) Assert.Equal(optimum.Distances[pair], now.Distances[pair], 1e-12 * size);
                else unsolved++;

                // w = Wᵀ (W mean - W Sᵀ f), whatever was reached.
                for (int i = 0; i < p; i++)
                {
                    double direction = Enumerable.Range(0, p).Sum(k => Factor(inputs, pair, k, i) * rest[k]);
                    Assert.Equal(direction, now.Directions[(pair * p) + i], 1e-10 * (1 + Math.Abs(direction)));
                }
            }

            before = now.Distances;
            if (now.Status.All(status => status == 1)) break;
            Assert.InRange(rounds, 0, NonnegativeLeastSquares.MostRounds(p, Problem.MostSignatures));
        }

        Assert.True(unsolved > 5 * pairs, $"{unsolved} bounds were hit");
    }

    private static (double[] Distances, int[] Status, int[] Ranks, double[] Weights, double[] Directions) Solve(
        bool naive, HostOperands inputs, int? rounds)
    {
        var device = (CpuDevice)TestDevices.Shared("cpu");
        using var plan = new CpuConeDistancePlan(device, Problem, naive, rounds);
        using var run = new OperandRun(device, Problem);
        foreach (int operand in (int[])[ConeDistanceProblem.Factors, ConeDistanceProblem.Means, ConeDistanceProblem.Signatures])
            run.Write<double>(operand, inputs.Data<double>(operand));
        run.Launch(plan);
        return (run.Read<double>(ConeDistanceProblem.Distances), run.Read<int>(ConeDistanceProblem.Status),
            run.Read<int>(ConeDistanceProblem.Ranks), run.Read<double>(ConeDistanceProblem.Weights),
            run.Read<double>(ConeDistanceProblem.Directions));
    }

    /// <summary>W (mean - Sᵀ f).</summary>
    private static double[] Rest(HostOperands inputs, int pair, ReadOnlySpan<double> f)
    {
        int p = Problem.Counters, n = Problem.MostSignatures;
        double[] point = inputs.Data<double>(ConeDistanceProblem.Means).Slice(pair / Problem.Models * p, p).ToArray();
        ReadOnlySpan<double> signatures = inputs.Data<double>(ConeDistanceProblem.Signatures).Slice(pair % Problem.Models * n * p, n * p);
        for (int j = 0; j < n; j++)
            for (int i = 0; i < p; i++) point[i] -= f[j] * signatures[(j * p) + i];
        return [.. Enumerable.Range(0, p).Select(i => Enumerable.Range(0, p).Sum(k => Factor(inputs, pair, i, k) * point[k]))];
    }

    private static double Factor(HostOperands inputs, int pair, int row, int column)
    {
        int p = Problem.Counters;
        return inputs.Data<double>(ConeDistanceProblem.Factors)[(((pair / Problem.Models * p) + row) * p) + column];
    }
}
