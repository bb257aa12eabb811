using KernelSuite.Operations.Attention;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Scoring;

/// <summary>
/// A validated attention_scores problem: for each key the sum over query rows of P = exp(logit - lse), averaged over the query heads of its
/// KV head. Either q and k are given (a second pass over the products) or the logits that an attention kernel wrote.
/// </summary>
public sealed class ScoresProblem : OperationProblem
{
    /// <summary>Operand indices. <see cref="Previous"/> and <see cref="Score"/> may be the same memory.</summary>
    public const int Q = 0, K = 1, Logits = 2, Lse = 3, KvLengths = 4, Previous = 5, Score = 6, ColumnSums = 7, ColumnSquares = 8;

    /// <summary>Keys of a unit: few, since a reference computes every row for each.</summary>
    private const int UnitKeys = 16;

    private ScoresProblem(
        ScoringShape shape, DType dtype, ScoresOptions? options, ScoresOperands operands, bool fromLogits, TensorStrides? q, TensorStrides? k,
        TensorStrides? logits, long? scoreRow)
    {
        ArgumentNullException.ThrowIfNull(shape);
        shape.Validate();
        ScoringRules.CheckDType(dtype);
        Options = options ?? ScoresOptions.Default;
        Options.Validate();
        if ((operands & ~ScoresOperands.All) != 0)
            throw new ArgumentOutOfRangeException(nameof(operands), operands, $"Expected some of {ScoresOperands.All}.");
        Shape = shape;
        DType = dtype;
        Present = operands;
        FromLogits = fromLogits;
        Scale = ScoringRules.DefaultScale(Options.Scale, shape.HeadDim);
        QStrides = q ?? TensorStrides.HeadMajor(shape.QueryHeads, shape.QueryLength, shape.HeadDim);
        KStrides = k ?? TensorStrides.HeadMajor(shape.KvHeads, shape.KvLength, shape.HeadDim);
        LogitStrides = logits ?? TensorStrides.HeadMajor(shape.QueryHeads, shape.QueryLength, shape.KvLength);
        ScoreRow = scoreRow ?? shape.KvLength;
        Operands = MakeOperands();
        AttentionStrideRules.Check(Operands);
    }

    /// <summary>Extents.</summary>
    public ScoringShape Shape { get; }

    /// <summary>Settings.</summary>
    public ScoresOptions Options { get; }

    /// <summary>Which of the operands that may be absent are there.</summary>
    public ScoresOperands Present { get; }

    /// <summary>Whether the logits are given instead of q and k.</summary>
    public bool FromLogits { get; }

    /// <summary>Factor on the logits, default resolved.</summary>
    public float Scale { get; }

    /// <summary>Strides of q.</summary>
    public TensorStrides QStrides { get; }

    /// <summary>Strides of k.</summary>
    public TensorStrides KStrides { get; }

    /// <summary>Strides of the logits.</summary>
    public TensorStrides LogitStrides { get; }

    /// <summary>Elements from one KV head's row of score, and of previous, to the next.</summary>
    public long ScoreRow { get; }

