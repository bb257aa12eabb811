using KernelSuite.Operations.Decode.Portable;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Decode;

/// <summary>
/// Attention of a few query rows against a long key/value cache, split along the slots and merged by LSE: <c>attention_decode</c> over
/// original keys and values, <c>mixed_decode</c> over original and quantised ones in one softmax. One class, two operations.
/// </summary>
public sealed class DecodeOperation : Operation
{
    internal const string Split = "split";
    internal const string Naive = "naive";

    private readonly bool mixed;
    private readonly Lazy<IReadOnlyList<OperationCase>> cases;

    private DecodeOperation(bool mixed)
    {
        this.mixed = mixed;
        cases = new(() => DecodeCases.Make(mixed));
        Signature = DecodeBinding.Signature(mixed);
    }

    /// <summary><c>attention_decode</c>.</summary>
    public static DecodeOperation Instance { get; } = new(false);

    /// <summary><c>mixed_decode</c>.</summary>
    public static DecodeOperation Mixed { get; } = new(true);

    /// <inheritdoc/>
    public override string Name => mixed ? "mixed_decode" : "attention_decode";

    /// <inheritdoc/>
    public override string Summary => mixed
        ? "one softmax over original and quantised (e4m3, int4) rows of a cache; few queries, split-KV"
        : "softmax(QK^T)V of a few queries against a long cache, contiguous or paged; split-KV";

    /// <summary>
    /// Operands and options. The operand list of a problem always has all of <c>mixed_decode</c>; those of the quantised segment are absent in
    /// <c>attention_decode</c>.
    /// </summary>
    public override OperationSignature Signature { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<DType> DTypes => StorageTypes;

    /// <inheritdoc/>
    public override IReadOnlyList<OperationCase> Cases => cases.Value;

    internal static IReadOnlyList<DType> StorageTypes { get; } = [DType.Float32, DType.Float16, DType.BFloat16];

    /// <inheritdoc/>
    public override OperationProblem Bind(IReadOnlyDictionary<string, HostArray> inputs, OptionValues options) =>
        DecodeBinding.Bind(mixed, inputs, options);

    /// <inheritdoc/>
    public override IReadOnlyList<Implementation> Implementations(DeviceInfo device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return
        [
            new(Split, "parts of the slots side by side, each row of the cache read once for all query heads that share it; merged by LSE"),
            new(Naive, "dequantises, then three passes over materialised logits, a query row at a time", IsBaseline: true),
        ];
    }

    /// <inheritdoc/>
    public override Support Supports(DeviceInfo device, OperationProblem problem)
    {
        ArgumentNullException.ThrowIfNull(device);
        return SupportOf(device, Own(problem));
    }

    /// <inheritdoc/>
    public override OperationPlan Plan(Device device, OperationProblem problem, string? implementation = null)
    {
        ArgumentNullException.ThrowIfNull(device);
        return DecodePlan.Create(device, Own(problem), implementation);
    }

    /// <inheritdoc/>
    public override void FillInputs(OperationCase operationCase, ulong seed, HostOperands operands)
    {
        ArgumentNullException.ThrowIfNull(operationCase);
        DecodeInputs.Fill(Own(operationCase.Problem), operationCase.Inputs, seed, operands);
    }

    /// <inheritdoc/>
    public override void ReferenceUnit(OperationProblem problem, HostOperands operands, long unit, double[]?[] outputs) =>
        DecodeReference.Double(Own(problem), operands, unit, outputs);

    /// <inheritdoc/>
    public override void NaiveUnit(OperationProblem problem, HostOperands operands, long unit, double[]?[] outputs) =>
        NaiveArithmetic.Farthest(
            outputs,
            exact => ReferenceUnit(problem, operands, unit, exact),
            (arithmetic, tried) => DecodeReference.Single(Own(problem), operands, unit, tried, arithmetic));

    /// <inheritdoc/>
    public override bool FaultyUnit(OperationProblem problem, HostOperands operands, long unit, double[]?[] outputs) =>
        DecodeReference.Faulty(Own(problem), operands, unit, outputs);

    /// <summary>Whether a device can run a problem of either operation.</summary>
    internal static Support SupportOf(DeviceInfo device, DecodeProblem problem) => device.Language switch
    {
        DeviceLanguage.Managed => Support.Yes,
        _ => PortableDecode.Supports(device, problem),
    };

    private DecodeProblem Own(OperationProblem problem)
    {
        if (problem is not DecodeProblem own)
            throw new ArgumentException($"Expected a {nameof(DecodeProblem)}, got {problem?.GetType().Name ?? "null"}.", nameof(problem));
        if (own.Quantised is null == mixed)
            throw new ArgumentException($"The problem has {(mixed ? "no" : "a")} quantised segment. Expected one of {Name}.", nameof(problem));
        return own;
    }
}
