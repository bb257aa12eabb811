using KernelSuite.Operations.Counters.Distance.Portable;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Counters.Distance;

/// <summary>Distances of many observations from the cones of many models.</summary>
public sealed class ConeDistanceOperation : Operation<ConeDistanceProblem>
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
    protected override Support SupportsPrograms(DeviceInfo device, ConeDistanceProblem problem) => ConeDistanceGroups.Supports(device, problem);

    /// <inheritdoc/>
    protected override OperationPlan Plan(Device device, ConeDistanceProblem problem, string? implementation) =>
        ConeDistancePlan.Create(device, problem, implementation);

    /// <inheritdoc/>
    protected override void FillInputs(ConeDistanceProblem problem, string inputs, ulong seed, HostOperands operands) =>
        ConeDistanceInputs.Fill(problem, inputs, seed, operands);

    /// <inheritdoc/>
    protected override void ReferenceUnit(ConeDistanceProblem problem, HostOperands operands, long unit, double[]?[] outputs) =>
        ConeDistanceReference.Measure(problem, operands, unit, outputs);

    /// <inheritdoc/>
    protected override void NaiveUnit(ConeDistanceProblem problem, HostOperands operands, long unit, double[]?[] outputs)
    {
        NaiveArithmetic.Farthest(outputs, exact => ReferenceUnit(problem, operands, unit, exact), (arithmetic, tried) =>
        {
            if (problem.DType == DType.Float32) ConeDistanceNaive.Measure<float>(problem, operands, unit, tried, arithmetic);
            else ConeDistanceNaive.Measure<double>(problem, operands, unit, tried, arithmetic);
        });
    }

    /// <inheritdoc/>
    protected override bool FaultyUnit(ConeDistanceProblem problem, HostOperands operands, long unit, double[]?[] outputs)
    {
        ReferenceUnit(problem, operands, unit, outputs);
        double right = outputs[ConeDistanceProblem.Distances]![0];
        ConeDistanceNaive.Measure<double>(problem, operands, unit, outputs, NaiveArithmetic.Plain, hiddenCounters: 1);
        return Math.Abs(outputs[ConeDistanceProblem.Distances]![0] - right) > 0.05 * right;
    }
}
