using KernelSuite.Operations.Attention;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Scoring;

/// <summary>
/// A validated attention_moments problem. With P[i,j] = exp(logit[i,j] - lse[i]) over the last W query rows i and the past keys j (those before
/// the W rows' own): mean, unbiased variance and fourth central moment over i, the eviction score made of them, and sums over j.
/// </summary>
public sealed class MomentsProblem : OperationProblem
{
    /// <summary>Operand indices.</summary>
    public const int Q = 0, K = 1, Lse = 2, KvLengths = 3, Mean = 4, Variance = 5, Fourth = 6, Score = 7, Stats = 8;

    /// <summary>Most query rows: their probabilities lie on chip.</summary>
    public const int MaxWindow = 64;

    /// <summary>Sums that <see cref="Stats"/> holds for each query head.</summary>
    public const int StatsCount = 3;

    /// <summary>Makes a problem.</summary>
    /// <param name="shape">Extents; QueryLength is W, 1 to <see cref="MaxWindow"/>.</param>
    /// <param name="dtype">Storage of q and k: float32, float16 or bfloat16; arithmetic and outputs are float32.</param>
    /// <param name="options">Settings; null for the defaults.</param>
    /// <param name="outputs">What is written; at least one.</param>
    /// <param name="q">Strides of q; null for contiguous.</param>
    /// <param name="k">Strides of k; null for contiguous.</param>
    /// <param name="hasKvLengths">Whether an int32 [B] operand gives the keys of each batch entry, its W rows' own included.</param>
    /// <exception cref="ArgumentException">A value is out of range; names it and says what was expected.</exception>
    public MomentsProblem(
        ScoringShape shape, DType dtype, MomentsOptions? options = null, MomentsOutputs outputs = MomentsOutputs.Score | MomentsOutputs.Stats,
        TensorStrides? q = null, TensorStrides? k = null, bool hasKvLengths = false)
    {
        ArgumentNullException.ThrowIfNull(shape);
        shape.Validate();
        ScoringRules.CheckDType(dtype);
        Options = options ?? MomentsOptions.Default;
        Options.Validate();
        if (shape.QueryLength is < 1 or > MaxWindow)
            throw new ArgumentOutOfRangeException(nameof(shape), shape.QueryLength, $"The window has {shape.QueryLength} query rows. Expected 1 to {MaxWindow}.");
        if ((outputs & ~MomentsOutputs.All) != 0 || outputs == 0)
            throw new ArgumentOutOfRangeException(nameof(outputs), outputs, $"Expected one or more of {MomentsOutputs.All}.");
        Shape = shape;
        DType = dtype;
        Outputs = outputs;
        HasKvLengths = hasKvLengths;
        Scale = ScoringRules.DefaultScale(Options.Scale, shape.HeadDim);
        QStrides = q ?? TensorStrides.HeadMajor(shape.QueryHeads, shape.QueryLength, shape.HeadDim);
        KStrides = k ?? TensorStrides.HeadMajor(shape.KvHeads, shape.KvLength, shape.HeadDim);
        Operands = MakeOperands();
        AttentionStrideRules.Check(Operands);
    }

    /// <summary>Extents.</summary>
    public ScoringShape Shape { get; }

    /// <summary>Settings.</summary>
    public MomentsOptions Options { get; }

    /// <summary>What is written.</summary>
    public MomentsOutputs Outputs { get; }

    /// <summary>Factor on the logits, default resolved.</summary>
    public float Scale { get; }

    /// <summary>Whether kv_lengths is an operand.</summary>
    public bool HasKvLengths { get; }

    /// <summary>Strides of q.</summary>
    public TensorStrides QStrides { get; }

    /// <summary>Strides of k.</summary>
    public TensorStrides KStrides { get; }

    /// <summary>Keys before the window, N - W; 0 where the window covers all.</summary>
    public int Past => Math.Max(0, Shape.KvLength - Shape.QueryLength);

    /// <inheritdoc/>
    public override DType DType { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<OperandSpec?> Operands { get; }

    /// <summary>A unit is a KV head with all its keys and query heads.</summary>
    public override long UnitCount => (long)Shape.Batch * Shape.KvHeads;

    /// <summary>2*D flops for every pair of a row and a past key; every operand moved once. Lengths are data and not counted.</summary>
    public override OperationCost Cost => new(
        2.0 * Shape.HeadDim * Shape.Batch * Shape.QueryHeads * Shape.QueryLength * Past,
        Operands.Sum(o => o is null ? 0.0 : o.ByteCount),
        "moments-1");

    /// <summary>Past keys of a batch entry of <paramref name="length"/> keys, the window's own included; the length is clamped to 0..N.</summary>
    public int PastOf(int length) => Math.Max(0, Math.Clamp(length, 0, Shape.KvLength) - Shape.QueryLength);

    /// <summary>Whether an output is written.</summary>
    public bool Has(MomentsOutputs output) => (Outputs & output) != 0;

    /// <inheritdoc/>
    public override (long Offset, int Length) UnitSegment(int operand, long unit)
    {
        int length = operand switch
        {
            Score => Past,
            Stats => Shape.HeadsPerKv * StatsCount,
            _ => Shape.HeadsPerKv * Past,
        };
        return (unit * length, length);
    }

    private OperandSpec?[] MakeOperands()
    {
        ScoringShape s = Shape;
        OperandSpec? Output(MomentsOutputs which, string name, params ReadOnlySpan<long> shape) =>
            Has(which) ? ScoringRules.Dense(name, DType.Float32, output: true, shape) : null;
        return
        [
            ScoringRules.Tensor("q", DType, s.Batch, s.QueryHeads, s.QueryLength, s.HeadDim, QStrides),
            ScoringRules.Tensor("k", DType, s.Batch, s.KvHeads, s.KvLength, s.HeadDim, KStrides),
            ScoringRules.Dense("lse", DType.Float32, output: false, s.Batch, s.QueryHeads, s.QueryLength),
            HasKvLengths ? ScoringRules.Dense("kv_lengths", DType.Int32, output: false, s.Batch) : null,
            Output(MomentsOutputs.Mean, "mean", s.Batch, s.QueryHeads, Past),
            Output(MomentsOutputs.Variance, "variance", s.Batch, s.QueryHeads, Past),
            Output(MomentsOutputs.Fourth, "fourth", s.Batch, s.QueryHeads, Past),
            Output(MomentsOutputs.Score, "score", s.Batch, s.KvHeads, Past),
            Output(MomentsOutputs.Stats, "stats", s.Batch, s.QueryHeads, StatsCount),
        ];
    }
}
