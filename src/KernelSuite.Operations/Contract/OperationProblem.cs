using KernelSuite.Runtime;

namespace KernelSuite.Operations;

/// <summary>
/// One validated instance of an operation: shapes, dtypes, strides and settings, but no data. Immutable. Its output is divided
/// into <em>units</em>, the smallest parts that can be checked alone (a query row of attention, a row of a norm): a
/// reference can then judge a large problem by a sample.
/// </summary>
public abstract class OperationProblem
{
    /// <summary>
    /// What a reference gives for an element that the operation leaves unspecified, because data say that it has no meaning (a slot past a row's
    /// count): a NaN of its own, told from others by its bits. A check skips such elements; a kernel may write them or not.
    /// </summary>
    public static double Unspecified { get; } = BitConverter.Int64BitsToDouble(0x7FF8_756E_7370_6563);

    /// <summary>Whether a reference value is <see cref="Unspecified"/>.</summary>
    public static bool IsUnspecified(double value) => BitConverter.DoubleToInt64Bits(value) == BitConverter.DoubleToInt64Bits(Unspecified);

    /// <summary>Operands in the order of <see cref="OperationSignature.Operands"/>; an absent optional operand is null.</summary>
    public abstract IReadOnlyList<OperandSpec?> Operands { get; }

    /// <summary>Storage dtype that names the problem in reports.</summary>
    public abstract DType DType { get; }

    /// <summary>Arithmetic and least traffic.</summary>
    public abstract OperationCost Cost { get; }

    /// <summary>Number of units.</summary>
    public abstract long UnitCount { get; }

    /// <summary>Where a unit's elements of an output operand lie: first element (without the operand's base offset) and length.</summary>
    /// <param name="operand">Index into <see cref="Operands"/> of a present output.</param>
    /// <param name="unit">Unit, 0 to <see cref="UnitCount"/> - 1.</param>
    public abstract (long Offset, int Length) UnitSegment(int operand, long unit);
}

/// <summary>Arithmetic and least memory traffic of a problem.</summary>
/// <param name="Flops">Floating-point operations of the matrix products, a fused multiply-add counting two.</param>
/// <param name="MinimumBytes">Every operand read or written once.</param>
/// <param name="FormulaVersion">Changes whenever the formula does, so that stored numbers stay comparable.</param>
public readonly record struct OperationCost(double Flops, double MinimumBytes, string FormulaVersion)
{
    /// <summary>How many of <see cref="MinimumBytes"/> are written; null for those of every output once.</summary>
    public double? WrittenBytes { get; init; }
}

/// <summary>Whether a device can run a problem, and why not.</summary>
/// <param name="Reason">Null where it can; otherwise one sentence.</param>
public readonly record struct Support(string? Reason)
{
    /// <summary>Supported.</summary>
    public static Support Yes => new(null);

    /// <summary>Whether the device can run it.</summary>
    public bool IsSupported => Reason is null;

    /// <summary>Not supported, with the reason.</summary>
    public static Support No(string reason) => new(reason);
}

/// <summary>A named problem with a rule for its inputs.</summary>
/// <param name="Name">Name in reports, for example <c>b1h8n2048d128</c>; unique together with the dtype.</param>
/// <param name="Problem">The problem.</param>
/// <param name="Inputs">Name of the input distribution, stated in every report.</param>
/// <param name="Suite">When the case is run.</param>
public sealed record OperationCase(string Name, OperationProblem Problem, string Inputs, CaseSuite Suite);

/// <summary>When a case is run.</summary>
[Flags]
public enum CaseSuite
{
    /// <summary>By <c>validate</c> and the tests.</summary>
    Validate = 1,

    /// <summary>By <c>bench</c>.</summary>
    Bench = 2,

    /// <summary>By <c>bench</c>, but only where the case is named: it takes long.</summary>
    Long = 4,
}

/// <summary>One way to compute an operation on a device.</summary>
/// <param name="Name"><c>fused</c>, <c>naive</c>, …</param>
/// <param name="Summary">One line.</param>
/// <param name="IsBaseline">Whether it is there to be compared with, not to be used.</param>
public sealed record Implementation(string Name, string Summary, bool IsBaseline = false);
