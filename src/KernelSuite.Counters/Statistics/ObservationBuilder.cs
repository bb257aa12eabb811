using System.Numerics.Tensors;

namespace KernelSuite.Counters.Statistics;

/// <summary>
/// Summarises the samples of one setting of an experiment (workload, page size, footprint) as they come, in memory that does not grow with their
/// number. Samples are in order of time; a sample holds one value a counter over one interval, the same interval for all.
/// </summary>
public sealed class ObservationBuilder
{
    // Kept apart while a covariance of full rank is out of reach: shrinkage then needs the samples themselves.
    private const int MostKeptCounters = 512;

    private readonly string id;
    private readonly CounterSet counters;
    private readonly SampleMoments moments;
    private readonly SeriesRecorder series;
    private List<double[]>? kept;
    private long dropped;

    /// <summary>Starts an observation.</summary>
    /// <param name="id">What names the setting.</param>
    /// <param name="counters">The counters of every sample; at least one.</param>
    /// <param name="group">What tells runs of the same setting with shuffled counter groups apart; null where there is one run.</param>
    /// <exception cref="ArgumentException">There is no counter.</exception>
    public ObservationBuilder(string id, CounterSet counters, string? group = null)
    {
        ArgumentNullException.ThrowIfNull(id);
        ArgumentNullException.ThrowIfNull(counters);
        if (counters.Count == 0) throw new ArgumentException($"The observation '{id}' has no counters. Expected at least one.", nameof(counters));
        (this.id, this.counters, Group) = (id, counters, group);
        moments = new SampleMoments(counters.Count);
        series = new SeriesRecorder(counters.Count);
        kept = counters.Count <= MostKeptCounters ? [] : null;
    }

    /// <summary>What names the setting.</summary>
    public string Id => id;

    /// <summary>The counters of every sample.</summary>
    public CounterSet Counters => counters;

    /// <summary>What tells runs with shuffled counter groups apart.</summary>
    public string? Group { get; }

    /// <summary>Samples taken so far.</summary>
    public long Count => moments.Count;

    /// <summary>Samples left out so far because they lacked a counter.</summary>
    public long Dropped => dropped;

    /// <summary>Adds a sample. One that lacks a counter, marked by <see cref="double.NaN"/>, is left out and counted.</summary>
    /// <param name="sample">A value for each of <see cref="Counters"/>, in their order; counts, not ratios.</param>
    /// <exception cref="ArgumentException">Another length, or an infinite or too large value.</exception>
    public void Add(ReadOnlySpan<double> sample)
    {
        if (sample.Length != counters.Count)
            throw new ArgumentException($"A sample of '{id}' has {sample.Length} values. Expected {counters.Count}, one a counter.", nameof(sample));
        if (!SampleMoments.IsUsable(sample) && TensorPrimitives.IsNaNAny(sample))
        {
            dropped++;
            return;
        }

        moments.Add(sample);
        series.Add(sample);
        if (kept is null) return;
        if (kept.Count <= counters.Count) kept.Add(sample.ToArray());
        else kept = null;
    }

    /// <summary>Counts a sample that was left out before it became one, such as a row of a file without a value.</summary>
    public void Drop() => dropped++;

    /// <summary>The observation so far; the builder can go on.</summary>
    /// <exception cref="InvalidOperationException">Every sample was left out, or none came.</exception>
    public Observation Build()
    {
        if (moments.Count == 0)
        {
            throw new InvalidOperationException($"The observation '{id}' has no complete sample; {dropped} lacked a counter. " +
                "Record all its counters over the same intervals, or build it over the counters that every sample has.");
        }

        SampleMoments result = moments.Clone().Freeze();
        Shrinkage? shrinkage = kept is { } samples && result.Count <= counters.Count + 1 ? Shrinkage.LedoitWolf(result, samples) : null;
        return new Observation(id, counters, result, Group)
        {
            Dropped = dropped,
            Series = series.Diagnose(result),
            Shrinkage = shrinkage,
        }.WithWarnings();
    }
}
