using KernelSuite.Operations.Attention;
using KernelSuite.Operations.KvStorage;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Decode;

/// <summary>
/// A validated decode problem: few query rows of each sequence against its cached keys and values. O = softmax(mask(softcap(scale * Q K^T))) V over the original slots and, in
/// <c>mixed_decode</c>, the quantised ones after them, in one softmax. A row that sees nothing gives O = 0 and LSE = -inf. Contents of slots past a length and page-table
/// entries past it never matter. A page id below a length that is not in the pool is an error: the cpu device reports it, other devices do not check.
/// </summary>
public sealed class DecodeProblem : OperationProblem
{
    /// <summary>Index of the queries.</summary>
    public const int Q = 0;

    /// <summary>Index of the original keys [B,Hk,N,D] or [Pages,Hk,PageSize,D].</summary>
    public const int K = 1;

    /// <summary>Index of the original values.</summary>
    public const int V = 2;

    /// <summary>Index of the original segment's page table, int32 [B,M].</summary>
    public const int PageTable = 3;

    /// <summary>Index of the original segment's lengths, int32 [B].</summary>
    public const int KvLengths = 4;

    /// <summary>Index of the codes of the quantised keys, uint8 [B,Hk,N2,bytes] or [Pages,Hk,PageSize,bytes].</summary>
    public const int KCodes = 5;

    /// <summary>Index of the group factors of the quantised keys, uint8 [..,Hk,..,groups]; int4 only.</summary>
    public const int KGroups = 6;

    /// <summary>Index of the scales of the quantised keys, float32 [..,Hk,..].</summary>
    public const int KScales = 7;

    /// <summary>Index of the codes of the quantised values.</summary>
    public const int VCodes = 8;

    /// <summary>Index of the group factors of the quantised values; int4 only.</summary>
    public const int VGroups = 9;

    /// <summary>Index of the scales of the quantised values.</summary>
    public const int VScales = 10;

    /// <summary>Index of the quantised segment's page table, int32 [B,M2].</summary>
    public const int QuantisedPageTable = 11;

    /// <summary>Index of the quantised segment's lengths, int32 [B].</summary>
    public const int QuantisedLengths = 12;

    /// <summary>Index of the output [B,Hq,Nq,Dv].</summary>
    public const int Out = 13;

    /// <summary>Index of the log-sum-exp, float32 [B,Hq,Nq]; a launch may leave it out.</summary>
    public const int Lse = 14;

    /// <summary>
    /// Index of the logits, float32 [B,Hq,Nq,N + N2]: scaled and soft-capped, original slots at 0, quantised slots at N; -inf where masked, unspecified past a length.
    /// </summary>
    public const int Logits = 15;

    /// <summary>Length of the operand list, of <c>attention_decode</c> too: there the quantised operands are absent.</summary>
    public const int OperandCount = 16;

    /// <summary>Makes a problem: of <c>mixed_decode</c> where <paramref name="quantised"/> is given, else of <c>attention_decode</c>.</summary>
    /// <param name="shape">Extents.</param>
    /// <param name="original">Slots with keys and values in <paramref name="dtype"/>; may have none.</param>
    /// <param name="dtype">Storage of q, k, v and out: float32, float16 or bfloat16; arithmetic is float32.</param>
    /// <param name="options">Settings; null for the defaults.</param>
    /// <param name="layout">Strides; null for contiguous tensors.</param>
    /// <param name="quantised">Quantised slots; may have none.</param>
    /// <param name="hasLse">Whether LSE is written.</param>
    /// <param name="hasLogits">Whether logits are written.</param>
    /// <exception cref="ArgumentException">A value is out of range; names it and says what was expected.</exception>
    public DecodeProblem(
        DecodeShape shape, DecodeSegment original, DType dtype, DecodeOptions? options = null, DecodeLayout? layout = null, QuantisedSegment? quantised = null,
        bool hasLse = true, bool hasLogits = false)
    {
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentNullException.ThrowIfNull(original);
        shape.Validate();
        if (dtype is not (DType.Float32 or DType.Float16 or DType.BFloat16))
            throw new ArgumentException($"dtype is {dtype.Name()}. Expected float32, float16 or bfloat16; convert the arrays first.", nameof(dtype));
        Options = options ?? DecodeOptions.Default;
        Options.Validate();
        Shape = shape;
        DType = dtype;
        Original = original;
        Quantised = quantised;
        if ((quantised?.Format.Refuses(shape.HeadDim) ?? quantised?.Format.Refuses(shape.ValueDim)) is { } refusal) throw new ArgumentException(refusal, nameof(quantised));
        if ((long)original.Slots + (quantised?.Slots.Slots ?? 0) > 1 << 30)
            throw new ArgumentException($"N + N2 = {(long)original.Slots + quantised!.Slots.Slots} slots. Expected at most 2^30.", nameof(quantised));
        Scale = Options.Scale ?? (float)(1 / Math.Sqrt(shape.HeadDim));
        HasLse = hasLse;
        HasLogits = hasLogits;
        Operands = DecodeOperands.Make(this, layout ?? new DecodeLayout());
        AttentionStrideRules.Check(Operands);
    }

