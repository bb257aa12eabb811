using KernelSuite.Counters.Statistics;

namespace KernelSuite.Counters.Inputs.Collecting;

/// <summary>
/// One observation while it is read. Its events are those that had a value in any of its samples. A sample that lacks one is dropped; so when an
/// event shows up late, all earlier samples lacked it, and dropping them is exactly what a second pass over the file would do.
/// </summary>
internal sealed class ObservationInput(string id, string? group, EventTable events)
{
    private readonly List<int> own = [];
    private int[] placeOf = [];
    private int[] counterOfPlace = [];
    private double[] folded = [];
    private ObservationBuilder? builder;
    private SortedSet<int>? neverCounted;

    public string Id => id;

    /// <summary>Number of its events.</summary>
    public int Count => own.Count;

    /// <summary>Samples that were taken.</summary>
    public long Samples => builder?.Count ?? 0;

    /// <summary>Samples that were dropped.</summary>
    public long Dropped { get; set; }

    /// <summary>The place of an event among its own; -1 where it had no value yet.</summary>
    public int PlaceOf(int eventPlace) => (uint)eventPlace < (uint)placeOf.Length ? placeOf[eventPlace] - 1 : -1;

    /// <summary>Takes an event in. What was summarised before lacks it and is dropped.</summary>
    /// <returns>The samples that this dropped.</returns>
    public long Add(int eventPlace)
    {
        if (eventPlace >= placeOf.Length) Array.Resize(ref placeOf, Math.Max(eventPlace + 1, 2 * placeOf.Length));
        own.Add(eventPlace);
        placeOf[eventPlace] = own.Count;
        neverCounted?.Remove(eventPlace);
        long lost = Samples;
        builder = null;
        Dropped += lost;
        return lost;
    }

    /// <summary>Remembers an event that had no value yet.</summary>
    public void Miss(int eventPlace) => (neverCounted ??= []).Add(eventPlace);

    /// <summary>Takes a sample, a value for each of its events.</summary>
    public void Take(ReadOnlySpan<double> values)
    {
        if (builder is null) Settle();
        if (folded.Length > 0)
        {
            Array.Clear(folded);
            for (int i = 0; i < values.Length; i++) folded[counterOfPlace[i]] += values[i];
            values = folded;
        }

        builder!.Add(values);
    }

    /// <summary>The summary; null where every sample was dropped.</summary>
    public Observation? Build(bool exact)
    {
        if (builder is null) return null;
        if (exact) return Observation.Exact(id, builder.Counters, builder.Build().Moments.Mean, group);
        builder.Drop(Dropped);
        return builder.Build();
    }

    /// <summary>Names of events that were listed but never had a value.</summary>
    public IEnumerable<string> NeverCounted() => neverCounted is null ? [] : neverCounted.Select(events.EventName);

    /// <summary>Counters that are sums although nobody asked for that: events that differ in what normalising takes off.</summary>
    public IEnumerable<string> UnaskedSums() =>
        from place in own
        group place by events.CounterOf(place) into parts
        where parts.Count() > 1 && !parts.All(events.IsRenamed)
        select $"'{events.Name(parts.Key)}' is the sum of {string.Join(", ", parts.Select(p => $"'{events.EventName(p)}'"))}";

    private void Settle()
    {
        int[] distinct = [.. own.Select(events.CounterOf).Distinct()];
        bool sums = distinct.Length < own.Count;
        counterOfPlace = sums ? [.. own.Select(e => Array.IndexOf(distinct, events.CounterOf(e)))] : [];
        folded = sums ? new double[distinct.Length] : [];
        builder = new ObservationBuilder(id, new CounterSet(distinct.Select(events.Name)), group);
    }
}
