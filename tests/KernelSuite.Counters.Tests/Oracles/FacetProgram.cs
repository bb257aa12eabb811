using KernelSuite.Counters.Cones;

namespace KernelSuite.Counters.Tests.Oracles;

/// <summary>
/// How far a box of axes must grow to touch a cone, by linear programs over the cone's two descriptions: mixes of signatures, and points that
/// satisfy every row. In units of the narrowest axis, so that a solver's absolute tolerances mean the same in all.
/// </summary>
internal sealed class FacetProgram(double[] mean, double[] scale, double[] axes, double[] widths, double slack)
{
    private readonly int p = mean.Length;
    private readonly double unit = widths.Min();

    /// <summary>min t over f ≥ 0 with |uᵢ · (Sᵀf - m)| ≤ t widthᵢ + slack.</summary>
    public double OverSignatures(IReadOnlyList<long[]> signatures)
    {
        double[][] columns = [.. signatures.Where(s => s.Any(entry => entry > 0))
            .Select(s => Enumerable.Range(0, p).Select(k => s[k] / scale[k]).ToArray())];
        foreach (double[] column in columns)
        {
            double most = column.Max();
            for (int k = 0; k < p; k++) column[k] *= unit / most;
        }

        return Solve(columns, []);
    }

    /// <summary>min t over points x with A x ≤ 0, E x = 0 and |uᵢ · (x - m)| ≤ t widthᵢ + slack. Cones of counts have no negative points.</summary>
    public double OverFacets(IEnumerable<ConeRow> rows)
    {
        double[][] columns = [.. Enumerable.Range(0, p).Select(k => Enumerable.Range(0, p).Select(i => i == k ? unit : 0).ToArray())];
        var extra = new List<double[]>();
        foreach (ConeRow row in rows)
        {
            double[] scaled = [.. row.Coefficients.Select((c, k) => (double)c * scale[k])];
            double most = scaled.Max(Math.Abs);
            extra.Add([.. scaled.Select(c => c / most), 0]);
            if (row.IsEquality) extra.Add([.. scaled.Select(c => -c / most), 0]);
        }

        return Solve(columns, extra);
    }

    private double Solve(double[][] columns, List<double[]> extra)
    {
        var rows = new List<double[]>(extra);
        var limits = new List<double>(new double[extra.Count]);
        for (int i = 0; i < p; i++)
        {
            double offset = Along(i, mean) / widths[i];
            double[] row = [.. columns.Select(column => Along(i, column) / widths[i]), -1];
            rows.Add(row);
            rows.Add([.. row.Take(row.Length - 1).Select(value => -value), -1]);
            limits.Add(offset + slack / widths[i]);
            limits.Add(-offset + slack / widths[i]);
        }

        return Glpk.Solve([.. new double[columns.Length], 1], [.. rows], [.. limits])!.Value;
    }

    private double Along(int axis, double[] vector)
    {
        double sum = 0;
        for (int k = 0; k < p; k++) sum += axes[axis * p + k] * vector[k];
        return sum;
    }
}
