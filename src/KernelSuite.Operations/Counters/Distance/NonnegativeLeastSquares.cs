namespace KernelSuite.Operations.Counters.Distance;

/// <summary>
/// min |A f - b| over f ≥ 0, by the active-set method of Lawson and Hanson (Solving Least Squares Problems, 1974, chapter 23) on a QR factorisation
/// of the passive columns that is appended to by Gram-Schmidt and shortened by Givens rotations. QR rather than a Gram matrix: whitened columns may
/// differ by a millionfold in noise, which a Gram matrix squares. Columns are normalised by the caller; memory is allocated once and belongs to one
/// thread at a time. Ends always: a column may enter only if the residual then shrinks, so no passive set comes twice, and rounds are bounded
/// besides.
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
    private readonly double[] memory;
    private readonly int[] passive;
    private readonly bool[] barred;

    private readonly double* columns;   // [count][rowStride]: unit length, padded with zeros
    private readonly double* byRow;     // [rows][columnStride]: the same transposed, for gradients
    private readonly double* basis;     // [rows][rowStride]: orthonormal, spans the passive columns
    private readonly double* triangle;  // [rows][rowStride]: column c of R, zeros below its diagonal
    private readonly double* target;    // b
    private readonly double* projected; // basisᵀ b
    private readonly double* residual;
    private readonly double* gradient;
    private readonly double* trial;
    private readonly double* weights;   // of the passive columns, in their order
    private readonly double* spare;
    private readonly double* inverses;  // of the diagonal of R
    private int rank;

    public NonnegativeLeastSquares(int rows, int count)
    {
        (this.rows, this.count) = (rows, count);
        rowStride = Rows.Padded(rows);
        columnStride = Rows.Padded(Math.Max(count, 1));
        long size = (long)columnStride * rowStride + (long)rows * columnStride + 2L * rows * rowStride + 7L * rowStride + columnStride;
        memory = GC.AllocateArray<double>(checked((int)size), pinned: true);
        passive = new int[rows];
        barred = new bool[count];
        fixed (double* start = memory)
        {
            // Pinned for as long as this object lives.
            columns = start;
            byRow = columns + (long)columnStride * rowStride;
            basis = byRow + (long)rows * columnStride;
            triangle = basis + (long)rows * rowStride;
            target = triangle + (long)rows * rowStride;
            projected = target + rowStride;
            residual = projected + rowStride;
            trial = residual + rowStride;
            weights = trial + rowStride;
            spare = weights + rowStride;
            inverses = spare + rowStride;
            gradient = inverses + rowStride;
        }
    }

    /// <summary>Rows of A, <see cref="ColumnStride"/> apart; fill, then call <see cref="ColumnsChanged"/>.</summary>
    public double* ByRow => byRow;

    public int ColumnStride => columnStride;

    /// <summary>b; padded with zeros to a multiple of <see cref="Rows.Lane"/>.</summary>
    public double* Target => target;

    /// <summary>b - A f.</summary>
    public double* Residual => residual;

    /// <summary>Number of columns with a positive weight; they are linearly independent.</summary>
    public int PassiveCount => rank;

    /// <summary>Columns with a positive weight, in the order in which they came.</summary>
    public ReadOnlySpan<int> Passive => passive.AsSpan(0, rank);

    /// <summary>Weights of the passive columns.</summary>
    public ReadOnlySpan<double> Weights => new(weights, rank);

    /// <summary>Passes through the outer loop.</summary>
    public int Rounds { get; private set; }

    /// <summary>Copies the rows into columns.</summary>
    public void ColumnsChanged()
    {
        for (int j = 0; j < count; j++)
            for (int i = 0; i < rows; i++) columns[(long)j * rowStride + i] = byRow[(long)i * columnStride + j];
        rank = 0;
    }

    /// <summary>Solves for <see cref="Target"/>.</summary>
    /// <returns>Whether the optimum was reached within the bound of rounds; if not, the weights are feasible but a nearer point may exist.</returns>
    public bool Solve()
    {
        rank = 0;
        double length = Math.Sqrt(Rows.Dot(target, target, rowStride)), threshold = GradientTolerance * length;
        new Span<double>(target, rowStride).CopyTo(new Span<double>(residual, rowStride));
        Array.Clear(barred);
        double best = length * length;
        bool anyBarred = false;

        // 22 to 51 rounds on 200 random problems of 23 counters and 44 signatures; the bound leaves room for degenerate models and still ends within
        // milliseconds.
        int bound = 10 * (rows + count) + 50;
        for (Rounds = 0; Rounds < bound; Rounds++)
        {
            int entering = Steepest(threshold);
            if (entering < 0) return true;
            if (!Append(entering) || !Settle(bound))
            {
                anyBarred = barred[entering] = true;
                continue;
            }

            double now = Rows.Dot(residual, residual, rowStride);
            if (now < best)
            {
                best = now;
                if (anyBarred) Array.Clear(barred);
                anyBarred = false;
                continue;
            }

            // Nothing gained but rounding: as far as arithmetic can tell, this column is of no use here.
            anyBarred = barred[entering] = true;
            best = Math.Min(best, now);
        }

        return false;
    }

    /// <summary>The column whose gradient is largest, the first of equals; -1 where none exceeds the threshold.</summary>
    private int Steepest(double threshold)
    {
        new Span<double>(gradient, columnStride).Clear();
        Rows.AddCombination(gradient, residual, byRow, rows, columnStride);
        for (int k = 0; k < rank; k++) gradient[passive[k]] = 0;
        int best = -1;
        for (int j = 0; j < count; j++)
        {
            if (gradient[j] <= threshold || barred[j]) continue;
            (threshold, best) = (gradient[j], j);
        }

        return best;
    }

    /// <summary>
    /// Moves from the last feasible weights to the least-squares ones of the passive columns; columns that would turn negative leave on the way.
    /// </summary>
    private bool Settle(int bound)
    {
        for (int step = 0; step <= bound; step++)
        {
            BackSubstitute();
            double share = 1;
            int blocking = -1;
            for (int k = 0; k < rank; k++)
            {
                if (trial[k] > 0) continue;
                double limit = weights[k] / (weights[k] - trial[k]);
                if (!(limit < share || blocking < 0)) continue;
                (share, blocking) = (double.IsNaN(limit) ? 0 : limit, k);
            }

            if (blocking < 0)
            {
                for (int k = 0; k < rank; k++) weights[k] = trial[k];
                return true;
            }

            for (int k = 0; k < rank; k++) weights[k] = Math.Max(weights[k] + share * (trial[k] - weights[k]), 0);
            weights[blocking] = 0;
            for (int k = rank - 1; k >= 0; k--)
                if (weights[k] == 0 && trial[k] <= 0) Remove(k);
        }

        return false;
    }

    /// <summary>trial = R⁻¹ (basisᵀ b)</summary>
    private void BackSubstitute()
    {
        for (int k = 0; k < rank; k++) trial[k] = projected[k];
        for (int k = rank - 1; k >= 0; k--)
        {
            double* column = triangle + (long)k * rowStride;
            double value = trial[k] * inverses[k];
            Rows.AddScaled(trial, -value, column, Rows.Padded(k));
            trial[k] = value;
        }
    }
}
