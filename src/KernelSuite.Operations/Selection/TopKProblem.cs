using KernelSuite.Operations.Attention;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Selection;

/// <summary>
/// A validated selection problem: the positions of the k largest of each row of scores, in ascending order of position. Ties go to the lowest
/// position; NaN counts as the smallest value (NaNs among themselves are ties), -0 equals +0. Row r looks at its first lengths[r] scores and
/// selects min(counts[r], lengths[r]) of them; without these operands at N and K. Both are clamped to 0..N and 0..K. Entries of the output past
/// the selected ones are -1.
/// </summary>
public sealed class TopKProblem : OperationProblem
{
    /// <summary>Operand indices.</summary>
    public const int Scores = 0, Lengths = 1, Counts = 2, Indices = 3;

    /// <summary>Longest row.</summary>
    public const int MaxColumns = 1 << 30;

    /// <summary>Makes a problem.</summary>
    /// <param name="rows">R, 0 or more.</param>
    /// <param name="columns">N, 0 to 2^30.</param>
    /// <param name="selected">K, the width of the output: 0 to 2^30. May be larger than N; the rest of a row is -1 then.</param>
    /// <param name="hasLengths">Whether an int32 [R] operand gives the scores that count in each row.</param>
    /// <param name="hasCounts">Whether an int32 [R] operand gives the number to select in each row.</param>
    /// <param name="scoreStride">From one row of scores to the next, in elements; null for N.</param>
    /// <param name="indexStride">From one row of the output to the next, in elements; null for K.</param>
    /// <exception cref="ArgumentException">A value is out of range; names it and says what was expected.</exception>
    public TopKProblem(
        int rows, int columns, int selected, bool hasLengths = false, bool hasCounts = false, long? scoreStride = null, long? indexStride = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        CheckExtent(columns, nameof(columns), "N");
        CheckExtent(selected, nameof(selected), "K");
        Rows = rows;
        Columns = columns;
        Selected = selected;
        HasLengths = hasLengths;
        HasCounts = hasCounts;
        ScoreStride = scoreStride ?? columns;
        IndexStride = indexStride ?? selected;
        Operands =
        [
            new OperandSpec { Name = "scores", DType = DType.Float32, Shape = [rows, columns], Strides = [ScoreStride, 1] },
            hasLengths ? new OperandSpec { Name = "lengths", DType = DType.Int32, Shape = [rows], Strides = [1] } : null,
            hasCounts ? new OperandSpec { Name = "counts", DType = DType.Int32, Shape = [rows], Strides = [1] } : null,
            new OperandSpec { Name = "indices", DType = DType.Int32, Shape = [rows, selected], Strides = [IndexStride, 1], IsOutput = true },
        ];
        AttentionStrideRules.Check(Operands);
    }

    /// <summary>R.</summary>
    public int Rows { get; }

    /// <summary>N.</summary>
    public int Columns { get; }

    /// <summary>K.</summary>
    public int Selected { get; }

    /// <summary>Whether lengths is an operand.</summary>
    public bool HasLengths { get; }

    /// <summary>Whether counts is an operand.</summary>
    public bool HasCounts { get; }

    /// <summary>Row stride of the scores in elements.</summary>
    public long ScoreStride { get; }

    /// <summary>Row stride of the output in elements.</summary>
    public long IndexStride { get; }

    /// <inheritdoc/>
    public override DType DType => DType.Float32;

    /// <inheritdoc/>
    public override IReadOnlyList<OperandSpec?> Operands { get; }

    /// <inheritdoc/>
    public override long UnitCount => Rows;

    /// <summary>No products; every operand moved once.</summary>
    public override OperationCost Cost => new(0, Operands.Sum(o => o is null ? 0.0 : o.ByteCount), "topk_select-1");

    /// <inheritdoc/>
    public override (long Offset, int Length) UnitSegment(int operand, long unit) => (unit * IndexStride, Selected);

    private static void CheckExtent(int value, string name, string symbol)
    {
        if (value is < 0 or > MaxColumns) throw new ArgumentOutOfRangeException(name, value, $"{symbol} is {value}. Expected 0 to {MaxColumns}.");
    }
}
