using KernelSuite.Operations.KvStorage.Portable;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.KvStorage;

/// <summary>Moves kept rows of keys, values and slot map together, in place or elsewhere.</summary>
public sealed class KvCompactOperation : Operation
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
    public override OperationProblem Bind(IReadOnlyDictionary<string, HostArray> inputs, OptionValues options) => KvCompactBinding.Bind(inputs, options);

    /// <inheritdoc/>
    public override IReadOnlyList<Implementation> Implementations(DeviceInfo device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return device.Language == DeviceLanguage.Managed
            ? [new("blocked", "runs of rows moved as blocks"), new("naive", "byte by byte", IsBaseline: true)]
            : [new("blocked", "chunks of rows through registers"), new("naive", "a work-item a row element, one head after the other", IsBaseline: true)];
    }

    /// <inheritdoc/>
    public override Support Supports(DeviceInfo device, OperationProblem problem)
    {
        ArgumentNullException.ThrowIfNull(device);
        KvCompactProblem own = Own(problem);
        return device.Language == DeviceLanguage.Managed ? Support.Yes : PortableCompactPlan.Supports(device, own);
    }

    /// <inheritdoc/>
    public override OperationPlan Plan(Device device, OperationProblem problem, string? implementation = null) => KvCompactPlan.Create(device, Own(problem), implementation);

    /// <inheritdoc/>
    public override void FillInputs(OperationCase operationCase, ulong seed, HostOperands operands)
    {
        ArgumentNullException.ThrowIfNull(operationCase);
        KvCompactCases.Fill(Own(operationCase.Problem), operationCase.Inputs, seed, operands);
    }

    /// <inheritdoc/>
    public override void ReferenceUnit(OperationProblem problem, HostOperands operands, long unit, double[]?[] outputs) =>
        KvCompactReference.Compute(Own(problem), operands, unit, outputs);

    /// <inheritdoc/>
    public override void NaiveUnit(OperationProblem problem, HostOperands operands, long unit, double[]?[] outputs) =>
        ReferenceUnit(problem, operands, unit, outputs);

    /// <inheritdoc/>
    public override bool FaultyUnit(OperationProblem problem, HostOperands operands, long unit, double[]?[] outputs)
    {
        KvCompactReference.Compute(Own(problem), operands, unit, outputs, shift: 1);
        return true;
    }

    private static KvCompactProblem Own(OperationProblem problem) => problem as KvCompactProblem
        ?? throw new ArgumentException($"Expected a {nameof(KvCompactProblem)}, got {problem?.GetType().Name ?? "null"}.", nameof(problem));
}
