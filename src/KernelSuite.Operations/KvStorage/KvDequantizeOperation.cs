using KernelSuite.Operations.KvStorage.Portable;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.KvStorage;

/// <summary>Widens e4m3 or int4 rows.</summary>
public sealed class KvDequantizeOperation : Operation<KvDequantizeProblem>
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
    public override OperationProblem Bind(IReadOnlyDictionary<string, HostArray> inputs, OptionValues options) =>
        KvQuantizeBinding.BindDequantize(inputs, options);

    /// <inheritdoc/>
    public override IReadOnlyList<Implementation> Implementations(DeviceInfo device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return device.Language == DeviceLanguage.Managed
            ? [new("fused", "vectorised"), new("naive", "one float at a time", IsBaseline: true)]
            : [new("fused", "a row a subgroup of work-items"), new("naive", "a work-item a row", IsBaseline: true)];
    }

    /// <inheritdoc/>
    protected override Support SupportsPrograms(DeviceInfo device, KvDequantizeProblem problem) => PortableDequantizePlan.Supports(device, problem);

    /// <inheritdoc/>
    protected override OperationPlan Plan(Device device, KvDequantizeProblem problem, string? implementation) =>
        KvDequantizePlan.Create(device, problem, implementation);

    /// <inheritdoc/>
    protected override void FillInputs(KvDequantizeProblem problem, string inputs, ulong seed, HostOperands operands) =>
        KvDequantizeCases.Fill(problem, seed, operands);

    /// <inheritdoc/>
    protected override void ReferenceUnit(KvDequantizeProblem problem, HostOperands operands, long unit, double[]?[] outputs) =>
        KvDequantizeReference.Compute(problem, operands, unit, outputs[KvDequantizeProblem.X]!, naive: false);

    /// <inheritdoc/>
    protected override void NaiveUnit(KvDequantizeProblem problem, HostOperands operands, long unit, double[]?[] outputs) =>
        KvDequantizeReference.Compute(problem, operands, unit, outputs[KvDequantizeProblem.X]!, naive: true);

    /// <inheritdoc/>
    protected override bool FaultyUnit(KvDequantizeProblem problem, HostOperands operands, long unit, double[]?[] outputs)
    {
        KvDequantizeReference.Compute(problem, operands, unit, outputs[KvDequantizeProblem.X]!, naive: false, lane: 1);
        return true;
    }
}
