using KernelSuite.Runtime;

namespace KernelSuite.Operations.Attention;

/// <summary>
/// A validated attention problem: O = softmax(mask(softcap(scale * Q K^T))) V and LSE, the natural logarithm of the row sums
/// of exponentials. A row with no visible key gives O = 0 and LSE = -inf.
/// </summary>
public sealed class AttentionProblem : OperationProblem
{
    internal const int Q = 0, K = 1, V = 2, KvLengths = 3, Out = 4, Lse = 5;

    /// <summary>Makes a problem.</summary>
    /// <param name="shape">Extents.</param>
    /// <param name="dtype">Storage of q, k, v and out: float32, float16 or bfloat16; arithmetic is float32.</param>
    /// <param name="options">Settings; null for the defaults.</param>
    /// <param name="layout">Strides; null for contiguous tensors.</param>
    /// <param name="hasKvLengths">Whether an int32 [B] operand gives the number of valid keys of each batch entry.</param>
    /// <param name="hasLse">Whether LSE is written.</param>
    /// <exception cref="ArgumentException">A value is out of range; names it and says what was expected.</exception>
    public AttentionProblem(
        AttentionShape shape, DType dtype, AttentionOptions? options = null, AttentionLayout? layout = null, bool hasKvLengths = false, bool hasLse = true)
    {
        ArgumentNullException.ThrowIfNull(shape);
        shape.Validate();
        if (dtype is not (DType.Float32 or DType.Float16 or DType.BFloat16))
            throw new ArgumentException($"dtype is {dtype.Name()}. Expected float32, float16 or bfloat16; convert the arrays first.", nameof(dtype));
        Options = options ?? AttentionOptions.Default;
        Options.Validate();
        Shape = shape;
        DType = dtype;
        Scale = Options.Scale ?? (float)(1 / Math.Sqrt(shape.HeadDim));
        HasKvLengths = hasKvLengths;
        HasLse = hasLse;
        QStrides = layout?.Q ?? TensorStrides.HeadMajor(shape.QueryHeads, shape.QueryLength, shape.HeadDim);
        KStrides = layout?.K ?? TensorStrides.HeadMajor(shape.KvHeads, shape.KvLength, shape.HeadDim);
        VStrides = layout?.V ?? TensorStrides.HeadMajor(shape.KvHeads, shape.KvLength, shape.ValueDim);
        OutStrides = layout?.Out ?? TensorStrides.HeadMajor(shape.QueryHeads, shape.QueryLength, shape.ValueDim);
        Operands = MakeOperands();
        AttentionStrideRules.Check(Operands);
    }

    /// <summary>Extents.</summary>
    public AttentionShape Shape { get; }

    /// <summary>Settings.</summary>
    public AttentionOptions Options { get; }

    /// <summary>Factor on the logits, default resolved.</summary>
    public float Scale { get; }

    /// <summary>Whether kv_lengths is an operand.</summary>
    public bool HasKvLengths { get; }

    /// <summary>Whether LSE is written.</summary>
    public bool HasLse { get; }

    /// <summary>Strides of q.</summary>
    public TensorStrides QStrides { get; }

    /// <summary>Strides of k.</summary>
    public TensorStrides KStrides { get; }

    /// <summary>Strides of v.</summary>
    public TensorStrides VStrides { get; }

    /// <summary>Strides of out.</summary>
    public TensorStrides OutStrides { get; }

    /// <inheritdoc/>
    public override DType DType { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<OperandSpec?> Operands { get; }

    /// <inheritdoc/>
    public override long UnitCount => (long)Shape.Batch * Shape.QueryHeads * Shape.QueryLength;

    /// <summary>2*(D + Dv) flops for every visible (query, key) pair; every operand moved once. Padding lengths are data and not counted.</summary>
    public override OperationCost Cost
    {
        get
        {
            double pairs = 0;
            for (int i = 0; i < Shape.QueryLength; i++)
            {
                (int from, int to) = VisibleKeys(i, Shape.KvLength);
                pairs += to - from;
            }

            double heads = (double)Shape.Batch * Shape.QueryHeads;
            double bytes = Operands.Sum(o => o is null ? 0.0 : o.ByteCount);
            return new OperationCost(2 * pairs * heads * (Shape.HeadDim + Shape.ValueDim), bytes, "attention-1");
        }
    }

    /// <summary>
    /// The keys that a query row sees. Every mask is an interval, so its rule stands here and nowhere else in managed code.
    /// </summary>
    /// <param name="row">Query row i.</param>
    /// <param name="validKeys">Nk, or the padding length of the batch entry; clamped to 0..Nk.</param>
    /// <returns>First visible key and one past the last; equal where there is none.</returns>
    public (int From, int To) VisibleKeys(int row, int validKeys)
    {
        long position = (long)row + Shape.KvLength - Shape.QueryLength;
        long to = Math.Clamp(validKeys, 0, Shape.KvLength);
        long from = 0;
        if (Options.Causal) to = Math.Min(to, position + 1);
        if (Options.WindowRight >= 0) to = Math.Min(to, position + Options.WindowRight + 1);
        if (Options.WindowLeft >= 0) from = Math.Max(from, position - Options.WindowLeft);
        return from < to ? ((int)from, (int)to) : (0, 0);
    }

    /// <inheritdoc/>
    public override (long Offset, int Length) UnitSegment(int operand, long unit)
    {
        if (operand == Lse) return (unit, 1);
        (int batch, int head, int row) = Locate(unit);
        return ((batch * OutStrides.Batch) + (head * OutStrides.Head) + (row * OutStrides.Row), Shape.ValueDim);
    }

    /// <summary>Batch entry, query head and query row of a unit.</summary>
    internal (int Batch, int Head, int Row) Locate(long unit)
    {
        (long outer, long row) = Math.DivRem(unit, Shape.QueryLength);
        (long batch, long head) = Math.DivRem(outer, Shape.QueryHeads);
        return ((int)batch, (int)head, (int)row);
    }

    private OperandSpec?[] MakeOperands()
    {
        OperandSpec Tensor(string name, int heads, int rows, int width, TensorStrides strides, bool output = false) => new()
        {
            Name = name,
            DType = DType,
            Shape = [Shape.Batch, heads, rows, width],
            Strides = [strides.Batch, strides.Head, strides.Row, 1],
            IsOutput = output,
        };

        long[] lse = [Shape.Batch, Shape.QueryHeads, Shape.QueryLength];
        return
        [
            Tensor("q", Shape.QueryHeads, Shape.QueryLength, Shape.HeadDim, QStrides),
            Tensor("k", Shape.KvHeads, Shape.KvLength, Shape.HeadDim, KStrides),
            Tensor("v", Shape.KvHeads, Shape.KvLength, Shape.ValueDim, VStrides),
            HasKvLengths ? new OperandSpec { Name = "kv_lengths", DType = DType.Int32, Shape = [Shape.Batch], Strides = [1] } : null,
            Tensor("out", Shape.QueryHeads, Shape.QueryLength, Shape.ValueDim, OutStrides, output: true),
            HasLse
                ? new OperandSpec { Name = "lse", DType = DType.Float32, Shape = [.. lse], Strides = OperandSpec.Contiguous(lse), IsOutput = true }
                : null,
        ];
    }
}
