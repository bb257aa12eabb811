using System.Numerics;

namespace KernelSuite.Counters.Cones;

/// <summary>
/// Reduced echelon form of whole-number rows, in exact arithmetic: every row primitive, its pivot positive and alone in its column.
/// </summary>
internal sealed class Elimination
{
    private readonly List<BigInteger[]> rows = [];
    private readonly List<int> pivots = [];

    public int Rank => rows.Count;

    public IReadOnlyList<int> Pivots => pivots;

    public IReadOnlyList<BigInteger[]> Rows => rows;

    /// <summary>
    /// Adds a row; false where it is in the span of those before. Pivots are looked for in the first <paramref name="pivotColumns"/> columns.
    /// </summary>
    public bool TryAdd(BigInteger[] row, int pivotColumns)
    {
        for (int r = 0; r < rows.Count; r++)
        {
            if (!row[pivots[r]].IsZero) row = IntegerVector.Eliminate(row, rows[r], pivots[r]);
        }

        int pivot = Array.FindIndex(row, 0, pivotColumns, static entry => !entry.IsZero);
        if (pivot < 0) return false;
        row = (BigInteger[])row.Clone();
        IntegerVector.MakePrimitive(row);
        if (row[pivot].Sign < 0) IntegerVector.Negate(row);
        for (int r = 0; r < rows.Count; r++)
        {
            if (!rows[r][pivot].IsZero) rows[r] = IntegerVector.Eliminate(rows[r], row, pivot);
        }

        rows.Add(row);
        pivots.Add(pivot);
        return true;
    }

    /// <summary>A primitive basis of the vectors that are orthogonal to every row, one for each column without a pivot.</summary>
    public List<BigInteger[]> NullSpace(int columns)
    {
        BigInteger common = BigInteger.One;
        for (int r = 0; r < rows.Count; r++) common *= rows[r][pivots[r]] / BigInteger.GreatestCommonDivisor(common, rows[r][pivots[r]]);
        var basis = new List<BigInteger[]>();
        foreach (int free in Enumerable.Range(0, columns).Except(pivots))
        {
            var vector = new BigInteger[columns];
            vector[free] = common;
            for (int r = 0; r < rows.Count; r++) vector[pivots[r]] = -rows[r][free] * (common / rows[r][pivots[r]]);
            IntegerVector.MakePrimitive(vector);
            basis.Add(vector);
        }

        return basis;
    }
}
