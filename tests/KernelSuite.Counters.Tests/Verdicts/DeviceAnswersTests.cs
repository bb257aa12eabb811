using KernelSuite.Counters.Cones;
using KernelSuite.Counters.Reports;
using KernelSuite.Counters.Statistics;
using KernelSuite.Counters.Verdicts;
using KernelSuite.Operations.Counters.Distance;
using KernelSuite.Operations.Launching;
using KernelSuite.Runtime;
using KernelSuite.Tests;
using Xunit;

namespace KernelSuite.Counters.Tests.Verdicts;

/// <summary>
/// What a device answers is held against the mean before it counts: where cone_distance did not solve a pair, or its numbers are garbage, the host
/// solves it, and the report is what it would have been. Each fault is put into the answers for every other observation.
/// </summary>
public class DeviceAnswersTests
{
    private const int P = 6, Count = 10;

    private static readonly SignatureSet Signatures = RandomCases.Signatures(new Random(3), P, Count);

    public static TheoryData<string> Faults => [.. Answers.Keys];

    private static readonly Dictionary<string, Action<Answer>> Answers = new()
    {
        ["status 0, not solved"] = a => a.Status = 0,
        ["status -1, not finite"] = a => a.Status = -1,
        ["a status there is not"] = a => a.Status = 7,
        ["distance NaN"] = a => a.Squared = double.NaN,
        ["distance infinite"] = a => a.Squared = double.PositiveInfinity,
        ["distance negative"] = a => a.Squared = -a.Squared - 1,
        ["rank one too large"] = a => a.Rank++,
        ["rank past the counters"] = a => a.Rank = int.MaxValue,
        ["rank negative"] = a => a.Rank = int.MinValue,
        ["weights NaN"] = a => a.Weights.AsSpan().Fill(double.NaN),
        ["a weight infinite"] = a => a.Weights[0] = double.PositiveInfinity,
        ["a weight too many"] = a => a.Weights[Array.FindIndex(a.Weights, w => w == 0)] = 1,
        ["a weight lost"] = a => a.Weights[Array.FindIndex(a.Weights, w => w > 0)] = 0,
        ["weights of another observation"] = a => Array.Reverse(a.Weights),
        ["direction NaN"] = a => a.Direction[P - 1] = double.NaN,
        ["direction infinite"] = a => a.Direction[0] = double.NegativeInfinity,
        ["direction far off"] = a => a.Direction[1] += 1e6,
        ["nothing written"] = a =>
        {
            a.Status = a.Rank = unchecked((int)0xFEFEFEFE);
            a.Squared = BitConverter.UInt64BitsToDouble(0xFEFEFEFEFEFEFEFE);
            a.Weights.AsSpan().Fill(a.Squared);
            a.Direction.AsSpan().Fill(a.Squared);
        },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void The_host_solves_what_a_device_did_not(string fault)
    {
        var random = new Random(12);
        Observation[] seen = [.. Enumerable.Range(0, 40).Select(b =>
            RandomCases.Observe(random, Signatures.Counters, RandomCases.Point(random, Signatures, b % 3 * .3), 100, .05)).Where(Holds).Take(24)];
        CheckReport alone = ModelCheck.Run(Signatures, seen);
        Assert.True(alone.Count(Verdict.Refuted) > 5 && alone.Count(Verdict.Consistent) > 5);
        Assert.Equal(seen.Length, Batch(seen, alone, _ => { }, 1));
        Assert.Equal(seen.Length / 2, Batch(seen, alone, Answers[fault], 2));
        Assert.Equal(0, Batch(seen, alone, Answers[fault], 1));
    }

    /// <summary>Whether a right answer counts: it does not where a weight is so small that rounding decides whether it is one.</summary>
    private static bool Holds(Observation observation)
    {
        MeanRegion region = MeanRegion.Of(observation);
        return NearestPoint.Of(new ConeDistance(Signatures), region).Holds(region, Signatures);
    }

    /// <summary>Tests all together, with every so many answers changed.</summary>
    /// <returns>How many answers counted.</returns>
    private static long Batch(Observation[] seen, CheckReport alone, Action<Answer> change, int every)
    {
        using var batch = new VerdictBatch(TestDevices.Shared("cpu"), fewest: 1, onDevice: true)
        {
            Distances = (device, team, models, regions, cancellation) =>
                Changed(device, models, BatchedConeDistance.Measure(device, team, models, regions, cancellation), change, every),
        };
        VerdictBatchTests.Same(alone, ModelCheck.Run(Signatures, seen, null, null, batch, CancellationToken.None));
        return batch.FromDevice;
    }

    /// <summary>The same answers but for those that are changed, read from a device's memory as those of a launch are.</summary>
    private static BatchedDistances Changed(
        Device device, IReadOnlyList<SignatureSet> models, BatchedDistances right, Action<Answer> change, int every)
    {
        int count = right.Observations;
        Answer[] answers = [.. Enumerable.Range(0, count).Select(b => new Answer(right, b))];
        for (int b = 0; b < count; b += every) change(answers[b]);
        using var run = new HostRun(ConeDistancePlan.Create(
            device, new ConeDistanceProblem(DType.Float64, count, 1, P, Signatures.Count, hasCounts: true, ConeDistanceOutputs.All)));
        run.Write<double>(ConeDistanceProblem.Distances, [.. answers.Select(a => a.Squared)]);
        run.Write<int>(ConeDistanceProblem.Ranks, [.. answers.Select(a => a.Rank)]);
        run.Write<int>(ConeDistanceProblem.Status, [.. answers.Select(a => a.Status)]);
        run.Write<double>(ConeDistanceProblem.Weights, [.. answers.SelectMany(a => a.Weights)]);
        run.Write<double>(ConeDistanceProblem.Directions, [.. answers.SelectMany(a => a.Direction)]);
        var read = new BatchedDistances(count, models, P, Signatures.Count);
        read.Read(run, 0, count);
        return read;
    }

    /// <summary>What cone_distance writes for an observation.</summary>
    private sealed class Answer
    {
        public Answer(BatchedDistances batch, int observation)
        {
            BatchedDistance distance = batch[observation, 0];
            (Squared, Rank, Status) = (distance.Squared, distance.Rank, distance.Solved ? 1 : 0);
            foreach (ActiveSignature active in batch.Active(observation, 0)) Weights[active.Signature] = active.Weight;
            batch.Direction(observation, 0).CopyTo(Direction);
        }

        public double Squared { get; set; }

        public int Rank { get; set; }

        public int Status { get; set; }

        public double[] Weights { get; } = new double[Signatures.Count];

        public double[] Direction { get; } = new double[P];
    }
}
