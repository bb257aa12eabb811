using KernelSuite.Counters.Cones;
using KernelSuite.Counters.Verdicts;

namespace KernelSuite.Counters.Reports;

/// <summary>
/// The planes that show why an observation refutes a model: both sides of its certificate, and the pairs of counters that are outside of the cone by
/// themselves.
/// </summary>
internal static class PlanePairs
{
    private const int MostPairs = 2;
    private const double WorthShowing = 3;

    // Every pair goes over all signatures.
    private const long MostProducts = 100_000_000;

    public static IReadOnlyList<PlaneView> Of(VerdictResult result)
    {
        CounterSet counters = result.Signatures!.Counters;
        var views = new List<PlaneView>();
        if (result.Certificate is { } certificate)
        {
            PlaneAxis x = PlaneAxis.Side(counters, certificate.Coefficients, -1), y = PlaneAxis.Side(counters, certificate.Coefficients, 1);

            // A side without counters is zero: there is nothing to draw against.
            if (x.Name.Length > 0 && y.Name.Length > 0) views.Add(PlaneView.Of(result, x, y));
        }

        views.AddRange(Pairs(result, counters).Where(pair => !views.Exists(v => Same(v, pair))).Take(MostPairs));
        return views;
    }

    private static IEnumerable<PlaneView> Pairs(VerdictResult result, CounterSet counters)
    {
        SignatureSet signatures = result.Signatures!;
        if ((long)counters.Count * counters.Count / 2 * counters.Count * signatures.Count > MostProducts) return [];
        var found = new List<PlaneView>();
        for (int i = 0; i < counters.Count; i++)
        {
            for (int j = i + 1; j < counters.Count; j++)
            {
                PlaneView view = PlaneView.Of(result, PlaneAxis.Counter(counters, i), PlaneAxis.Counter(counters, j));
                if (view.Beyond >= WorthShowing) found.Add(view);
            }
        }

        return found.OrderByDescending(v => v.Beyond);
    }

    private static bool Same(PlaneView a, PlaneView b) =>
        (a.X.Name, a.Y.Name) == (b.X.Name, b.Y.Name) || (a.X.Name, a.Y.Name) == (b.Y.Name, b.X.Name);
}
