using KernelSuite.Counters.Cones;
using KernelSuite.Counters.Statistics;

namespace KernelSuite.Counters.Verdicts;

/// <summary>Puts together what is tested together: an observation, or the runs of one with shuffled counter groups.</summary>
internal static class ObservationRuns
{
    /// <summary>
    /// Observations of one id, on the same counters, in distinct groups are runs of one setting; every other observation stands alone. In the order
    /// of first appearance.
    /// </summary>
    public static IReadOnlyList<TestedRuns> Of(IReadOnlyList<Observation> observations)
    {
        var result = new List<TestedRuns>();
        foreach (IGrouping<(string Id, CounterSet Counters), Observation> same in observations.GroupBy(o => (o.Id, o.Counters)))
        {
            Observation[] runs = [.. same];
            bool shuffled = runs.Length > 1 && runs.All(r => r.Group is not null) && runs.Select(r => r.Group).Distinct().Count() == runs.Length;
            if (shuffled) result.Add(new TestedRuns(runs));
            else result.AddRange(runs.Select(run => new TestedRuns([run])));
        }

        return result;
    }

    /// <summary>The counters of a model that any of some observations has, in the model's order.</summary>
    public static CounterSet Measured(CounterSet model, IReadOnlyList<Observation> observations)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (CounterSet counters in observations.Select(o => o.Counters).Distinct()) seen.UnionWith(counters);
        return new CounterSet(model.Where(seen.Contains));
    }
}
