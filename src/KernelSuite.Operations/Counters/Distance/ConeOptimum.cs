namespace KernelSuite.Operations.Counters.Distance;

/// <summary>
/// min |A f - b| over f ≥ 0 with twice the digits of a double: what kernels are judged by, so it shares nothing with them but the problem. Columns
/// enter one by one, the normal equations of the passive ones are solved by Cholesky, residual and gradients are computed anew from A, b and f. That
/// the result is the optimum does not rest on how it was found: it is held against the conditions of Karush, Kuhn and Tucker, which are sufficient.
/// </summary>
internal sealed class ConeOptimum
{
    /// <summary>
    /// Share of |b| below which a gradient is zero. Weights up to 1e11 |b|, which columns 1e-11 from each other have, leave it 1e-21.
    /// </summary>
    private const double Zero = 1e-18;

    /// <summary>Share of |b| above which doubles tell a gradient from zero.</summary>
    private const double Rough = 1e-9;

    /// <summary>What the proof asks of gradients, as a share of |b|.</summary>
    private const double Proven = 1e-16;

    /// <summary>Square of what a unit column must add to the passive ones.</summary>
    private const double Dependent = 1e-26;

    private readonly DoubleDouble[][] columns;
    private readonly DoubleDouble[] target;
    private readonly List<int> passive = [];
    private readonly List<DoubleDouble[]> factor = []; // Rows of L, L Lᵀ the Gram matrix of the passive columns; as many as are up to date.
    private readonly bool[] barred;
    private readonly double[][] rough;

    private ConeOptimum(DoubleDouble[][] columns, DoubleDouble[] target)
    {
        (this.columns, this.target) = (columns, target);
        Residual = [.. target];
        Weights = new DoubleDouble[columns.Length];
        barred = new bool[columns.Length];
        rough = [.. columns.Select(column => column.Select(value => value.High).ToArray())];
    }

    /// <summary>b - A f.</summary>
    public DoubleDouble[] Residual { get; }

    /// <summary>f.</summary>
    public DoubleDouble[] Weights { get; }

    public static DoubleDouble Length(DoubleDouble[] vector) => DoubleDouble.Sqrt(DoubleDouble.Dot(vector, vector));

    /// <summary>Solves.</summary>
    /// <param name="columns">Columns of A, of unit length or zero.</param>
    /// <param name="target">b.</param>
    /// <exception cref="InvalidOperationException">What was found is not the optimum: nothing can be judged by it.</exception>
    public static ConeOptimum Find(DoubleDouble[][] columns, DoubleDouble[] target)
    {
        var result = new ConeOptimum(columns, target);
        result.Solve();
        return Fault(columns, target, result.Weights) is { } fault ? throw new InvalidOperationException(fault) : result;
    }

    /// <summary>Null where f ≥ 0, no column has a positive gradient, and those with a weight have none: then no other f ≥ 0 is nearer.</summary>
    /// <param name="columns">Columns of A, of unit length or zero.</param>
    /// <param name="target">b.</param>
    /// <param name="weights">f.</param>
    public static string? Fault(DoubleDouble[][] columns, DoubleDouble[] target, DoubleDouble[] weights)
    {
        DoubleDouble[] residual = [.. target];
        for (int j = 0; j < columns.Length; j++)
            for (int i = 0; i < residual.Length; i++) residual[i] -= weights[j] * columns[j][i];
        double most = Proven * (double)Length(target);
        for (int j = 0; j < columns.Length; j++)
        {
            double gradient = (double)DoubleDouble.Dot(columns[j], residual), weight = (double)weights[j];
            if (weight >= 0 && gradient <= most && (weight == 0 || gradient >= -most)) continue;
            return $"The reference is not at an optimum: column {j} has weight {weight} and gradient {gradient}, where {most} counts as zero.";
        }

        return null;
    }

    private void Solve()
    {
        DoubleDouble best = DoubleDouble.Dot(Residual, Residual);
        double threshold = Zero * (double)Length(target);

        // A passive set does not come twice, and no case so far took a tenth of this; the proof says whether it was enough.
        for (int round = 0; round < 100 * (target.Length + columns.Length); round++)
        {
            int entering = Roughly(Rough * (double)Length(target));
            if (entering < 0) entering = Steepest(threshold);
            if (entering < 0) return;
            passive.Add(entering);
            Settle();
            SetResidual();
            DoubleDouble now = DoubleDouble.Dot(Residual, Residual);
            if (now < best) Array.Clear(barred);
            else barred[entering] = true;
            if (now < best) best = now;
        }
    }

