using System.Numerics;
using KernelSuite.Counters.Statistics;
using KernelSuite.Operations.Counters.Distance;

namespace KernelSuite.Counters.Verdicts;

/// <summary>
/// Writes a violated constraint as a non-negative mix of a model's rows (and any multiple of its equalities), which it is by Farkas' lemma.
/// </summary>
internal static unsafe class RowMix
{
    // What is left out together is less than a hundredth of the violation.
    private const double Carried = .99;

    public static MixTerm[] Of(IReadOnlyList<TestRow> rows, MeanRegion region, BigInteger[] certificate)
    {
        int p = region.Counters.Count;
        double most = certificate.Max(c => Math.Abs((double)c));
        var columns = new List<(TestRow Row, double[] Scaled, int Sign)>();
        CounterSet? counters = null;
        int[] places = [];
        foreach (TestRow row in rows)
        {
            if (!ReferenceEquals(row.Counters, counters)) places = (counters = row.Counters).PlacesIn(region.Counters);
            if (RowTest.Lacks(row, places)) continue;
            var scaled = new double[p];
            for (int i = 0; i < places.Length; i++)
                if (places[i] >= 0) scaled[places[i]] = row.Coefficients[i] * region.Scale[places[i]];
            columns.Add((row, scaled, 1));
            if (row.IsEquality) columns.Add((row, [.. scaled.Select(value => -value)], -1));
        }

        if (columns.Count == 0 || !(most > 0)) return [];

        // Scaled counters make coefficients comparable; unit lengths make rows so.
        var solver = new NonnegativeLeastSquares(p, columns.Count);
        double[] lengths = [.. columns.Select(c => Math.Sqrt(c.Scaled.Sum(value => value * value)))];
        double norm = 0;
        for (int i = 0; i < p; i++)
        {
            for (int j = 0; j < columns.Count; j++) solver.ByRow[i * solver.ColumnStride + j] = columns[j].Scaled[i] / lengths[j];
            solver.Target[i] = (double)certificate[i] / most * region.Scale[i];
            norm += solver.Target[i] * solver.Target[i];
        }

        solver.ColumnsChanged();
        norm = Math.Sqrt(norm);
        for (int i = 0; i < p; i++) solver.Target[i] /= norm;
        solver.Solve();

        double total = 0;
        for (int i = 0; i < p; i++) total += (double)certificate[i] / most * region.Scale[i] / norm * region.Mean[i];
        var terms = new List<MixTerm>();
        for (int k = 0; k < solver.PassiveCount; k++)
        {
            (TestRow row, double[] scaled, int sign) = columns[solver.Passive[k]];
            double weight = solver.Weights[k] / lengths[solver.Passive[k]], value = 0;
            for (int i = 0; i < p; i++) value += weight * scaled[i] * region.Mean[i];
            terms.Add(new MixTerm(row, sign * weight * norm * most, total > 0 ? value / total : 0));
        }

        // Shares can be negative (a row that holds with room to spare, needed to make up the direction); order by size, keep what carries.
        MixTerm[] ordered = [.. terms.OrderByDescending(term => Math.Abs(term.Share))];
        double all = ordered.Sum(term => Math.Abs(term.Share)), sum = 0;
        return [.. ordered.TakeWhile(term => (sum += Math.Abs(term.Share)) - Math.Abs(term.Share) < Carried * all)];
    }
}
