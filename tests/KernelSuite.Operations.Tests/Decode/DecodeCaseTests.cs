using KernelSuite.Operations.Decode;
using KernelSuite.Runtime;
using KernelSuite.Runtime.Cpu;
using KernelSuite.Tests;

namespace KernelSuite.Operations.Tests.Decode;

/// <summary>Every named case of both operations, in every dtype, by every implementation, on every device and every vector width.</summary>
public sealed class DecodeCaseTests
{
    private static Operation[] Operations => [DecodeOperation.Instance, DecodeOperation.Mixed];

    public static TheoryData<string, string> CaseNames => NamedCases.Each(Operations);

    public static TheoryData<string, string, string> DeviceCases => NamedCases.EachOnDevices(Operations);

    [Theory]
    [MemberData(nameof(CaseNames))]
    public void Every_check_detects_zeros_and_a_dropped_tile(string operation, string name) => Assert.Empty(NamedCases.Blind(operation, [name]));

    /// <summary>
    /// A kernel that leaves out the last tile of a segment leaves logits unwritten, where it has any; its output shows it only where that tile has
    /// weight. It has 3 in 1000 of some row's or more in every case that has a slot: cases without slots are the only ones that pass without it.
    /// </summary>
    [Theory]
    [MemberData(nameof(CaseNames))]
    public void The_last_tile_of_a_segment_has_weight(string operation, string name)
    {
        CaseExpectation expectation = NamedCases.Expect(operation, name);
        var problem = (DecodeProblem)expectation.Case.Problem;
        var outputs = new double[]?[DecodeProblem.OperandCount];
        outputs[DecodeProblem.Out] = new double[problem.Shape.ValueDim];
        double[] logits = outputs[DecodeProblem.Logits] = new double[problem.TotalSlots];
        const double Least = .003;
        (bool Any, double Most) original = (false, problem.Original.Slots > 0 ? 0 : 1), quantised = (false, problem.Quantised is null ? 1 : 0);
        for (long unit = 0; unit < problem.UnitCount && (original.Most < Least || quantised.Most < Least); unit++)
        {
            expectation.Operation.ReferenceUnit(problem, expectation.Operands, unit, outputs);
            Look(logits.AsSpan(0, problem.Original.Slots), ref original);
            Look(logits.AsSpan(problem.Original.Slots), ref quantised);
        }

        Assert.True(!original.Any || original.Most >= Least, $"{original.Most} of the weight lies in the last tile of the original slots");
        Assert.True(!quantised.Any || quantised.Most >= Least, $"{quantised.Most} of the weight lies in the last tile of the quantised slots");

        void Look(ReadOnlySpan<double> segment, ref (bool Any, double Most) found)
        {
            int slots = segment.Length;
            while (slots > 0 && OperationProblem.IsUnspecified(segment[slots - 1])) slots--;
            if (slots == 0) return;
            double most = logits.Where(double.IsFinite).DefaultIfEmpty(0).Max(), all = 0, tile = 0;
            foreach (double logit in logits) all += double.IsNaN(logit) ? 0 : Math.Exp(logit - most);
            if (all == 0) all = 1; // A causal row that sees no slot.
            foreach (double logit in segment[((slots - 1) / DecodeSplits.Granule * DecodeSplits.Granule)..slots]) tile += Math.Exp(logit - most);
            found = (true, Math.Max(found.Most, tile / all));
        }
    }

    [Theory]
    [MemberData(nameof(CaseNames))]
    public void Every_vector_width_passes(string operation, string name)
    {
        foreach (CpuSimd simd in CpuSimds.Supported) NamedCases.AssertPass(NamedCases.Cpu(simd), operation, [name], simd.ToString(), naive: false);
    }

    [SkippableTheory]
    [MemberData(nameof(DeviceCases))]
    public void Every_device_passes(string device, string operation, string name)
    {
        Device opened = TestDevices.Shared(device);
        string? reason = OperationCatalog.Find(operation).Supports(opened.Info, NamedCases.Expect(operation, name).Case.Problem).Reason;
        Skip.If(reason is not null, reason);
        NamedCases.AssertPass(opened, operation, [name], device);
    }
}
