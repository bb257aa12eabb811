using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace KernelSuite.Operations.Counters.Distance;

/// <summary>
/// min |A f - b| over f ≥ 0, by the active-set method of Lawson and Hanson (Solving Least Squares Problems, 1974, chapter 23). Kept of the passive
/// columns P are orthonormal directions Q, the inverse M with P M = Q, and the products of Q with all columns of A: then a step of residual, gradient
/// and weights is a multiple of one row, and nothing is solved one unknown after the other, which would wait for each. Directions rather than a Gram
/// matrix: whitened columns may differ by a millionfold in noise, which a Gram matrix squares. Columns are normalised by the caller; memory is
/// allocated once and belongs to one thread at a time. Nothing is left over from the call before. Ends always: a column may enter only if the
/// residual then shrinks, so no passive set comes twice, and rounds are bounded besides.
/// </summary>
internal sealed unsafe partial class NonnegativeLeastSquares
{
    /// <summary>A gradient below this share of |b| is rounding: twenty products of numbers that agree to 2^-52, with a margin.</summary>
    private const double GradientTolerance = 1e-12;

    /// <summary>Length of what a unit column adds to the passive ones below which it counts as dependent on them.</summary>
    private const double Dependent = 1e-11;

    private readonly int rows;
    private readonly int count;
    private readonly int rowStride;
    private readonly int columnStride;
    private readonly int pitch;
    private readonly double[] memory;
    private readonly int[] slots;       // column of each slot of the passive set
    private readonly int[] free;        // slots without a column, the next to be used last
    private readonly int[] passive;
    private readonly double[] found;
    private readonly bool[] barred;

    private readonly double* byRow;     // [rows][columnStride]: A, padded with zeros
    private readonly double* state;     // [rows][pitch]: a direction (rowStride), its column of M by slot (rowStride), its products with A
    private readonly double* mirror;    // [pitch]
    private readonly double* target;    // b
    private readonly double* projected; // Qᵀb
    private readonly double* residual;
    private readonly double* spare;
    private readonly double* trial;     // by slot: M Qᵀb
    private readonly double* weights;   // by slot: the last feasible ones
    private readonly double* live;      // by slot: the least positive number where there is a column, or zero
    private readonly double* norms;     // by slot: squared length of a row of M
    private readonly double* peaks;     // by slot: the largest of these since the row was last computed afresh
    private readonly double* gradient;  // Aᵀ (b - A f)
    private readonly double* barrier;   // by column: -∞ where it may not enter, or zero
    private readonly int bound;
    private int rank;
    private int freeCount;

    /// <summary>Allocates for A of so many rows and columns.</summary>
    /// <param name="rows">Rows, at least 1.</param>
    /// <param name="count">Columns, 0 or more.</param>
    /// <param name="mostRounds">Bound of rounds; null for <see cref="MostRounds"/>.</param>
    public NonnegativeLeastSquares(int rows, int count, int? mostRounds = null)
    {
        (this.rows, this.count, bound) = (rows, count, mostRounds ?? MostRounds(rows, count));
        rowStride = Rows.Padded(rows);
        columnStride = Rows.Padded(Math.Max(count, 1));
        pitch = 2 * rowStride + columnStride;
        long size = (long)rows * columnStride + (rows + 1L) * pitch + 9L * rowStride + 2L * columnStride + WideRows.Slack;
        memory = GC.AllocateArray<double>(checked((int)size), pinned: true);
        (slots, free, passive, found) = (new int[rows], new int[rows], new int[rows], new double[rows]);
        barred = new bool[count];
        fixed (double* start = memory)
        {
            // Pinned for as long as this object lives.
            byRow = WideRows.Align(start);
            state = byRow + (long)rows * columnStride;
            mirror = state + rows * pitch;
            target = mirror + pitch;
            projected = target + rowStride;
            residual = projected + rowStride;
            spare = residual + rowStride;
            trial = spare + rowStride;
            weights = trial + rowStride;
            live = weights + rowStride;
            norms = live + rowStride;
            peaks = norms + rowStride;
            gradient = peaks + rowStride;
            barrier = gradient + columnStride;
        }
    }