    /// <summary>Extents.</summary>
    public DecodeShape Shape { get; }

    /// <summary>The original segment.</summary>
    public DecodeSegment Original { get; }

    /// <summary>The quantised segment; null in <c>attention_decode</c>.</summary>
    public QuantisedSegment? Quantised { get; }

    /// <summary>Settings.</summary>
    public DecodeOptions Options { get; }

    /// <summary>Factor on the logits, default resolved.</summary>
    public float Scale { get; }

    /// <summary>Whether LSE is written.</summary>
    public bool HasLse { get; }

    /// <summary>Whether logits are written.</summary>
    public bool HasLogits { get; }

    /// <summary>N + N2: most slots of a sequence, and the length of a row of logits.</summary>
    public int TotalSlots => Original.Slots + (Quantised?.Slots.Slots ?? 0);

    /// <inheritdoc/>
    public override DType DType { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<OperandSpec?> Operands { get; }

    /// <inheritdoc/>
    public override long UnitCount => (long)Shape.Batch * Shape.QueryHeads * Shape.QueryLength;

    /// <inheritdoc cref="DecodeCost"/>
    public override OperationCost Cost => DecodeCost.Of(this);

    /// <summary>
    /// Strides of an operand of four dimensions (of three, for scales): Batch (or page), Head, Row.
    /// </summary>
    /// <param name="operand">Index of a present tensor operand.</param>
    public TensorStrides Strides(int operand) => Operands[operand] is { Strides: { Length: >= 3 } s } ? new TensorStrides(s[0], s[1], s[2]) : default;

    /// <summary>Original slots that query row <paramref name="query"/> sees: 0 up to the result. Every mask is such an interval, so its rule stands here and nowhere else in managed code.</summary>
    /// <param name="query">Query row i, 0 to Nq - 1.</param>
    /// <param name="length">Valid original slots of the sequence, as <see cref="OriginalLength"/> gives them.</param>
    public int VisibleSlots(int query, int length) => Options.Causal ? Math.Clamp(length - Shape.QueryLength + 1 + query, 0, length) : length;

    /// <summary>Valid original slots, given what the lengths operand holds; clamped to 0..N.</summary>
    public int OriginalLength(int given) => Original.HasLengths ? Math.Clamp(given, 0, Original.Slots) : Original.Slots;

    /// <summary>Valid quantised slots, given what the lengths operand holds; clamped to 0..N2.</summary>
    public int QuantisedLength(int given) => Quantised is not { } q ? 0 : q.Slots.HasLengths ? Math.Clamp(given, 0, q.Slots.Slots) : q.Slots.Slots;

    /// <inheritdoc/>
    public override (long Offset, int Length) UnitSegment(int operand, long unit)
    {
        if (operand == Lse) return (unit, 1);
        if (operand == Logits) return (unit * TotalSlots, TotalSlots);
        (int batch, int head, int query) = Locate(unit);
        TensorStrides strides = Strides(Out);
        return ((batch * strides.Batch) + (head * strides.Head) + (query * strides.Row), Shape.ValueDim);
    }

    /// <summary>Batch entry, query head and query row of a unit.</summary>
    internal (int Batch, int Head, int Query) Locate(long unit)
    {
        (long outer, long query) = Math.DivRem(unit, Shape.QueryLength);
        (long batch, long head) = Math.DivRem(outer, Shape.QueryHeads);
        return ((int)batch, (int)head, (int)query);
    }
}