    /// <summary>The free column with the largest gradient above a threshold; -1 for none.</summary>
    private int Steepest(double threshold)
    {
        int entering = -1;
        DoubleDouble steepest = threshold;
        for (int j = 0; j < columns.Length; j++)
        {
            if (barred[j] || passive.Contains(j)) continue;
            DoubleDouble gradient = DoubleDouble.Dot(columns[j], Residual);
            if (gradient > steepest) (entering, steepest) = (j, gradient);
        }

        return entering;
    }

    /// <summary>The same as far as doubles tell: any column that goes downhill may enter, and most rounds are far from the end.</summary>
    private int Roughly(double threshold)
    {
        int entering = -1;
        double[] residual = [.. Residual.Select(value => value.High)];
        for (int j = 0; j < columns.Length; j++)
        {
            if (barred[j] || passive.Contains(j)) continue;
            double gradient = 0;
            for (int i = 0; i < residual.Length; i++) gradient += rough[j][i] * residual[i];
            if (gradient > threshold) (entering, threshold) = (j, gradient);
        }

        return entering;
    }

    /// <summary>Goes to the least squares of the passive columns, or as far as all weights stay positive, and drops the one that does not.</summary>
    private void Settle()
    {
        while (passive.Count > 0)
        {
            if (Factor() is int dependent)
            {
                Drop(dependent);
                continue;
            }

            DoubleDouble[] trial = LeastSquares();
            DoubleDouble share = 1;
            int blocking = -1;
            for (int k = 0; k < trial.Length; k++)
            {
                if (trial[k].High > 0) continue;
                DoubleDouble weight = Weights[passive[k]], limit = weight.High > 0 ? weight / (weight - trial[k]) : default;
                if (blocking < 0 || limit < share) (blocking, share) = (k, limit);
            }

            for (int k = 0; k < trial.Length; k++)
            {
                ref DoubleDouble weight = ref Weights[passive[k]];
                weight = blocking < 0 ? trial[k] : weight + (share * (trial[k] - weight));
                if (weight.High < 0) weight = default;
            }

            if (blocking < 0) return;
            Drop(blocking);
        }
    }

    private void Drop(int place)
    {
        Weights[passive[place]] = default;
        passive.RemoveAt(place);
        if (factor.Count > place) factor.RemoveRange(place, factor.Count - place);
    }

    /// <summary>Brings L up to date; gives the place of a column that depends on those before it.</summary>
    private int? Factor()
    {
        for (int k = factor.Count; k < passive.Count; k++)
        {
            var row = new DoubleDouble[k + 1];
            DoubleDouble[] column = columns[passive[k]];
            for (int l = 0; l < k; l++)
                row[l] = (DoubleDouble.Dot(column, columns[passive[l]]) - DoubleDouble.Dot(row.AsSpan(0, l), factor[l].AsSpan(0, l))) / factor[l][l];
            DoubleDouble square = DoubleDouble.Dot(column, column) - DoubleDouble.Dot(row.AsSpan(0, k), row.AsSpan(0, k));
            if (!(square.High > Dependent)) return k;
            row[k] = DoubleDouble.Sqrt(square);
            factor.Add(row);
        }

        return null;
    }

    private DoubleDouble[] LeastSquares()
    {
        DoubleDouble[] x = [.. passive.Select(j => DoubleDouble.Dot(columns[j], target))];
        for (int k = 0; k < x.Length; k++) x[k] = (x[k] - DoubleDouble.Dot(factor[k].AsSpan(0, k), x.AsSpan(0, k))) / factor[k][k];
        for (int k = x.Length - 1; k >= 0; k--)
        {
            for (int l = k + 1; l < x.Length; l++) x[k] -= factor[l][k] * x[l];
            x[k] /= factor[k][k];
        }

        return x;
    }

    private void SetResidual()
    {
        target.CopyTo(Residual, 0);
        foreach (int j in passive)
            for (int i = 0; i < Residual.Length; i++) Residual[i] -= Weights[j] * columns[j][i];
    }
}
