using KernelSuite.Operations.Attention;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.KvStorage;

/// <summary>Along what the elements of a group lie.</summary>
public enum KvGroupAxis
{
    /// <summary>Some tokens of one channel, as KIVI groups keys.</summary>
    Tokens,

    /// <summary>Some channels of one token, as KIVI groups values.</summary>
    Dims,
}

/// <summary>Extents of a group quantisation: x [B,Hk,N,D].</summary>
/// <param name="Batch">B, 0 or more.</param>
/// <param name="KvHeads">Hk, 1 or more.</param>
/// <param name="Slots">N, tokens, 0 or more.</param>
/// <param name="HeadDim">D, 1 to 65536.</param>
public sealed record KvQuantizeGroupsShape(int Batch, int KvHeads, int Slots, int HeadDim);

/// <summary>How elements are grouped and coded.</summary>
/// <param name="Bits">2 or 4: codes are 0 to 2^Bits - 1.</param>
/// <param name="Group">Elements of a group, 1 or more; the last group may be shorter.</param>
/// <param name="Axis">Along what they lie.</param>
public sealed record KvQuantizeGroupsOptions(int Bits = 2, int Group = 32, KvGroupAxis Axis = KvGroupAxis.Tokens)
{
    /// <summary>The largest code, 2^Bits - 1.</summary>
    public int Levels => (1 << Bits) - 1;
}

/// <summary>
/// A validated group quantisation: x ~ minimum + scale * code, with a minimum and a scale for each group, all in float32. minimum and max are those of the group's elements of
/// magnitude below 2^126 (0 where there is none); a minimum below 2^-90 in magnitude is 0. range = max - minimum; scale = range / (2^bits - 1) and
/// code = round(clamp(x - minimum, 0, range) / scale), quotients correctly rounded, ties to even. Where range is below 2^-90 the group counts as constant: scale 1, codes 0.
/// So what is larger than 2^126 takes the code at its end, and NaN code 0. A code is a byte: this compares formats, it does not save memory.
/// Source of the grouping: Liu et al., KIVI, 2024 (keys per channel, values per token).
/// </summary>
public sealed class KvQuantizeGroupsProblem : OperationProblem
{
    /// <summary>Operand indices.</summary>
    public const int X = 0, Codes = 1, Minimum = 2, Scale = 3;

    /// <summary>Makes a problem.</summary>
    /// <param name="shape">Extents.</param>
    /// <param name="dtype">Storage of x: float32, float16 or bfloat16.</param>
    /// <param name="options">Grouping and bits.</param>
    /// <param name="x">Strides of x; null where contiguous. The outputs are contiguous.</param>
    /// <exception cref="ArgumentException">A value is out of range; names it and says what was expected.</exception>
    public KvQuantizeGroupsProblem(KvQuantizeGroupsShape shape, DType dtype, KvQuantizeGroupsOptions options, TensorStrides? x = null)
    {
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegative(shape.Batch, nameof(shape));
        ArgumentOutOfRangeException.ThrowIfLessThan(shape.KvHeads, 1, nameof(shape));
        KvOperands.CheckSlots(shape.Slots, nameof(shape.Slots), null);
        KvOperands.CheckWidth(shape.HeadDim, nameof(shape.HeadDim));
        KvOperands.CheckFloat(dtype);
        if (options.Bits is not (2 or 4)) throw new ArgumentOutOfRangeException(nameof(options), options.Bits, $"bits is {options.Bits}. Expected 2 or 4.");
        if (options.Group is < 1 or > KvOperands.MaxSlots) throw new ArgumentOutOfRangeException(nameof(options), options.Group, $"group is {options.Group}. Expected 1 to 2^30 elements.");
        if (!Enum.IsDefined(options.Axis)) throw new ArgumentOutOfRangeException(nameof(options), options.Axis, $"axis is {options.Axis}. Expected Tokens or Dims.");
        Shape = shape;
        DType = dtype;
        Options = options;
        XStrides = KvOperands.Strides(x, null, shape.KvHeads, shape.Slots, shape.HeadDim);
        bool tokens = options.Axis == KvGroupAxis.Tokens;
        Rows = tokens ? Ceiling(shape.Slots, options.Group) : shape.Slots;
        Columns = tokens ? shape.HeadDim : Ceiling(shape.HeadDim, options.Group);
        Operands =
        [
            KvOperands.Rows("x", dtype, shape.Batch, shape.KvHeads, shape.Slots, shape.HeadDim, null, XStrides),
            Output("codes", DType.UInt8, shape.Slots, shape.HeadDim),
            Output("minimum", DType.Float32, Rows, Columns),
            Output("scale", DType.Float32, Rows, Columns),
        ];
        AttentionStrideRules.Check(Operands);
    }

    /// <summary>Extents.</summary>
    public KvQuantizeGroupsShape Shape { get; }

    /// <summary>Grouping and bits.</summary>
    public KvQuantizeGroupsOptions Options { get; }

    /// <summary>Strides of x.</summary>
    public TensorStrides XStrides { get; }

    /// <summary>Rows of minimum and scale in a head: groups of tokens, or tokens.</summary>
    public int Rows { get; }

    /// <summary>Columns of minimum and scale: channels, or groups of channels.</summary>
    public int Columns { get; }

    /// <inheritdoc/>
    public override DType DType { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<OperandSpec?> Operands { get; }

    /// <summary>A unit is the codes of a token, with the row of minimum and scale that it belongs to.</summary>
    public override long UnitCount => (long)Shape.Batch * Shape.KvHeads * Shape.Slots;

    /// <summary>No products; every operand moved once.</summary>
    public override OperationCost Cost => new(0, Operands.Sum(o => (double)o!.ByteCount), "kv_quantize_groups-1");

    /// <inheritdoc/>
    public override (long Offset, int Length) UnitSegment(int operand, long unit)
    {
        if (operand == Codes) return (unit * Shape.HeadDim, Shape.HeadDim);
        (long pair, long slot) = Math.DivRem(unit, Shape.Slots);
        long row = Options.Axis == KvGroupAxis.Tokens ? slot / Options.Group : slot;
        return (((pair * Rows) + row) * Columns, Columns);
    }

    private static int Ceiling(int extent, int group) => (int)((extent + (long)group - 1) / group);

    private OperandSpec Output(string name, DType dtype, int rows, int width) => KvOperands.Rows(
        name, dtype, Shape.Batch, Shape.KvHeads, rows, width, null, TensorStrides.HeadMajor(Shape.KvHeads, rows, width), output: true);
}
