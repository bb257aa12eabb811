using KernelSuite.Operations.KvStorage.Portable;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.KvStorage;

/// <summary>Codes keys or values in 2 or 4 bits, with a minimum and a scale a group.</summary>
public sealed class KvQuantizeGroupsOperation : Operation<KvQuantizeGroupsProblem>
{
    private KvQuantizeGroupsOperation()
    {
    }

    /// <summary>The operation.</summary>
    public static KvQuantizeGroupsOperation Instance { get; } = new();

    /// <inheritdoc/>
    public override string Name => "kv_quantize_groups";

    /// <inheritdoc/>
    public override string Summary => "2- or 4-bit codes with a minimum and a scale a group, to compare formats";

    /// <inheritdoc/>
    public override OperationSignature Signature { get; } = new(
        [
            new("x", "[B, Hk, N, D]", "keys or values; float32, float16 or bfloat16"),
            new("codes", "[B, Hk, N, D] uint8", "codes, one a byte", IsOutput: true),
            new("minimum", "[B, Hk, N/group, D] or [B, Hk, N, D/group] float32", "minimum of each group, extents rounded up", IsOutput: true),
            new("scale", "as minimum, float32", "step of each group", IsOutput: true),
        ],
        [
            new("bits", OptionKind.Integer, "2 or 4 (default 2)"),
            new("group", OptionKind.Integer, "elements of a group (default 32)"),
            new("axis", OptionKind.Word, "tokens (a channel of some tokens, for keys) or dims (some channels of a token, for values); default tokens"),
        ]);

    /// <inheritdoc/>
    public override IReadOnlyList<DType> DTypes => KvQuantizeCases.DTypes;

    /// <inheritdoc/>
    public override IReadOnlyList<OperationCase> Cases => KvQuantizeGroupsCases.All;

    /// <inheritdoc/>
    public override OperationProblem Bind(IReadOnlyDictionary<string, HostArray> inputs, OptionValues options)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(options);
        HostArray x = inputs.Need("x", 4, "[B, Hk, N, D]");
        KvGroupAxis axis = options.Word("axis", "tokens", "dims") == "dims" ? KvGroupAxis.Dims : KvGroupAxis.Tokens;
        return new KvQuantizeGroupsProblem(
            new((int)x.Shape[0], (int)x.Shape[1], (int)x.Shape[2], (int)x.Shape[3]), x.DType, new(options.Integer("bits") ?? 2, options.Integer("group") ?? 32, axis));
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Implementation> Implementations(DeviceInfo device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return device.Language == DeviceLanguage.Managed
            ? [new("fused", "two vectorised passes over a group"), new("naive", "one float at a time", IsBaseline: true)]
            : [new("fused", "work-items share a group; a work-item a group on OpenCL CPU devices"), new("naive", "a work-item a group", IsBaseline: true)];
    }

    /// <inheritdoc/>
    protected override Support SupportsPrograms(DeviceInfo device, KvQuantizeGroupsProblem problem) =>
        PortableQuantizeGroupsPlan.Supports(device, problem);

    /// <inheritdoc/>
    protected override OperationPlan Plan(Device device, KvQuantizeGroupsProblem problem, string? implementation) =>
        KvQuantizeGroupsPlan.Create(device, problem, implementation);

    /// <inheritdoc/>
    protected override void FillInputs(KvQuantizeGroupsProblem problem, string inputs, ulong seed, HostOperands operands) =>
        KvQuantizeGroupsCases.Fill(problem, inputs, seed, operands);

    /// <inheritdoc/>
    protected override void ReferenceUnit(KvQuantizeGroupsProblem problem, HostOperands operands, long unit, double[]?[] outputs) =>
        KvQuantizeGroupsReference.Compute(problem, operands, unit, outputs);

    /// <inheritdoc/>
    protected override void NaiveUnit(KvQuantizeGroupsProblem problem, HostOperands operands, long unit, double[]?[] outputs) =>
        ReferenceUnit(problem, operands, unit, outputs);

    /// <inheritdoc/>
    protected override bool FaultyUnit(KvQuantizeGroupsProblem problem, HostOperands operands, long unit, double[]?[] outputs)
    {
        KvQuantizeGroupsReference.Compute(problem, operands, unit, outputs, blind: true);
        return true;
    }
}
