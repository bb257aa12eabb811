using KernelSuite.Operations.Attention;
using KernelSuite.Operations.Scoring.Cpu;
using KernelSuite.Operations.Scoring.Portable;
using KernelSuite.Runtime;
using KernelSuite.Runtime.Cpu;

namespace KernelSuite.Operations.Scoring;

/// <summary>Column sums of attention probabilities as scores of keys: see <see cref="ScoresProblem"/>.</summary>
public sealed class ScoresOperation : Operation<ScoresProblem>
{
    private ScoresOperation()
    {
    }

    /// <summary>The operation.</summary>
    public static ScoresOperation Instance { get; } = new();

    /// <inheritdoc/>
    public override string Name => "attention_scores";

    /// <inheritdoc/>
    public override string Summary => "each key's attention summed over query rows, from q, k and LSE or from logits";

    /// <inheritdoc/>
    public override OperationSignature Signature { get; } = new(
        [
            new("q", "[B, Hq, Nq, D]", "query rows that score, the last of the sequence; D from 1 to 256", IsOptional: true),
            new("k", "[B, Hk, N, D]", "keys; Hq is a multiple of Hk", IsOptional: true),
            new("logits", "[B, Hq, Nq, N] float32", "scaled logits instead of q and k, -inf where masked", IsOptional: true),
            new("lse", "[B, Hq, Nq] float32", "natural log-sum-exp of the rows, from the forward pass"),
            new("kv_lengths", "[B] int32", "keys of each batch entry", IsOptional: true),
            new("previous", "[B, Hk, N] float32", "score before this step", IsOptional: true),
            new("score", "[B, Hk, N] float32", "decay*previous + pooled group mean of the column sums", IsOutput: true),
            new("col_sum", "[B, Hq, N] float32", "column sums of each query head", IsOutput: true, IsOptional: true),
            new("col_sumsq", "[B, Hq, N] float32", "column sums of squares of each query head", IsOutput: true, IsOptional: true),
        ],
        [
            new("full", OptionKind.Flag, "every row sees every key (default: causal, rows aligned with the last keys)"),
            new("pool", OptionKind.Integer, "keys that the score is averaged over, odd (default 1: none)"),
            new("decay", OptionKind.Real, "factor on previous (default 1)"),
            new("per-head", OptionKind.Flag, "write col_sum and col_sumsq"),
            new("kv-heads", OptionKind.Integer, "Hk where logits are given (default Hq)"),
            new("softcap", OptionKind.Real, "c: logits become c*tanh(logit/c) (default 0: none)"),
            new("scale", OptionKind.Real, "factor on the logits (default 1/sqrt(D))"),
        ]);

    /// <inheritdoc/>
    public override IReadOnlyList<DType> DTypes => AttentionOperation.StorageTypes;

    /// <inheritdoc/>
    public override IReadOnlyList<OperationCase> Cases => ScoresCases.All;

    /// <inheritdoc/>
    public override OperationProblem Bind(IReadOnlyDictionary<string, HostArray> inputs, OptionValues options) =>
        ScoringBinding.BindScores(inputs, options);

    /// <inheritdoc/>
    public override IReadOnlyList<Implementation> Implementations(DeviceInfo device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return device.Language == DeviceLanguage.Managed
            ?
            [
                new("fused", "keys in vector lanes, register-blocked products"),
                new("naive", "a materialised row of probabilities at a time, vectorised by System.Numerics.Tensors", IsBaseline: true),
            ]
            :
            [
                new("fused", "a group a block of keys, streaming the rows"),
                new("naive", "one work-item a key", IsBaseline: true),
            ];
    }

    /// <inheritdoc/>
    protected override Support SupportsPrograms(DeviceInfo device, ScoresProblem problem) => PortableScoring.Supports(device, problem);

    /// <inheritdoc/>
    protected override OperationPlan Plan(Device device, ScoresProblem problem, string? implementation)
    {
        bool naive = Operations.Implementations.IsNaive(this, device, problem, implementation, "fused");
        return device is CpuDevice cpu ? new CpuScoresPlan(cpu, problem, naive) : new PortableScoresPlan(device, problem, naive);
    }

    /// <inheritdoc/>
    protected override void FillInputs(ScoresProblem problem, string inputs, ulong seed, HostOperands operands) =>
        ScoresInputs.Fill(problem, inputs, seed, operands);

    /// <inheritdoc/>
    protected override void ReferenceUnit(ScoresProblem problem, HostOperands operands, long unit, double[]?[] outputs) =>
        ScoresReference.Compute<double>(problem, operands, unit, outputs, NaiveArithmetic.Plain);

    /// <inheritdoc/>
    protected override void NaiveUnit(ScoresProblem problem, HostOperands operands, long unit, double[]?[] outputs) =>
        NaiveArithmetic.Farthest(
            outputs,
            exact => ReferenceUnit(problem, operands, unit, exact),
            (arithmetic, tried) => ScoresReference.Compute<float>(problem, operands, unit, tried, arithmetic));

    /// <inheritdoc/>
    protected override bool FaultyUnit(ScoresProblem problem, HostOperands operands, long unit, double[]?[] outputs) =>
        ScoresReference.Faulty(problem, operands, unit, outputs);
}
