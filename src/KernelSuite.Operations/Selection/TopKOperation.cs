using KernelSuite.Operations.Selection.Portable;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Selection;

/// <summary>Positions of the k largest scores of each row.</summary>
public sealed class TopKOperation : Operation
{
    /// <summary>Scores that the fault of the check hides: a tile's.</summary>
    private const int FaultTile = 64;

    private TopKOperation()
    {
    }

    /// <summary>The operation.</summary>
    public static TopKOperation Instance { get; } = new();

    /// <inheritdoc/>
    public override string Name => "topk_select";

    /// <inheritdoc/>
    public override string Summary => "positions of each row's k largest scores, ascending; ties to the lowest position";

    /// <inheritdoc/>
    public override OperationSignature Signature { get; } = new(
        [
            new("scores", "[R, N] float32", "scores; NaN counts as the smallest"),
            new("lengths", "[R] int32", "scores of each row that count", IsOptional: true),
            new("counts", "[R] int32", "positions to select in each row", IsOptional: true),
            new("indices", "[R, K] int32", "positions in ascending order, -1 after the last", IsOutput: true),
        ],
        [new("k", OptionKind.Integer, "K, the width of the output")]);

    /// <inheritdoc/>
    public override IReadOnlyList<DType> DTypes { get; } = [DType.Float32];

    /// <inheritdoc/>
    public override IReadOnlyList<OperationCase> Cases => TopKCases.All;

    /// <inheritdoc/>
    public override OperationProblem Bind(IReadOnlyDictionary<string, HostArray> inputs, OptionValues options)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(options);
        HostArray scores = inputs.Need("scores", 2, "[R, N]");
        scores.MustBe("scores", DType.Float32, scores.Shape.AsSpan());
        HostArray? lengths = inputs.Take("lengths", 1, "[R]"), counts = inputs.Take("counts", 1, "[R]");
        lengths.MustBe("lengths", DType.Int32, scores.Shape[0]);
        counts.MustBe("counts", DType.Int32, scores.Shape[0]);
        int selected = options.Integer("k") ?? throw new ArgumentException("--k is missing. Expected the number of positions to select.", "k");
        return new TopKProblem((int)scores.Shape[0], (int)scores.Shape[1], selected, lengths is not null, counts is not null);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Implementation> Implementations(DeviceInfo device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return device.Language == DeviceLanguage.Managed
            ? [new("radix", "radix select and stable emission"), new("naive", "each row sorted", IsBaseline: true)]
            : [new("radix", "radix select and stable emission"), new("naive", "a work-item a row, bit by bit", IsBaseline: true)];
    }

    /// <inheritdoc/>
    public override Support Supports(DeviceInfo device, OperationProblem problem)
    {
        ArgumentNullException.ThrowIfNull(device);
        TopKProblem own = Own(problem);
        return device.Language == DeviceLanguage.Managed ? Support.Yes : PortableTopKPlan.Supports(device, own);
    }

    /// <inheritdoc/>
    public override OperationPlan Plan(Device device, OperationProblem problem, string? implementation = null) => TopKPlan.Create(device, Own(problem), implementation);

    /// <inheritdoc/>
    public override void FillInputs(OperationCase operationCase, ulong seed, HostOperands operands)
    {
        ArgumentNullException.ThrowIfNull(operationCase);
        TopKInputs.Fill(Own(operationCase.Problem), operationCase.Inputs, seed, operands);
    }

    /// <inheritdoc/>
    public override void ReferenceUnit(OperationProblem problem, HostOperands operands, long unit, double[]?[] outputs) =>
        TopKReference.Select(Own(problem), operands, (int)unit, outputs[TopKProblem.Indices]!);

    /// <inheritdoc/>
    public override void NaiveUnit(OperationProblem problem, HostOperands operands, long unit, double[]?[] outputs) =>
        ReferenceUnit(problem, operands, unit, outputs);

    /// <inheritdoc/>
    public override bool FaultyUnit(OperationProblem problem, HostOperands operands, long unit, double[]?[] outputs)
    {
        TopKReference.Select(Own(problem), operands, (int)unit, outputs[TopKProblem.Indices]!, FaultTile);
        return true;
    }

    private static TopKProblem Own(OperationProblem problem) => problem as TopKProblem
        ?? throw new ArgumentException($"Expected a {nameof(TopKProblem)}, got {problem?.GetType().Name ?? "null"}.", nameof(problem));
}
