using KernelSuite.Operations.Counters.Distance.Portable;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Counters.Distance;

/// <summary>Distances of many observations from the cones of many models.</summary>
public sealed class ConeDistanceOperation : Operation
{
    /// <summary>Name of the implementation that is no baseline.</summary>
    internal const string Standard = "active-set";

    private ConeDistanceOperation()
    {
    }

    /// <summary>The operation.</summary>
    public static ConeDistanceOperation Instance { get; } = new();

    /// <inheritdoc/>
    public override string Name => "cone_distance";

    /// <inheritdoc/>
    public override string Summary => "squared distance of whitened means from cones of signatures, observations by models, with certificates";

    /// <inheritdoc/>
    public override OperationSignature Signature { get; } = new(
        [
            new("factors", "[B, P, P]", "whitening factor W of each observation, WᵀW the inverse covariance of its mean"),
            new("means", "[B, P]", "means"),
            new("signatures", "[M, N, P]", "signatures of each model"),
            new("counts", "[M] int32", "signatures of each model that count", IsOptional: true),
            new("distances", "[B, M]", "squared distances", IsOutput: true),
            new("status", "[B, M] int32", "1 optimum, 0 bound of rounds hit, -1 not finite", IsOutput: true),
            new("ranks", "[B, M] int32", "number of active signatures", IsOutput: true, IsOptional: true),
            new("weights", "[B, M, N]", "weights of the nearest point", IsOutput: true, IsOptional: true),
            new("directions", "[B, M, P]", "certificates: the most significantly violated constraints", IsOutput: true, IsOptional: true),
        ],
        [new("ranks", OptionKind.Flag, "give ranks"),
            new("weights", OptionKind.Flag, "give weights"), new("directions", OptionKind.Flag, "give directions")]);

    /// <inheritdoc/>
    public override IReadOnlyList<DType> DTypes { get; } = [DType.Float32, DType.Float64];

    /// <inheritdoc/>
    public override IReadOnlyList<OperationCase> Cases => ConeDistanceCases.All;

    /// <inheritdoc/>
    public override OperationProblem Bind(IReadOnlyDictionary<string, HostArray> inputs, OptionValues options)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(options);
        HostArray means = inputs.Need("means", 2, "[B, P]");
        HostArray signatures = inputs.Need("signatures", 3, "[M, N, P]");
        HostArray factors = inputs.Need("factors", 3, "[B, P, P]");
        HostArray? counts = inputs.Take("counts", 1, "[M]");
        long b = means.Shape[0], p = means.Shape[1], m = signatures.Shape[0], n = signatures.Shape[1];
        signatures.MustBe("signatures", means.DType, m, n, p);
        factors.MustBe("factors", means.DType, b, p, p);
        counts.MustBe("counts", DType.Int32, m);
        ConeDistanceOutputs outputs = (options.Flag("ranks") ? ConeDistanceOutputs.Ranks : 0)
            | (options.Flag("weights") ? ConeDistanceOutputs.Weights : 0)
            | (options.Flag("directions") ? ConeDistanceOutputs.Directions : 0);
        return new ConeDistanceProblem(means.DType, (int)b, (int)m, (int)p, (int)n, counts is not null, outputs);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Implementation> Implementations(DeviceInfo device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return device.Language == DeviceLanguage.Managed
            ? [new(Standard, "QR that is appended to and shortened, in double"),
                new("naive", "least squares from scratch in each round, in double", IsBaseline: true)]
            : [new(Standard, "QR that is appended to and shortened, a group a pair"),
                new("naive", "the same on one work-item without vectors", IsBaseline: true)];
    }

    /// <inheritdoc/>
    public override Support Supports(DeviceInfo device, OperationProblem problem)
    {
        ArgumentNullException.ThrowIfNull(device);
        ConeDistanceProblem own = Own(problem);
        return device.Language == DeviceLanguage.Managed ? Support.Yes : ConeDistanceGroups.Supports(device, own);
    }

    /// <inheritdoc/>
    public override OperationPlan Plan(Device device, OperationProblem problem, string? implementation = null) =>
        ConeDistancePlan.Create(device, Own(problem), implementation);

    /// <inheritdoc/>
    public override void FillInputs(OperationCase operationCase, ulong seed, HostOperands operands)
    {
        ArgumentNullException.ThrowIfNull(operationCase);
        ConeDistanceInputs.Fill(Own(operationCase.Problem), operationCase.Inputs, seed, operands);
    }

    /// <inheritdoc/>
    public override void ReferenceUnit(OperationProblem problem, HostOperands operands, long unit, double[]?[] outputs) =>
        ConeDistanceReference.Measure(Own(problem), operands, unit, outputs);

    /// <inheritdoc/>
    public override void NaiveUnit(OperationProblem problem, HostOperands operands, long unit, double[]?[] outputs)
    {
        ConeDistanceProblem own = Own(problem);
        NaiveArithmetic.Farthest(outputs, exact => ReferenceUnit(own, operands, unit, exact), (arithmetic, tried) =>
        {
            if (own.DType == DType.Float32) ConeDistanceNaive.Measure<float>(own, operands, unit, tried, arithmetic);
            else ConeDistanceNaive.Measure<double>(own, operands, unit, tried, arithmetic);
        });
    }

    /// <inheritdoc/>
    public override bool FaultyUnit(OperationProblem problem, HostOperands operands, long unit, double[]?[] outputs)
    {
        ReferenceUnit(problem, operands, unit, outputs);
        double right = outputs[ConeDistanceProblem.Distances]![0];
        ConeDistanceNaive.Measure<double>(Own(problem), operands, unit, outputs, NaiveArithmetic.Plain, hiddenCounters: 1);
        return Math.Abs(outputs[ConeDistanceProblem.Distances]![0] - right) > 0.05 * right;
    }

    private static ConeDistanceProblem Own(OperationProblem problem) => problem as ConeDistanceProblem
        ?? throw new ArgumentException($"Expected a {nameof(ConeDistanceProblem)}, got {problem?.GetType().Name ?? "null"}.", nameof(problem));
}