    /// <summary>
    /// Rounds after which it ends in any case. 200 random problems of 23 counters and 44 signatures took 22 to 51; this leaves room for degenerate
    /// models and still ends within milliseconds.
    /// </summary>
    public static int MostRounds(int rows, int count) => 10 * (rows + count) + 50;

    /// <summary>Rows of A, <see cref="ColumnStride"/> apart; fill, then call <see cref="ColumnsChanged"/>.</summary>
    public double* ByRow => byRow;

    public int ColumnStride => columnStride;

    /// <summary>b; padded with zeros to a multiple of <see cref="Rows.Lane"/>.</summary>
    public double* Target => target;

    /// <summary>b - A f.</summary>
    public double* Residual => residual;

    /// <summary>Number of columns with a positive weight; they are linearly independent.</summary>
    public int PassiveCount { get; private set; }

    /// <summary>Columns with a positive weight.</summary>
    public ReadOnlySpan<int> Passive => passive.AsSpan(0, PassiveCount);

    /// <summary>Weights of the passive columns.</summary>
    public ReadOnlySpan<double> Weights => found.AsSpan(0, PassiveCount);

    /// <summary>Passes through the outer loop.</summary>
    public int Rounds { get; private set; }

    /// <summary>Forgets the last solution.</summary>
    public void ColumnsChanged() => PassiveCount = 0;

    /// <summary>Solves for <see cref="Target"/>.</summary>
    /// <returns>Whether the optimum was reached within the bound of rounds; if not, the weights are feasible but a nearer point may exist.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool Solve()
    {
        Clear();
        double best = WideRows.Dot(target, target, rowStride), threshold = GradientTolerance * Math.Sqrt(best);
        bool solved = false;
        for (Rounds = 0; Rounds < bound; Rounds++)
        {
            int entering = Steepest(threshold);
            if (entering < 0)
            {
                // As far as gradients tell that were carried along; those of the weights themselves decide.
                Polish();
                entering = Steepest(threshold);
                solved = entering < 0;
                if (solved) break;
            }

            if (!Append(entering) || !Settle(MostRounds(rows, count)))
            {
                Bar(entering);
                continue;
            }

            double now = WideRows.Dot(residual, residual, rowStride);
            if (now < best) Unbar();
            else Bar(entering); // Nothing gained but rounding: as far as arithmetic can tell, this column is of no use here.
            best = Math.Min(best, now);
        }

        PassiveCount = 0;
        for (int slot = 0; slot < rows; slot++)
        {
            if (live[slot] == 0) continue;
            passive[PassiveCount] = slots[slot];
            found[PassiveCount++] = weights[slot];
        }

        return solved;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Clear()
    {
        rank = 0;
        anyBarred = false;
        freeCount = rows;
        for (int slot = 0; slot < rows; slot++) free[slot] = rows - 1 - slot;
        Array.Clear(barred);
        new Span<double>(trial, 5 * rowStride).Clear(); // To the peaks.
        new Span<double>(barrier, columnStride).Clear();
        Start();
    }

    /// <summary>The column whose gradient is largest, the first of equals; -1 where none exceeds the threshold.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Steepest(double threshold)
    {
        Vector512<double> most = Vector512.Create(threshold);
        for (int j = 0; j < columnStride; j += WideRows.Lane)
            most = Vector512.Max(most, Vector512.Load(gradient + j) + Vector512.Load(barrier + j));
        Vector256<double> half = Vector256.Max(most.GetLower(), most.GetUpper());
        Vector128<double> quarter = Vector128.Max(half.GetLower(), half.GetUpper());
        double largest = Math.Max(quarter[0], quarter[1]);
        if (!(largest > threshold)) return -1;
        most = Vector512.Create(largest);
        for (int from = 0; from < columnStride; from += 64)
        {
            // All of 64 columns before any branch: which vector it is in cannot be foreseen.
            ulong equal = 0;
            for (int j = from; j < Math.Min(from + 64, columnStride); j += WideRows.Lane)
            {
                Vector512<double> value = Vector512.Load(gradient + j) + Vector512.Load(barrier + j);
                equal |= Vector512.Equals(most, value).ExtractMostSignificantBits() << j - from;
            }

            if (equal != 0) return from + BitOperations.TrailingZeroCount(equal);
        }

        return -1;
    }
}
