namespace KernelSuite.Counters.Verdicts;

/// <summary>
/// max c · x over A x ≤ b, x ≥ 0, on a dense dictionary (Chvátal, Linear Programming, 1983): for the small programs of box regions. Steepest
/// coefficient first; after a run of pivots without gain Bland's smallest-index rule, under which no dictionary comes twice, until there is gain
/// again. The caller scales.
/// </summary>
internal sealed class DenseSimplex
{
    // Entries are scaled to about 1; what pivots leave of a zero is some 1e-15.
    private const double Tolerance = 1e-11;

    private readonly int constraints;
    private readonly int variables;
    private readonly double[] table; // [constraints + 1][variables + 1]: x_basic = last column - Σ entries · x_nonbasic; last row: the objective
    private readonly int[] basic;
    private readonly int[] nonbasic;

    /// <param name="constraints">Rows of A.</param>
    /// <param name="variables">Columns of A. Variable j is named j, the slack of constraint i variables + i.</param>
    public DenseSimplex(int constraints, int variables)
    {
        (this.constraints, this.variables) = (constraints, variables);
        table = new double[checked((constraints + 1) * (variables + 1))];
        (basic, nonbasic) = ([.. Enumerable.Range(variables, constraints)], [.. Enumerable.Range(0, variables)]);
    }

    /// <summary>Entry of A; of c in row <c>constraints</c>, of b in column <c>variables</c>.</summary>
    public ref double this[int row, int column] => ref table[row * (variables + 1) + column];

    /// <summary>c · x.</summary>
    public double Objective => -table[^1];

    /// <summary>Exchanges a variable that makes every constraint hold, for the slack that needs it most; a no-op where b ≥ 0.</summary>
    /// <param name="variable">A column of A with negative entries only.</param>
    public void MakeFeasible(int variable)
    {
        int leaving = -1;
        double need = 0;
        for (int i = 0; i < constraints; i++)
        {
            double ratio = this[i, variables] / -this[i, variable];
            if (ratio < need) (need, leaving) = (ratio, i);
        }

        if (leaving >= 0) Pivot(leaving, variable);
    }

    /// <summary>Goes to the optimum from a feasible dictionary.</summary>
    /// <returns>False where the bound of pivots was reached, or the objective has no bound.</returns>
    public bool Maximise()
    {
        int stuck = 0, patience = constraints + variables, bound = 200 * patience + 1000;
        for (int step = 0; step < bound; step++)
        {
            int entering = Entering(stuck > patience);
            if (entering < 0) return true;
            int leaving = Leaving(entering);
            if (leaving < 0) return false;
            double before = Objective;
            Pivot(leaving, entering);
            stuck = Objective > before + Tolerance * Math.Abs(before) ? 0 : stuck + 1;
        }

        return false;
    }

    /// <summary>Value of a variable or slack.</summary>
    public double Value(int name)
    {
        int row = Array.IndexOf(basic, name);
        return row < 0 ? 0 : this[row, variables];
    }

    /// <summary>Multiplier of a constraint: what the objective gains of a unit more of b.</summary>
    public double Multiplier(int constraint)
    {
        int column = Array.IndexOf(nonbasic, variables + constraint);
        return column < 0 ? 0 : Math.Max(-this[constraints, column], 0);
    }

    private int Entering(bool smallestName)
    {
        int best = -1;
        double most = Tolerance;
        for (int j = 0; j < variables; j++)
        {
            double gain = this[constraints, j];
            if (gain <= Tolerance) continue;
            if (smallestName ? best < 0 || nonbasic[j] < nonbasic[best] : gain > most) (most, best) = (gain, j);
        }

        return best;
    }

    private int Leaving(int entering)
    {
        int best = -1;
        double least = double.PositiveInfinity;
        for (int i = 0; i < constraints; i++)
        {
            double entry = this[i, entering];
            if (entry <= Tolerance) continue;
            double ratio = Math.Max(this[i, variables], 0) / entry;
            if (ratio < least || (ratio == least && basic[i] < basic[best])) (least, best) = (ratio, i);
        }

        return best;
    }

    private void Pivot(int row, int column)
    {
        int width = variables + 1;
        Span<double> pivotRow = table.AsSpan(row * width, width);
        double inverse = 1 / pivotRow[column];
        pivotRow[column] = 1;
        System.Numerics.Tensors.TensorPrimitives.Multiply(pivotRow, inverse, pivotRow);
        for (int i = 0; i <= constraints; i++)
        {
            if (i == row) continue;
            Span<double> target = table.AsSpan(i * width, width);
            double factor = target[column];
            if (factor == 0) continue;
            target[column] = 0;
            System.Numerics.Tensors.TensorPrimitives.MultiplyAdd(pivotRow, -factor, target, target);
        }

        (basic[row], nonbasic[column]) = (nonbasic[column], basic[row]);
    }
}