    /// <inheritdoc/>
    public override DType DType { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<OperandSpec?> Operands { get; }

    /// <summary>A unit is a run of keys of one head: of each query head where there are sums for each, else of each KV head.</summary>
    public override long UnitCount => Shape.KvLength == 0 ? 0 : Shape.Batch * UnitHeads * Runs;

    /// <summary>2*D flops for every visible pair of a row and a key, none where the logits are given; every operand moved once.</summary>
    public override OperationCost Cost
    {
        get
        {
            double pairs = 0;
            for (int i = 0; i < Shape.QueryLength; i++) pairs += VisibleKeys(i, Shape.KvLength);
            double flops = FromLogits ? 0 : 2.0 * Shape.HeadDim * Shape.Batch * Shape.QueryHeads * pairs;
            return new OperationCost(flops, Operands.Sum(o => o is null ? 0.0 : o.ByteCount), "scores-1");
        }
    }

    private long UnitHeads => Has(ScoresOperands.ColumnSums) || Has(ScoresOperands.ColumnSquares) ? Shape.QueryHeads : Shape.KvHeads;

    private int UnitLength => Math.Min(UnitKeys, Shape.KvLength);

    private long Runs => (Shape.KvLength + UnitKeys - 1L) / UnitKeys;

    /// <summary>Makes a problem that scores from queries and keys.</summary>
    /// <param name="shape">Extents.</param>
    /// <param name="dtype">Storage of q and k: float32, float16 or bfloat16; everything else is float32.</param>
    /// <param name="options">Settings; null for the defaults.</param>
    /// <param name="operands">Operands that are there besides q, k, lse and score.</param>
    /// <param name="q">Strides of q; null for contiguous.</param>
    /// <param name="k">Strides of k; null for contiguous.</param>
    /// <param name="scoreRow">Elements from one row of score and previous to the next; null for N.</param>
    /// <exception cref="ArgumentException">A value is out of range; names it and says what was expected.</exception>
    public static ScoresProblem FromQueries(
        ScoringShape shape, DType dtype, ScoresOptions? options = null, ScoresOperands operands = ScoresOperands.None,
        TensorStrides? q = null, TensorStrides? k = null, long? scoreRow = null) =>
        new(shape, dtype, options, operands, fromLogits: false, q, k, null, scoreRow);

    /// <summary>Makes a problem that scores from scaled, soft-capped logits [B,Hq,Nq,N] in float32, -infinity where masked.</summary>
    /// <param name="shape">Extents; HeadDim counts for nothing.</param>
    /// <param name="options">Settings; null for the defaults.</param>
    /// <param name="operands">Operands that are there besides logits, lse and score.</param>
    /// <param name="logits">Strides of the logits; null for contiguous. A part of longer rows is scored by giving their stride.</param>
    /// <param name="scoreRow">Elements from one row of score and previous to the next; null for N.</param>
    /// <exception cref="ArgumentException">A value is out of range; names it and says what was expected.</exception>
    public static ScoresProblem FromAttentionLogits(
        ScoringShape shape, ScoresOptions? options = null, ScoresOperands operands = ScoresOperands.None, TensorStrides? logits = null, long? scoreRow = null) =>
        new(shape, DType.Float32, options, operands, fromLogits: true, null, null, logits, scoreRow);

    /// <summary>Whether an operand is there.</summary>
    public bool Has(ScoresOperands operand) => (Present & operand) != 0;

    /// <summary>Keys that a row sees, from the first on, in a batch entry of <paramref name="length"/> keys; clamped to 0..N.</summary>
    public int VisibleKeys(int row, int length)
    {
        length = Math.Clamp(length, 0, Shape.KvLength);
        return Options.Causal && !FromLogits ? (int)Math.Clamp((long)length - Shape.QueryLength + row + 1, 0, length) : length;
    }

    /// <inheritdoc/>
    public override (long Offset, int Length) UnitSegment(int operand, long unit)
    {
        (int batch, int head, int key) = Locate(unit);
        long kvRow = ((long)batch * Shape.KvHeads) + (head / Shape.HeadsPerKv);
        long row = ((long)batch * Shape.QueryHeads) + head;
        return ((operand == Score ? kvRow * ScoreRow : row * Shape.KvLength) + key, UnitLength);
    }

    /// <summary>Batch entry, query head (the first of its group where units are KV heads) and first key of a unit. The last run of a row overlaps the one before.</summary>
    internal (int Batch, int Head, int Key) Locate(long unit)
    {
        (long outer, long run) = Math.DivRem(unit, Runs);
        (long batch, long head) = Math.DivRem(outer, UnitHeads);
        int queryHead = (int)(head * (Shape.QueryHeads / UnitHeads));
        return ((int)batch, queryHead, (int)Math.Min(run * UnitKeys, Shape.KvLength - UnitLength));
    }

    private OperandSpec?[] MakeOperands()
    {
        ScoringShape s = Shape;
        OperandSpec? Sums(ScoresOperands which, string name) =>
            Has(which) ? ScoringRules.Dense(name, DType.Float32, output: true, s.Batch, s.QueryHeads, s.KvLength) : null;
        OperandSpec Scores(string name, bool output) =>
            ScoringRules.Dense(name, DType.Float32, output, s.Batch, s.KvHeads, s.KvLength) with { Strides = [ScoreRow * s.KvHeads, ScoreRow, 1] };
        return
        [
            FromLogits ? null : ScoringRules.Tensor("q", DType, s.Batch, s.QueryHeads, s.QueryLength, s.HeadDim, QStrides),
            FromLogits ? null : ScoringRules.Tensor("k", DType, s.Batch, s.KvHeads, s.KvLength, s.HeadDim, KStrides),
            FromLogits ? ScoringRules.Tensor("logits", DType.Float32, s.Batch, s.QueryHeads, s.QueryLength, s.KvLength, LogitStrides) : null,
            ScoringRules.Dense("lse", DType.Float32, output: false, s.Batch, s.QueryHeads, s.QueryLength),
            Has(ScoresOperands.KvLengths) ? ScoringRules.Dense("kv_lengths", DType.Int32, output: false, s.Batch) : null,
            Has(ScoresOperands.Previous) ? Scores("previous", output: false) : null,
            Scores("score", output: true),
            Sums(ScoresOperands.ColumnSums, "col_sum"),
            Sums(ScoresOperands.ColumnSquares, "col_sumsq"),
        ];
    }
}
