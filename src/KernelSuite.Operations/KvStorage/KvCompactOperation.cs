using KernelSuite.Operations.KvStorage.Portable;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.KvStorage;

/// <summary>Moves kept rows of keys, values and slot map together, in place or elsewhere.</summary>
public sealed class KvCompactOperation : Operation<KvCompactProblem>
{
    private KvCompactOperation()
    {
    }

    /// <summary>The operation.</summary>
    public static KvCompactOperation Instance { get; } = new();

    /// <inheritdoc/>
    public override string Name => "kv_compact";

    /// <inheritdoc/>
    public override string Summary => "moves kept rows of keys, values and slot map together, in place or elsewhere";

    /// <inheritdoc/>
    public override OperationSignature Signature { get; } = new(
        [
            new("keep", "[B, Hk, n] int32", "slots to keep, ascending"),
            new("counts", "[B, Hk] int32", "entries of keep that count", IsOptional: true),
            new("page_table", "[B, M] int32", "pages of each sequence, where k and v are [P, Hk, PS, W]", IsOptional: true),
            new("k", "[B, Hk, N, Wk]", "rows; float32, float16, bfloat16 or uint8"),
            new("v", "[B, Hk, N, Wv]", "rows of a second tensor, dtype of k", IsOptional: true),
            new("slot_map", "[B, Hk, N] int32", "one integer a slot", IsOptional: true),
            new("k_out", "as k", "row i is row keep[i] of k; rows past the count are not written", IsOutput: true),
            new("v_out", "as v", "the same of v", IsOutput: true, IsOptional: true),
            new("slot_map_out", "as slot_map", "the same of slot_map", IsOutput: true, IsOptional: true),
        ],
        []);

    /// <inheritdoc/>
    public override IReadOnlyList<DType> DTypes => KvCompactCases.DTypes;

    /// <inheritdoc/>
    public override IReadOnlyList<OperationCase> Cases => KvCompactCases.All;

    /// <inheritdoc/>
    public override OperationProblem Bind(IReadOnlyDictionary<string, HostArray> inputs, OptionValues options) =>
        KvCompactBinding.Bind(inputs, options);

    /// <inheritdoc/>
    public override IReadOnlyList<Implementation> Implementations(DeviceInfo device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return device.Language == DeviceLanguage.Managed
            ? [new("blocked", "runs of rows moved as blocks"), new("naive", "byte by byte", IsBaseline: true)]
            : [new("blocked", "chunks of rows through registers"), new("naive", "a work-item a row element, one head after the other", IsBaseline: true)];
    }

    /// <inheritdoc/>
    protected override Support SupportsPrograms(DeviceInfo device, KvCompactProblem problem) => PortableCompactPlan.Supports(device, problem);

    /// <inheritdoc/>
    protected override OperationPlan Plan(Device device, KvCompactProblem problem, string? implementation) =>
        KvCompactPlan.Create(device, problem, implementation);

    /// <inheritdoc/>
    protected override void FillInputs(KvCompactProblem problem, string inputs, ulong seed, HostOperands operands) =>
        KvCompactCases.Fill(problem, inputs, seed, operands);

    /// <inheritdoc/>
    protected override void ReferenceUnit(KvCompactProblem problem, HostOperands operands, long unit, double[]?[] outputs) =>
        KvCompactReference.Compute(problem, operands, unit, outputs);

    /// <inheritdoc/>
    protected override void NaiveUnit(KvCompactProblem problem, HostOperands operands, long unit, double[]?[] outputs) =>
        ReferenceUnit(problem, operands, unit, outputs);

    /// <inheritdoc/>
    protected override bool FaultyUnit(KvCompactProblem problem, HostOperands operands, long unit, double[]?[] outputs)
    {
        KvCompactReference.Compute(problem, operands, unit, outputs, shift: 1);
        return true;
    }
}
