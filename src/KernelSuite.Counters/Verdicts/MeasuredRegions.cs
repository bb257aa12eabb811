using KernelSuite.Counters.Statistics;

namespace KernelSuite.Counters.Verdicts;

/// <summary>Regions of observations, with the nearest points that a batch found for one model. Read by several threads once it is filled.</summary>
internal sealed class MeasuredRegions
{
    private readonly Dictionary<Observation, (MeanRegion Region, NearestPoint? Nearest)> known = new(ReferenceEqualityComparer.Instance);

    /// <summary>Notes what is known of an observation: its nearest point too, unless it has to be solved for by itself.</summary>
    public void Add(Observation observation, MeanRegion region, NearestPoint? nearest) => known[observation] = (region, nearest);

    /// <summary>What is known of an observation; null where it was not in the batch.</summary>
    public (MeanRegion Region, NearestPoint? Nearest)? Find(Observation observation) =>
        known.TryGetValue(observation, out (MeanRegion, NearestPoint?) found) ? found : null;
}
