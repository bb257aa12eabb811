using KernelSuite.Operations.Attention;
using KernelSuite.Operations.Scoring.Cpu;
using KernelSuite.Operations.Scoring.Portable;
using KernelSuite.Runtime;
using KernelSuite.Runtime.Cpu;

namespace KernelSuite.Operations.Scoring;

/// <summary>Moments of attention probabilities over the last query rows, for each past key: see <see cref="MomentsProblem"/>.</summary>
public sealed class MomentsOperation : Operation<MomentsProblem>
{
    private MomentsOperation()
    {
    }

    /// <summary>The operation.</summary>
    public static MomentsOperation Instance { get; } = new();

    /// <inheritdoc/>
    public override string Name => "attention_moments";

    /// <inheritdoc/>
    public override string Summary => "moments of each past key's attention over the last rows; eviction score, entropy";

    /// <inheritdoc/>
    public override OperationSignature Signature { get; } = new(
        [
            new("q", "[B, Hq, W, D]", "the last W query rows, W from 1 to 64; D from 1 to 256"),
            new("k", "[B, Hk, N, D]", "all keys, the W rows' own included; Hq is a multiple of Hk"),
            new("lse", "[B, Hq, W] float32", "natural log-sum-exp of the rows, from the forward pass"),
            new("kv_lengths", "[B] int32", "keys of each batch entry, the W rows' own included", IsOptional: true),
            new("mean", "[B, Hq, N-W] float32", "mean over the rows", IsOutput: true, IsOptional: true),
            new("variance", "[B, Hq, N-W] float32", "unbiased variance over the rows; 0 for W = 1", IsOutput: true, IsOptional: true),
            new("fourth", "[B, Hq, N-W] float32", "fourth central moment over the rows", IsOutput: true, IsOptional: true),
            new("score", "[B, Hk, N-W] float32", "pooled group mean of mean + gamma*variance", IsOutput: true, IsOptional: true),
            new("stats", "[B, Hq, 3] float32", "sums over the keys of entropy, variance and kurtosis", IsOutput: true, IsOptional: true),
        ],
        [
            new("gamma", OptionKind.Real, "weight of the variance in the score (default 1)"),
            new("pool", OptionKind.Integer, "keys that the score is averaged over, odd, 1 for none (default 5)"),
            new("kurtosis-floor", OptionKind.Real, "least second moment that the kurtosis divides by, 0 for none (default 1e-8)"),
            new("softcap", OptionKind.Real, "c: logits become c*tanh(logit/c) (default 0: none)"),
            new("scale", OptionKind.Real, "factor on the logits (default 1/sqrt(D))"),
        ]);

    /// <inheritdoc/>
    public override IReadOnlyList<DType> DTypes => AttentionOperation.StorageTypes;

    /// <inheritdoc/>
    public override IReadOnlyList<OperationCase> Cases => MomentsCases.All;

    /// <inheritdoc/>
    public override OperationProblem Bind(IReadOnlyDictionary<string, HostArray> inputs, OptionValues options) =>
        ScoringBinding.BindMoments(inputs, options);

    /// <inheritdoc/>
    public override IReadOnlyList<Implementation> Implementations(DeviceInfo device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return device.Language == DeviceLanguage.Managed
            ?
            [
                new("fused", "tiles of probabilities on chip, register-blocked products"),
                new("naive", "a head's probabilities materialised, vectorised by System.Numerics.Tensors", IsBaseline: true),
            ]
            :
            [
                new("fused", "tiles of probabilities in local memory"),
                new("naive", "one work-item a key", IsBaseline: true),
            ];
    }

    /// <inheritdoc/>
    protected override Support SupportsPrograms(DeviceInfo device, MomentsProblem problem) => PortableScoring.Supports(device, problem);

    /// <inheritdoc/>
    protected override OperationPlan Plan(Device device, MomentsProblem problem, string? implementation)
    {
        bool naive = Operations.Implementations.IsNaive(this, device, problem, implementation, "fused");
        return device is CpuDevice cpu ? new CpuMomentsPlan(cpu, problem, naive) : new PortableMomentsPlan(device, problem, naive);
    }

    /// <inheritdoc/>
    protected override void FillInputs(MomentsProblem problem, string inputs, ulong seed, HostOperands operands) =>
        MomentsInputs.Fill(problem, inputs, seed, operands);

    /// <inheritdoc/>
    protected override void ReferenceUnit(MomentsProblem problem, HostOperands operands, long unit, double[]?[] outputs) =>
        MomentsReference.Compute<double>(problem, operands, unit, outputs, NaiveArithmetic.Plain);

    /// <inheritdoc/>
    protected override void NaiveUnit(MomentsProblem problem, HostOperands operands, long unit, double[]?[] outputs) =>
        NaiveArithmetic.Farthest(
            outputs,
            exact => ReferenceUnit(problem, operands, unit, exact),
            (arithmetic, tried) => MomentsReference.Compute<float>(problem, operands, unit, tried, arithmetic));

    /// <inheritdoc/>
    protected override bool FaultyUnit(MomentsProblem problem, HostOperands operands, long unit, double[]?[] outputs) =>
        MomentsReference.Faulty(problem, operands, unit, outputs);
}
