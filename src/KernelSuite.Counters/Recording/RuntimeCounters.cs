using Microsoft.Diagnostics.Tracing;

namespace KernelSuite.Counters.Recording;

/// <summary>
/// Takes the counter events of <c>System.Runtime</c>. Counters that report an increment count something and become rows; those that report a mean
/// over the interval (heap size, queue length, CPU share) are levels, not counts, and are left out. The runtime sends all counters of an interval
/// together, in one order.
/// </summary>
internal sealed class RuntimeCounters(RecordedTable table)
{
    public const string Provider = "System.Runtime";

    // The runtime has some 30 counters; a process that invents thousands is not one to record.
    private const int MostCounters = 1024;

    private readonly HashSet<string> interval = new(StringComparer.Ordinal);
    private readonly SortedSet<string> levels = new(StringComparer.Ordinal);

    /// <summary>Intervals begun.</summary>
    public long Rounds { get; private set; }

    /// <summary>Counters that report levels.</summary>
    public IReadOnlyCollection<string> Levels => levels;

    public void Take(TraceEvent data)
    {
        if (data.ProviderName != Provider || data.EventName != "EventCounters" || data.PayloadNames.Length == 0) return;
        if (data.PayloadValue(0) is not IDictionary<string, object> outer || !outer.TryGetValue("Payload", out object? inner)) return;
        if (inner is IDictionary<string, object> fields) Take(fields);
    }

    /// <summary>Takes the payload of one counter.</summary>
    internal void Take(IDictionary<string, object> fields)
    {
        if (!fields.TryGetValue("Name", out object? text) || text is not string { Length: > 0 } name) return;
        if (!fields.TryGetValue("CounterType", out object? type) || type as string != "Sum"
            || !fields.TryGetValue("Increment", out object? increment))
        {
            if (levels.Count < MostCounters) levels.Add(name);
            return;
        }

        if (interval.Count == 0 || interval.Contains(name))
        {
            interval.Clear();
            Rounds++;
        }

        if (interval.Count == MostCounters) return;
        interval.Add(name);
        double seconds = fields.TryGetValue("IntervalSec", out object? length) && length is float f ? f : 0;
        double value = Convert.ToDouble(increment, System.Globalization.CultureInfo.InvariantCulture);

        // Some increments are differences of clocks and may be below zero by a tick; a count is not.
        double? count = double.IsFinite(value) && value >= 0 ? value : null;
        table.Add(new RecordedValue(Rounds - 1, name, count) { RunNanoseconds = Math.Max(seconds, 0) * 1e9 });
    }
}
