using KernelSuite.Counters.Inputs.Collecting;
using KernelSuite.Counters.Inputs.Text;

namespace KernelSuite.Counters.Inputs.Dialects;

/// <summary>What both outputs of perf have in common: where a value goes, and whether it counts.</summary>
internal sealed class PerfRows
{
    /// <summary>The column of cpu, core, socket, node or thread.</summary>
    public const string Scope = "cpu";

    /// <summary>The column of control groups.</summary>
    public const string Cgroup = "cgroup";

    private readonly DialectSource source;
    private readonly KeyWriter seriesKey = new(), observationKey = new(), lastKey = new();
    private readonly byte[] file;
    private readonly string[] group;
    private readonly HashSet<int> unsupported = [];
    private SampleSeries? last;

    public PerfRows(DialectSource source)
    {
        this.source = source;
        file = System.Text.Encoding.UTF8.GetBytes(source.Place.Name);
        group = [.. source.Options.GroupBy ?? [Scope, Cgroup]];
        string? unknown = group.FirstOrDefault(g => !Is(g, Scope) && !Is(g, Cgroup) && !Is(g, TableColumns.File));
        if (unknown is not null)
            throw source.Place.FileError($"no column '{unknown}' in the output of perf", $"{Scope}, {Cgroup} or {TableColumns.File}",
                "Group by one of these, or by none.");
        if (source.Options.SampleBy is { Count: > 0 } || source.Options.ShuffleBy is not null)
            throw source.Place.FileError("columns named to tell samples apart", "none: intervals are the samples of perf's output",
                "Leave these options out, or convert to a long table.");
    }

    /// <summary>The series of a scope.</summary>
    public SampleSeries Series(ReadOnlySpan<byte> scope, ReadOnlySpan<byte> cgroup)
    {
        seriesKey.Clear();
        seriesKey.Add(scope);
        seriesKey.Add(cgroup);
        return last is not null && seriesKey.Key.SequenceEqual(lastKey.Key) ? last : Switch(scope, cgroup);
    }

    private SampleSeries Switch(ReadOnlySpan<byte> scope, ReadOnlySpan<byte> cgroup)
    {
        if (scope.Length + cgroup.Length > InputLimits.MostNameBytes)
            throw source.Place.Error(0, "a very long name of a cpu or control group", $"at most {InputLimits.MostNameBytes} bytes",
                "Check the separator.");
        observationKey.Clear();
        var names = new List<string>();
        var values = new List<string>();
        foreach (string column in group)
        {
            ReadOnlySpan<byte> value = Is(column, Scope) ? scope : Is(column, Cgroup) ? cgroup : file;
            observationKey.Add(value);
            if (value.IsEmpty) continue;
            names.Add(column);
            values.Add(ObservationId.Text(value));
        }

        if (Array.Exists(group, g => Is(g, TableColumns.File))) seriesKey.Add(file);
        last = source.Collector.Series(seriesKey.Key, observationKey.Key, () => (ObservationId.Of(names, values), null, false), source.Place);
        lastKey.Clear();
        lastKey.Add(scope);
        lastKey.Add(cgroup);
        return last;
    }

    /// <summary>Puts one value into a series. Without a time, an event that comes again begins the next sample.</summary>
    public void Put(SampleSeries series, ReadOnlySpan<byte> time, int place, PerfCount count, bool isCounted)
    {
        source.Collector.Tally.Rows++;
        if (!time.IsEmpty) source.Collector.Open(series, time);
        if (isCounted) source.Collector.Tally.Running(count.RunningPercent);
        if (!isCounted || count.RunningPercent <= source.Options.MinimumRunningPercent)
        {
            source.Collector.Miss(series, place, isCounted ? DropReason.NotRunning : DropReason.NotCounted);
            return;
        }

        if (source.Collector.Put(series, place, count.Value, source.Place)) return;
        if (!time.IsEmpty)
            throw source.Place.Error(0, "an event that comes twice in one interval", "one value an event",
                "Name each event once, and let perf print one row a cpu or none.");
        source.Collector.Close(series);
        source.Collector.Put(series, place, count.Value, source.Place);
    }

    /// <summary>Says once that an event is not supported where it was recorded.</summary>
    public void Unsupported(int place)
    {
        source.Collector.Tally.Rows++;
        if (unsupported.Add(place))
        {
            source.Collector.Tally.Warn(
                $"{source.Place.Name}: '{source.Collector.Events.EventName(place)}' is <not supported> on the machine that recorded it; virtual "
                + "machines often hide the counters.");
        }
    }

    private static bool Is(string a, string b) => a.Equals(b, StringComparison.OrdinalIgnoreCase);
}
