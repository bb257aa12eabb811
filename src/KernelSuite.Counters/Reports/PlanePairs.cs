using KernelSuite.Counters.Cones;
using KernelSuite.Counters.Statistics;
using KernelSuite.Counters.Verdicts;

namespace KernelSuite.Counters.Reports;

/// <summary>A plane to draw.</summary>
/// <param name="Projection">All that the model allows there.</param>
/// <param name="Slice">What it allows with the other counters held; null for a plane of sums of counters.</param>
/// <param name="Row">The row or certificate that it is drawn for.</param>
internal sealed record PlanePicture(PlaneView Projection, PlaneSlice? Slice, string Row);

/// <summary>
/// The planes that show why an observation refutes a model: both sides of its certificate, and for the worst rows the largest counter of either side.
/// </summary>
internal static class PlanePairs
{
    private const int MostPairs = 2;

    public static IReadOnlyList<PlanePicture> Of(VerdictResult result, VerdictOptions options)
    {
        CounterSet counters = result.Signatures!.Counters;
        var pictures = new List<PlanePicture>();
        if (result.Certificate is { } certificate)
        {
            PlaneAxis x = PlaneAxis.Side(counters, certificate.Coefficients, -1), y = PlaneAxis.Side(counters, certificate.Coefficients, 1);

            // A side without counters is zero: there is nothing to draw against. Two counters come among the pairs, with their section.
            if (x.Name.Length > 0 && y.Name.Length > 0 && certificate.Coefficients.Count(c => !c.IsZero) > 2)
                pictures.Add(new PlanePicture(PlaneView.Of(result, x, y), null, certificate.ToString()));
        }

        if (counters.Count < 2) return pictures;
        var drawn = new HashSet<(int, int)>();
        foreach ((IReadOnlyList<double> row, bool isEquality, string name) in Rows(result, counters))
        {
            if (drawn.Count == MostPairs) break;
            (int x, int y) = Pair(result, counters, row);
            if (!drawn.Add((Math.Min(x, y), Math.Max(x, y)))) continue;
            PlaneView view = PlaneView.Of(result, PlaneAxis.Counter(counters, x), PlaneAxis.Counter(counters, y));
            pictures.Add(new PlanePicture(view, PlaneSlice.Of(result, row, isEquality, x, y, options), name));
        }

        return pictures;
    }

    /// <summary>The certificate, the rows that are violated, those that the certificate mixes, then the row that is nearest to it.</summary>
    private static IEnumerable<(IReadOnlyList<double> Row, bool IsEquality, string Name)> Rows(VerdictResult result, CounterSet counters)
    {
        if (result.Certificate is { } certificate && certificate.Coefficients.Count(c => !c.IsZero) == 2)
            yield return (certificate.Direction(), false, certificate.ToString());
        IEnumerable<TestRow> rows = result.Violated.Select(v => v.Row).Concat((result.Certificate?.Mix ?? []).Select(m => m.Row));
        foreach (TestRow row in rows.Concat(result.Rows.Take(1).Select(r => r.Row)))
        {
            int[] places = counters.PlacesIn(row.Counters);
            yield return ([.. places.Select(p => p < 0 ? 0 : row.Coefficients[p])], row.IsEquality, row.Name);
        }

        if (result.SparseCertificate is { } sparse) yield return (sparse.Direction(), false, sparse.ToString());
        if (result.Certificate is { } any) yield return (any.Direction(), false, any.ToString());
    }

    /// <summary>The largest terms on the two sides of a row; beside a row with one side, the largest counter that it does not have.</summary>
    private static (int X, int Y) Pair(VerdictResult result, CounterSet counters, IReadOnlyList<double> row)
    {
        SampleMoments moments = result.Observation.Moments;
        double[] mean = [.. counters.PlacesIn(result.Observation.Counters).Select(p => Math.Abs(moments.Mean[p]))];
        int y = Largest(i => row[i] > 0), x = Largest(i => row[i] < 0);
        if (y < 0) y = Largest(i => row[i] == 0);
        if (x < 0) x = Largest(i => row[i] == 0);
        if (x < 0) x = Largest(i => i != y);
        return (x, y < 0 ? Largest(i => i != x) : y);

        int Largest(Func<int, bool> among) => Enumerable.Range(0, counters.Count).Where(among)
            .OrderByDescending(i => row[i] == 0 ? mean[i] : Math.Abs(row[i]) * mean[i]).FirstOrDefault(-1);
    }
}
