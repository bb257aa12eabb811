using System.Text;
using KernelSuite.Counters.Inputs.Text;
using KernelSuite.Counters.Statistics;

namespace KernelSuite.Counters.Inputs.Collecting;

/// <summary>Takes values with their event, observation and sample from all files of a read, and builds observations from them in one pass.</summary>
internal sealed class SampleCollector(SampleReadOptions options)
{
    private readonly NameTable seriesKeys = new();
    private readonly List<SampleSeries> series = [];
    private readonly NameTable observationKeys = new();
    private readonly List<ObservationInput> observations = [];
    private readonly Dictionary<ObservationInput, bool> exact = [];
    private long momentEntries;
    private long openValues;

    public EventTable Events { get; } = new(options);

    public ReadTally Tally { get; } = new();

    /// <summary>The series of a key, made where it is new.</summary>
    /// <param name="seriesKey">What tells it from others; holds the observation's key too.</param>
    /// <param name="observationKey">What tells its observation from others.</param>
    /// <param name="id">Names the observation; called once for each.</param>
    /// <param name="place">Where the file stands, for errors.</param>
    public SampleSeries Series(ReadOnlySpan<byte> seriesKey, ReadOnlySpan<byte> observationKey, Func<(string Id, string? Group, bool Exact)> id,
        InputPlace place)
    {
        int found = seriesKeys.Find(seriesKey);
        if (found >= 0) return series[found];
        if (series.Count == InputLimits.MostSeries)
            throw place.Error(0, $"more than {InputLimits.MostSeries:N0} series of samples", $"at most {InputLimits.MostSeries:N0}",
                InputPlace.GroupLess);
        int observation = observationKeys.Find(observationKey);
        if (observation < 0)
        {
            if (observations.Count == InputLimits.MostObservations)
                throw place.Error(0, $"more than {InputLimits.MostObservations:N0} observations", $"at most {InputLimits.MostObservations:N0}",
                    InputPlace.GroupLess);
            observation = observationKeys.Add(observationKey);
            (string name, string? group, bool isExact) = id();
            observations.Add(new ObservationInput(name, group, Events));
            exact.Add(observations[observation], options.Exact ?? isExact);
        }

        seriesKeys.Add(seriesKey);
        series.Add(new SampleSeries(observations[observation]));
        return series[^1];
    }

    /// <summary>Makes a sample the open one of its series; closes the one before it.</summary>
    public void Open(SampleSeries of, ReadOnlySpan<byte> sampleKey)
    {
        if (of.IsAt(sampleKey)) return;
        Close(of);
        of.Rekey(sampleKey);
    }

    /// <summary>Adds a value to the open sample of a series.</summary>
    /// <returns>False where the sample has a value of this event already.</returns>
    public bool Put(SampleSeries to, int eventPlace, double value, InputPlace place)
    {
        if (Events.CounterOf(eventPlace) == EventTable.Unwanted) return true;
        int at = to.Observation.PlaceOf(eventPlace);
        if (at < 0) at = Widen(to.Observation, eventPlace, place);
        if (at < to.Capacity) return to.Put(at, value);
        int before = to.Capacity;
        bool put = to.Put(at, value);
        openValues += to.Capacity - before;
        if (openValues > InputLimits.MostOpenValues)
            throw place.Error(0, $"open samples hold more than {InputLimits.MostOpenValues:N0} values", "fewer counters or series",
                InputPlace.FewerCounters);
        return put;
    }

    /// <summary>Notes that an event has no value in the open sample of a series.</summary>
    public void Miss(SampleSeries from, int eventPlace, DropReason reason)
    {
        if (Events.CounterOf(eventPlace) == EventTable.Unwanted) return;
        if (from.Observation.PlaceOf(eventPlace) < 0) from.Observation.Miss(eventPlace);
        else from.Spoil(reason);
    }

    public void Close(SampleSeries of) => Tally.Closed(of.Close());

    /// <summary>Ends every open sample, at the end of a file or of a section.</summary>
    public void CloseAll()
    {
        foreach (SampleSeries one in series) Close(one);
    }

    /// <summary>The observations that have samples.</summary>
    public List<Observation> Build()
    {
        CloseAll();
        var built = new List<Observation>(observations.Count);
        var empty = new List<string>();
        var other = new List<string>();
        foreach (ObservationInput input in observations)
        {
            Tally.Samples += input.Samples;
            foreach (string sum in input.UnaskedSums()) Tally.Warn($"{input.Id}: {sum}; name one of them, or read them without normalising.");
            string[] never = [.. input.NeverCounted()];
            if (never.Length > 0) Tally.Warn($"{input.Id}: {List(never)} never had a value and {(never.Length == 1 ? "is" : "are")} left out.");
            if (input.Build(exact[input]) is { } observation) built.Add(observation);
            else (input.Count > 0 ? empty : other).Add(input.Id);
        }

        if (other.Count > 0) Tally.Warn($"No counter of those that were asked for: {List(other)}.");

        if (empty.Count > 0)
            Tally.Warn($"No complete sample: {List(empty)}. Rows of one sample have to follow one another within an observation, and every "
                + "sample needs all its counters.");
        string[] missing = [.. Events.NeverSeen()];
        if (missing.Length > 0) Tally.Warn($"Counters that were asked for and are not in the files: {List(missing)}.");
        return built;
    }

    private static string List(IReadOnlyCollection<string> names)
    {
        const int Shown = 8;
        var text = new StringBuilder().AppendJoin(", ", names.Take(Shown));
        return names.Count > Shown ? text.Append(FormattableString.Invariant($" and {names.Count - Shown} more")).ToString() : text.ToString();
    }

    private int Widen(ObservationInput observation, int eventPlace, InputPlace place)
    {
        int count = observation.Count;
        if (count == InputLimits.MostCountersOfObservation)
            throw place.Error(0, $"'{observation.Id}' has more than {count} counters", $"at most {count}", InputPlace.FewerCounters);
        momentEntries += Entries(count + 1) - Entries(count);
        if (momentEntries > InputLimits.MostMomentEntries)
            throw place.Error(0, $"the covariances of all observations have more than {InputLimits.MostMomentEntries:N0} entries", "fewer",
                InputPlace.FewerCounters);
        long lost = observation.Add(eventPlace);
        if (lost > 0)
        {
            Tally.Incomplete += lost;
            Tally.Warn($"{place.Here}: '{Events.EventName(eventPlace)}' is recorded for '{observation.Id}' from here on; the {lost:N0} samples "
                + "before lack it and are dropped.");
        }

        return count;
    }

    /// <summary>Doubles that a builder of so many counters holds: covariance, kept samples, batches, pending rows.</summary>
    private static long Entries(long counters) => counters == 0 ? 0 : 2 * counters * counters + 140 * counters;
}
