using KernelSuite.Operations.Counters;
using KernelSuite.Operations.Counters.Distance;
using KernelSuite.Runtime;
using Xunit.Abstractions;

namespace KernelSuite.Operations.Tests.Counters;

/// <summary>
/// What the check of distances rests on: a reference that proves itself, a tolerance that is small, and wrong outputs that it rejects.
/// </summary>
public sealed class ConeDistanceControlTests(ITestOutputHelper output)
{
    private static readonly ConeDistanceOperation Operation = ConeDistanceOperation.Instance;

    public static TheoryData<string> CasesWithEverything =>
        [.. Validated(DType.Float64).Where(c => Own(c).Outputs == ConeDistanceOutputs.All && Own(c).UnitCount > 0).Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(CasesWithEverything))]
    public void A_wrong_output_is_rejected(string name)
    {
        OperationCase c = Validated(DType.Float64).Single(c => c.Name == name);
        using CaseExpectation expectation = CaseExpectation.Compute(Operation, c, Validator.DefaultSeed);
        using HostOperands right = Filled(expectation);
        Assert.True(expectation.Judge(right).Passed, expectation.Judge(right).Reason);
        int changes = 0;
        for (int unit = 0; unit < c.Problem.UnitCount; unit++)
        {
            Rejects(ConeDistanceProblem.Distances, unit, 1, value => value * (1 + 1e-6));
            Rejects(ConeDistanceProblem.Distances, unit, 1, value => value * (1 - 1e-6));
            Rejects(ConeDistanceProblem.Directions, unit, Own(c).Counters, value => -value);
            Rejects(ConeDistanceProblem.Directions, unit, Own(c).Counters, value => value * (1 + 1e-6));
            Rejects(ConeDistanceProblem.Weights, unit, Own(c).MostSignatures, value => -value);
            Rejects(ConeDistanceProblem.Status, unit, 1, value => value == 1 ? 0 : 1);
        }

        Assert.True(changes > 5);

        void Rejects(int operand, int unit, int length, Func<double, double> change)
        {
            // The largest element: what is nearly zero is rounding.
            (long start, _) = c.Problem.UnitSegment(operand, unit);
            int largest = Enumerable.Range(0, length).MaxBy(i => Math.Abs(Storage.Read(right[operand]!, right.Offset + start + i)));
            long place = right.Offset + start + largest;
            double before = Storage.Read(right[operand]!, place), after = change(before);
            if (after.Equals(before)) return;
            Write(right[operand]!, place, after);
            Assert.False(expectation.Judge(right).Passed, $"unit {unit}, {c.Problem.Operands[operand]!.Name}: {before} as {after}");
            Write(right[operand]!, place, before);
            changes++;
        }
    }

    /// <summary>A fault that kernels and naive arithmetic shared would show here: the reference shares nothing with either.</summary>
    [Theory]
    [InlineData(DType.Float64, 1e-11)]
    [InlineData(DType.Float32, 1e-3)]
    public void Naive_arithmetic_is_near_the_proven_optimum(DType dtype, double most)
    {
        double farthest = 0;
        foreach (OperationCase c in Validated(dtype))
        {
            using var operands = new HostOperands(c.Problem, CaseExpectation.GuardElements);
            Operation.FillInputs(c, Validator.DefaultSeed, operands);
            for (int unit = 0; unit < c.Problem.UnitCount; unit++)
            {
                double[]?[] exact = Part(c.Problem), naive = Part(c.Problem);
                Operation.ReferenceUnit(c.Problem, operands, unit, exact);
                Operation.NaiveUnit(c.Problem, operands, unit, naive);
                Assert.Equal(exact[ConeDistanceProblem.Status], naive[ConeDistanceProblem.Status]);
                double distance = exact[ConeDistanceProblem.Distances]![0], other = naive[ConeDistanceProblem.Distances]![0];
                if (double.IsNaN(distance)) continue;
                double error = Math.Abs(Math.Sqrt(distance) - Math.Sqrt(other)) / Length(operands, Own(c), unit);
                farthest = Math.Max(farthest, error);
                Assert.True(error <= most, $"{c.Name}, unit {unit}: {distance} and {other}");
            }
        }

        output.WriteLine($"{dtype.Name()}: at most {farthest:G2} of the length of the whitened mean");
    }

    [Fact]
    public void An_optimum_is_proven_and_what_is_near_it_is_not()
    {
        var random = new SeededRandom(7);
        for (int trial = 0; trial < 200; trial++)
        {
            int p = 1 + (trial % 9), n = 1 + (trial % 13);
            DoubleDouble[][] columns = [.. Enumerable.Range(0, n).Select(_ => Unit(random, p))];
            DoubleDouble[] target = [.. Unit(random, p).Select(value => value * 10)];
            DoubleDouble[] weights = ConeOptimum.Find(columns, target).Weights;
            Assert.Null(ConeOptimum.Fault(columns, target, weights));
            for (int j = 0; j < n; j++)
            {
                // One weight off by a billionth, in both directions, or turned round.
                DoubleDouble kept = weights[j];
                foreach (DoubleDouble wrong in (DoubleDouble[])[kept + 1e-9, kept - 1e-9, kept * -1])
                {
                    if (wrong == kept) continue;
                    weights[j] = wrong;
                    Assert.NotNull(ConeOptimum.Fault(columns, target, weights));
                }

                weights[j] = kept;
            }
        }
    }

    private static IEnumerable<OperationCase> Validated(DType dtype) =>
        Operation.Cases.Where(c => c.Suite == CaseSuite.Validate && c.Problem.DType == dtype);

    private static ConeDistanceProblem Own(OperationCase c) => (ConeDistanceProblem)c.Problem;

    private static double[]?[] Part(OperationProblem problem) =>
        [.. problem.Operands.Select((o, i) => o is { IsOutput: true } ? new double[problem.UnitSegment(i, 0).Length] : null)];

    private static DoubleDouble[] Unit(SeededRandom random, int p)
    {
        DoubleDouble[] vector = [.. Enumerable.Range(0, p).Select(_ => (DoubleDouble)(random.NextNormal() + .3))];
        DoubleDouble length = ConeOptimum.Length(vector);
        return [.. vector.Select(value => value / length)];
    }

    /// <summary>Operands as a device would leave them that computes what the reference does.</summary>
    private static HostOperands Filled(CaseExpectation expectation)
    {
        OperationProblem problem = expectation.Case.Problem;
        var operands = new HostOperands(problem, CaseExpectation.GuardElements);
        for (int i = 0; i < operands.Count; i++)
            if (operands[i] is { } array) expectation.Operands[i]!.Bytes.CopyTo(array.Bytes);
        double[]?[] part = Part(problem);
        for (int unit = 0; unit < problem.UnitCount; unit++)
        {
            Operation.ReferenceUnit(problem, operands, unit, part);
            for (int i = 0; i < part.Length; i++)
            {
                if (part[i] is not { } values) continue;
                long start = operands.Offset + problem.UnitSegment(i, unit).Offset;
                for (int k = 0; k < values.Length; k++) Write(operands[i]!, start + k, values[k]);
            }
        }

        return operands;
    }

    private static void Write(HostArray array, long place, double value)
    {
        if (array.DType == DType.Int32) array.AsSpan<int>()[(int)place] = double.IsFinite(value) ? (int)value : 0;
        else array.AsSpan<double>()[(int)place] = value;
    }

    private static double Length(HostOperands operands, ConeDistanceProblem problem, long unit)
    {
        int p = problem.Counters;
        long observation = unit / problem.Models;
        double sum = 0;
        for (int i = 0; i < p; i++)
        {
            double value = 0;
            for (int k = 0; k < p; k++)
                value += Storage.Read(operands[ConeDistanceProblem.Factors]!, operands.Offset + (((observation * p) + i) * p) + k)
                    * Storage.Read(operands[ConeDistanceProblem.Means]!, operands.Offset + (observation * p) + k);
            sum += value * value;
        }

        return Math.Sqrt(sum);
    }
}
