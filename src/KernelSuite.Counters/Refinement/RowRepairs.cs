using System.Numerics;
using KernelSuite.Counters.Cones;
using KernelSuite.Counters.Reports;
using KernelSuite.Counters.Statistics;
using KernelSuite.Counters.Verdicts;

namespace KernelSuite.Counters.Refinement;

/// <summary>
/// For each constraint w · v ≤ 0 of the model without features that an observation breaks: the features that add a signature with w · s &gt; 0.
/// Without such a signature the constraint holds still, whatever else a feature does.
/// </summary>
internal static class RowRepairs
{
    // What a person reads; certificates of observations that break no single row can all differ.
    private const int MostRows = 100;

    public static IReadOnlyList<RowRepair> Find(
        FeatureSpace space, IReadOnlyList<Observation> observations, RefineOptions options, double confidence, VerdictBatch? batch,
        CancellationToken cancellation)
    {
        CheckReport report = ModelCheck.Run(
            space.Pool.Set(space.Ids(0)), observations, options.Verdicts with { Confidence = confidence }, options.Cones, batch, cancellation);
        Dictionary<string, ConeRow> rows = report.Rows.ToDictionary(r => r.Row.ToString(), r => r.Row);
        var broken = new OrderedDictionary<ConeRow, (bool IsFacet, List<string> Observations)>();
        foreach (VerdictResult result in report.Observations.Select(o => o.Result))
        {
            string id = result.Observation.Id;
            foreach (RowResult row in result.Violated) Note(Oriented(rows[row.Row.Name], row.Value), isFacet: true, id);
            if (result.Certificate is { } certificate && !result.Violated.Any())
                Note(new KnownRow(space.Pool, certificate.Counters, certificate.Coefficients, id).Row, isFacet: false, id);
        }

        return [.. broken.OrderByDescending(b => b.Value.IsFacet).ThenByDescending(b => b.Value.Observations.Count).Take(MostRows)
            .Select(b => Of(space, b.Key, b.Value.IsFacet, b.Value.Observations, cancellation))];

        void Note(ConeRow row, bool isFacet, string id)
        {
            if (broken.TryGetValue(row, out (bool, List<string> Observations) known)) known.Observations.Add(id);
            else broken.Add(row, (isFacet, [id]));
        }
    }

    private static RowRepair Of(FeatureSpace space, ConeRow row, bool isFacet, List<string> observations, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var known = new KnownRow(space.Pool, row.Counters, row.Coefficients, observations[0]);
        int count = space.Features.Count;
        bool[] alone = [.. Enumerable.Range(0, count).Select(i => !known.HoldsFor(space.Ids(1u << i)))];
        var pairs = new List<(string, string)>();
        for (int i = 0; i < count; i++)
        {
            for (int j = i + 1; j < count; j++)
            {
                if (!alone[i] && !alone[j] && !known.HoldsFor(space.Ids(1u << i | 1u << j))) pairs.Add((space.Features[i], space.Features[j]));
            }
        }

        return new RowRepair(row, isFacet, observations, [.. space.Features.Where((_, i) => alone[i])], pairs);
    }

    /// <summary>The inequality that a value breaks: the row itself, or that side of an equality.</summary>
    private static ConeRow Oriented(ConeRow row, double value)
    {
        BigInteger sign = row.IsEquality && value < 0 ? -1 : 1;
        return new ConeRow(row.Counters, [.. row.Coefficients.Select(c => sign * c)], isEquality: false);
    }
}
