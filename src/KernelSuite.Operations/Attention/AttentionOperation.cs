using KernelSuite.Operations.Attention.Portable;
using KernelSuite.Runtime;
using KernelSuite.Runtime.Cpu;

namespace KernelSuite.Operations.Attention;

/// <summary>Fused softmax(QK^T)V, forward: output and log-sum-exp.</summary>
public sealed class AttentionOperation : Operation
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
    public override OperationProblem Bind(IReadOnlyDictionary<string, HostArray> inputs, OptionValues options) => AttentionBinding.Bind(inputs, options);

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
    public override Support Supports(DeviceInfo device, OperationProblem problem)
    {
        ArgumentNullException.ThrowIfNull(device);
        AttentionProblem own = Own(problem);
        return device.Language switch
        {
            DeviceLanguage.Managed => Support.Yes,
            _ => PortableAttention.Supports(device, own),
        };
    }

    /// <inheritdoc/>
    public override OperationPlan Plan(Device device, OperationProblem problem, string? implementation = null)
    {
        ArgumentNullException.ThrowIfNull(device);
        return AttentionPlan.Create(device, Own(problem), implementation);
    }

    /// <inheritdoc/>
    public override void FillInputs(OperationCase operationCase, ulong seed, HostOperands operands)
    {
        ArgumentNullException.ThrowIfNull(operationCase);
        AttentionInputs.Fill(Own(operationCase.Problem), operationCase.Inputs, seed, operands);
    }

    /// <inheritdoc/>
    public override void ReferenceUnit(OperationProblem problem, HostOperands operands, long unit, double[]?[] outputs) =>
        AttentionReference.Double(Own(problem), operands, unit, outputs);

    /// <inheritdoc/>
    public override void NaiveUnit(OperationProblem problem, HostOperands operands, long unit, double[]?[] outputs) =>
        AttentionReference.Naive(Own(problem), operands, unit, outputs);

    /// <inheritdoc/>
    public override bool FaultyUnit(OperationProblem problem, HostOperands operands, long unit, double[]?[] outputs) =>
        AttentionReference.Faulty(Own(problem), operands, unit, outputs);

    private static AttentionProblem Own(OperationProblem problem) => problem as AttentionProblem
        ?? throw new ArgumentException($"Expected an {nameof(AttentionProblem)}, got {problem?.GetType().Name ?? "null"}.", nameof(problem));
}
