using KernelSuite.Operations.KvStorage.Portable;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.KvStorage;

/// <summary>Widens e4m3 or int4 rows.</summary>
public sealed class KvDequantizeOperation : Operation
{
    private KvDequantizeOperation()
    {
    }

    /// <summary>The operation.</summary>
    public static KvDequantizeOperation Instance { get; } = new();

    /// <inheritdoc/>
    public override string Name => "kv_dequantize";

    /// <inheritdoc/>
    public override string Summary => "widens e4m3 or int4 rows";

    /// <inheritdoc/>
    public override OperationSignature Signature { get; } = new(
        [
            new("codes", "[B, Hk, N, D or D/2] uint8", "codes"),
            new("groups", "[B, Hk, N, D/32] uint8", "group factors of int4", IsOptional: true),
            new("scales", "[B, Hk, N] float32", "scales"),
            new("page_table", "[B, M] int32", "pages of each sequence, where codes, groups and scales are [P, Hk, PS, ..]", IsOptional: true),
            new("lengths", "[B, Hk] int32", "valid slots of each head", IsOptional: true),
            new("x", "[B, Hk, N, D]", "rows; those past the length are not written", IsOutput: true),
        ],
        [
            new("format", OptionKind.Word, "e4m3 or int4 (default e4m3)"),
            new("to", OptionKind.Word, "float32, float16 or bfloat16: dtype of x (default float32)"),
        ]);

    /// <inheritdoc/>
    public override IReadOnlyList<DType> DTypes => KvQuantizeCases.DTypes;

    /// <inheritdoc/>
    public override IReadOnlyList<OperationCase> Cases => KvDequantizeCases.All;

    /// <inheritdoc/>
    public override OperationProblem Bind(IReadOnlyDictionary<string, HostArray> inputs, OptionValues options) => KvQuantizeBinding.BindDequantize(inputs, options);

    /// <inheritdoc/>
    public override IReadOnlyList<Implementation> Implementations(DeviceInfo device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return device.Language == DeviceLanguage.Managed
            ? [new("fused", "vectorised"), new("naive", "one float at a time", IsBaseline: true)]
            : [new("fused", "a row a subgroup of work-items"), new("naive", "a work-item a row", IsBaseline: true)];
    }

    /// <inheritdoc/>
    public override Support Supports(DeviceInfo device, OperationProblem problem)
    {
        ArgumentNullException.ThrowIfNull(device);
        KvDequantizeProblem own = Own(problem);
        return device.Language == DeviceLanguage.Managed ? Support.Yes : PortableDequantizePlan.Supports(device, own);
    }

    /// <inheritdoc/>
    public override OperationPlan Plan(Device device, OperationProblem problem, string? implementation = null) => KvDequantizePlan.Create(device, Own(problem), implementation);

    /// <inheritdoc/>
    public override void FillInputs(OperationCase operationCase, ulong seed, HostOperands operands)
    {
        ArgumentNullException.ThrowIfNull(operationCase);
        KvDequantizeCases.Fill(Own(operationCase.Problem), seed, operands);
    }

    /// <inheritdoc/>
    public override void ReferenceUnit(OperationProblem problem, HostOperands operands, long unit, double[]?[] outputs) =>
        KvDequantizeReference.Compute(Own(problem), operands, unit, outputs[KvDequantizeProblem.X]!, naive: false);

    /// <inheritdoc/>
    public override void NaiveUnit(OperationProblem problem, HostOperands operands, long unit, double[]?[] outputs) =>
        KvDequantizeReference.Compute(Own(problem), operands, unit, outputs[KvDequantizeProblem.X]!, naive: true);

    /// <inheritdoc/>
    public override bool FaultyUnit(OperationProblem problem, HostOperands operands, long unit, double[]?[] outputs)
    {
        KvDequantizeReference.Compute(Own(problem), operands, unit, outputs[KvDequantizeProblem.X]!, naive: false, lane: 1);
        return true;
    }

    private static KvDequantizeProblem Own(OperationProblem problem) => problem as KvDequantizeProblem
        ?? throw new ArgumentException($"Expected a {nameof(KvDequantizeProblem)}, got {problem?.GetType().Name ?? "null"}.", nameof(problem));
}
