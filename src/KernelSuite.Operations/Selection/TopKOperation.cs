using KernelSuite.Operations.Selection.Portable;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Selection;

/// <summary>Positions of the k largest scores of each row.</summary>
public sealed class TopKOperation : Operation<TopKProblem>
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
    protected override Support SupportsPrograms(DeviceInfo device, TopKProblem problem) => PortableTopKPlan.Supports(device, problem);

    /// <inheritdoc/>
    protected override OperationPlan Plan(Device device, TopKProblem problem, string? implementation) =>
        TopKPlan.Create(device, problem, implementation);

    /// <inheritdoc/>
    protected override void FillInputs(TopKProblem problem, string inputs, ulong seed, HostOperands operands) =>
        TopKInputs.Fill(problem, inputs, seed, operands);

    /// <inheritdoc/>
    protected override void ReferenceUnit(TopKProblem problem, HostOperands operands, long unit, double[]?[] outputs) =>
        TopKReference.Select(problem, operands, (int)unit, outputs[TopKProblem.Indices]!);

    /// <inheritdoc/>
    protected override void NaiveUnit(TopKProblem problem, HostOperands operands, long unit, double[]?[] outputs) =>
        ReferenceUnit(problem, operands, unit, outputs);

    /// <inheritdoc/>
    protected override bool FaultyUnit(TopKProblem problem, HostOperands operands, long unit, double[]?[] outputs)
    {
        TopKReference.Select(problem, operands, (int)unit, outputs[TopKProblem.Indices]!, FaultTile);
        return true;
    }
}
