using KernelSuite.Operations.Decode.Portable;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Decode;

/// <summary>
/// Attention of a few query rows against a long key/value cache, split along the slots and merged by LSE: <c>attention_decode</c> over
/// original keys and values, <c>mixed_decode</c> over original and quantised ones in one softmax. One class, two operations.
/// </summary>
public sealed class DecodeOperation : Operation<DecodeProblem>
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
    protected override Support SupportsPrograms(DeviceInfo device, DecodeProblem problem) => PortableDecode.Supports(device, problem);

    /// <inheritdoc/>
    protected override OperationPlan Plan(Device device, DecodeProblem problem, string? implementation) =>
        DecodePlan.Create(device, problem, implementation);

    /// <inheritdoc/>
    protected override void FillInputs(DecodeProblem problem, string inputs, ulong seed, HostOperands operands) =>
        DecodeInputs.Fill(problem, inputs, seed, operands);

    /// <inheritdoc/>
    protected override void ReferenceUnit(DecodeProblem problem, HostOperands operands, long unit, double[]?[] outputs) =>
        DecodeReference.Double(problem, operands, unit, outputs);

    /// <inheritdoc/>
    protected override void NaiveUnit(DecodeProblem problem, HostOperands operands, long unit, double[]?[] outputs) =>
        NaiveArithmetic.Farthest(
            outputs,
            exact => ReferenceUnit(problem, operands, unit, exact),
            (arithmetic, tried) => DecodeReference.Single(problem, operands, unit, tried, arithmetic));

    /// <inheritdoc/>
    protected override bool FaultyUnit(DecodeProblem problem, HostOperands operands, long unit, double[]?[] outputs) =>
        DecodeReference.Faulty(problem, operands, unit, outputs);

    /// <summary>A problem as one of this operation, of the two.</summary>
    /// <exception cref="ArgumentException">It is another operation's.</exception>
    protected override DecodeProblem Own(OperationProblem problem)
    {
        DecodeProblem own = base.Own(problem);
        if (own.Quantised is null == mixed)
            throw new ArgumentException($"The problem has {(mixed ? "no" : "a")} quantised segment. Expected one of {Name}.", nameof(problem));
        return own;
    }
}
