using KernelSuite.Operations.Attention.Portable;
using KernelSuite.Runtime;
using KernelSuite.Runtime.Cpu;

namespace KernelSuite.Operations.Attention;

/// <summary>Fused softmax(QK^T)V, forward: output and log-sum-exp.</summary>
public sealed class AttentionOperation : Operation<AttentionProblem>
{
    private AttentionOperation()
    {
    }

    /// <summary>The operation.</summary>
    public static AttentionOperation Instance { get; } = new();

    /// <inheritdoc/>
    public override string Name => "attention";

    /// <inheritdoc/>
    public override string Summary => "softmax(scale*QK^T + mask) V in one pass over the keys; writes O and, if wanted, LSE";

    /// <inheritdoc/>
    public override OperationSignature Signature { get; } = new(
        [
            new("q", "[B, Hq, Nq, D]", "queries; D from 1 to 256"),
            new("k", "[B, Hk, Nk, D]", "keys; Hq is a multiple of Hk"),
            new("v", "[B, Hk, Nk, Dv]", "values; Dv from 1 to 256"),
            new("kv_lengths", "[B] int32", "valid keys of each batch entry; later ones are masked", IsOptional: true),
            new("out", "[B, Hq, Nq, Dv]", "output, dtype of q", IsOutput: true),
            new("lse", "[B, Hq, Nq] float32", "natural logarithm of each row's sum of exponentials", IsOutput: true, IsOptional: true),
        ],
        [
            new("causal", OptionKind.Flag, "mask keys after the query's position, aligned bottom-right where Nq != Nk"),
            new("window", OptionKind.IntegerPair, "L,R: keys visible to the left and right of the query's position; -1 is unlimited (default -1,-1)"),
            new("softcap", OptionKind.Real, "c: logits become c*tanh(logit/c) (default 0: none)"),
            new("scale", OptionKind.Real, "factor on the logits (default 1/sqrt(D))"),
        ]);

    /// <inheritdoc/>
    public override IReadOnlyList<DType> DTypes => StorageTypes;

    /// <inheritdoc/>
    public override IReadOnlyList<OperationCase> Cases => AttentionCases.All;

    internal static IReadOnlyList<DType> StorageTypes { get; } = [DType.Float32, DType.Float16, DType.BFloat16];

    /// <inheritdoc/>
    public override OperationProblem Bind(IReadOnlyDictionary<string, HostArray> inputs, OptionValues options) =>
        AttentionBinding.Bind(inputs, options);

    /// <inheritdoc/>
    public override IReadOnlyList<Implementation> Implementations(DeviceInfo device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return device.Language == DeviceLanguage.Managed
            ?
            [
                new("fused", "tiled online softmax, register-blocked products"),
                new("naive", "three passes over a materialised score row, vectorised by System.Numerics.Tensors", IsBaseline: true),
            ]
            :
            [
                new("fused", "one kernel, online softmax"),
                new("naive", "three kernels, scores in device memory", IsBaseline: true),
            ];
    }

    /// <inheritdoc/>
    protected override Support SupportsPrograms(DeviceInfo device, AttentionProblem problem) => PortableAttention.Supports(device, problem);

    /// <inheritdoc/>
    protected override OperationPlan Plan(Device device, AttentionProblem problem, string? implementation) =>
        AttentionPlan.Create(device, problem, implementation);

    /// <inheritdoc/>
    protected override void FillInputs(AttentionProblem problem, string inputs, ulong seed, HostOperands operands) =>
        AttentionInputs.Fill(problem, inputs, seed, operands);

    /// <inheritdoc/>
    protected override void ReferenceUnit(AttentionProblem problem, HostOperands operands, long unit, double[]?[] outputs) =>
        AttentionReference.Double(problem, operands, unit, outputs);

    /// <inheritdoc/>
    protected override void NaiveUnit(AttentionProblem problem, HostOperands operands, long unit, double[]?[] outputs) =>
        AttentionReference.Naive(problem, operands, unit, outputs);

    /// <inheritdoc/>
    protected override bool FaultyUnit(AttentionProblem problem, HostOperands operands, long unit, double[]?[] outputs) =>
        AttentionReference.Faulty(problem, operands, unit, outputs);
}
