using KernelSuite.Operations.KvStorage.Portable;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.KvStorage;

/// <summary>Codes rows of keys or values as e4m3 or int4.</summary>
public sealed class KvQuantizeOperation : Operation<KvQuantizeProblem>
{
    private KvQuantizeOperation()
    {
    }

    /// <summary>The operation.</summary>
    public static KvQuantizeOperation Instance { get; } = new();

    /// <inheritdoc/>
    public override string Name => "kv_quantize";

    /// <inheritdoc/>
    public override string Summary => "codes rows of keys or values as e4m3 or int4";

    /// <inheritdoc/>
    public override OperationSignature Signature { get; } = new(
        [
            new("x", "[B, Hk, N, D]", "rows; float32, float16 or bfloat16"),
            new("page_table", "[B, M] int32", "pages of each sequence, where x is [P, Hk, PS, D]", IsOptional: true),
            new("rows", "[B, Hk, n] int32", "source slots, in order of destination", IsOptional: true),
            new("counts", "[B, Hk] int32", "rows of each head", IsOptional: true),
            new("start", "[B, Hk] int32", "first destination slot of each head", IsOptional: true),
            new("target_page_table", "[B, M2] int32", "pages of the destination (from the library only)", IsOptional: true),
            new("codes", "[B, Hk, M, D or D/2] uint8", "codes", IsOutput: true),
            new("groups", "[B, Hk, M, D/32] uint8", "group factors of int4", IsOutput: true, IsOptional: true),
            new("scales", "[B, Hk, M] float32", "scales", IsOutput: true),
        ],
        [
            new("format", OptionKind.Word, "e4m3 or int4 (default e4m3)"),
            new("target-slots", OptionKind.Integer, "M, slots of the destination (default: the number of rows)"),
            new("shared-scale", OptionKind.Flag, "one scale for row i of all heads, as ARKV's released code has it"),
        ]);

    /// <inheritdoc/>
    public override IReadOnlyList<DType> DTypes => KvQuantizeCases.DTypes;

    /// <inheritdoc/>
    public override IReadOnlyList<OperationCase> Cases => KvQuantizeCases.All;

    /// <inheritdoc/>
    public override OperationProblem Bind(IReadOnlyDictionary<string, HostArray> inputs, OptionValues options) =>
        KvQuantizeBinding.Bind(inputs, options);

    /// <inheritdoc/>
    public override IReadOnlyList<Implementation> Implementations(DeviceInfo device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return device.Language == DeviceLanguage.Managed
            ? [new("fused", "two vectorised passes over a row"), new("naive", "one float at a time", IsBaseline: true)]
            : [new("fused", "a row a subgroup of work-items"), new("naive", "a work-item a row", IsBaseline: true)];
    }

    /// <inheritdoc/>
    protected override Support SupportsPrograms(DeviceInfo device, KvQuantizeProblem problem) => PortableQuantizePlan.Supports(device, problem);

    /// <inheritdoc/>
    protected override OperationPlan Plan(Device device, KvQuantizeProblem problem, string? implementation) =>
        KvQuantizePlan.Create(device, problem, implementation);

    /// <inheritdoc/>
    protected override void FillInputs(KvQuantizeProblem problem, string inputs, ulong seed, HostOperands operands) =>
        KvQuantizeCases.Fill(problem, inputs, seed, operands);

    /// <inheritdoc/>
    protected override void ReferenceUnit(KvQuantizeProblem problem, HostOperands operands, long unit, double[]?[] outputs) =>
        KvQuantizeReference.Compute(problem, operands, unit, outputs);

    /// <inheritdoc/>
    protected override void NaiveUnit(KvQuantizeProblem problem, HostOperands operands, long unit, double[]?[] outputs) =>
        ReferenceUnit(problem, operands, unit, outputs);

    /// <inheritdoc/>
    protected override bool FaultyUnit(KvQuantizeProblem problem, HostOperands operands, long unit, double[]?[] outputs)
    {
        KvQuantizeReference.Compute(problem, operands, unit, outputs, hidden: (problem.Shape.HeadDim + 3) / 4);
        return true;
    }
}
