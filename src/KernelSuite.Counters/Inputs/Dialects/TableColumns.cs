using KernelSuite.Counters.Inputs.Collecting;
using KernelSuite.Counters.Inputs.Text;

namespace KernelSuite.Counters.Inputs.Dialects;

/// <summary>The columns of a table with a header, found by names given or known.</summary>
internal sealed class TableColumns
{
    /// <summary>A column to group by that no file has: the file's own name.</summary>
    public const string File = "file";

    public static readonly string[] Counter = ["counter", "event", "counter_name", "event_name", "gem5_stat"];
    public static readonly string[] Value = ["value", "count", "counter_value", "gem5_value"];
    public static readonly string[] Running = ["percent_running", "running_percent", "pcnt-running"];

    private static readonly string[] Sample =
        ["time", "timestamp", "time_ns", "time_s", "interval", "sample", "sample_id", "window", "window_id", "parent_window_id", "round", "repeat",
        "run"];

    private readonly InputPlace place;

    public TableColumns(InputPlace place, FieldSplitter header, ReadOnlySpan<byte> line)
    {
        this.place = place;
        Names = new string[header.Count];
        for (int i = 0; i < Names.Length; i++) Names[i] = ObservationId.Text(header.Field(line, i));
    }

    public string[] Names { get; }

    /// <summary>The column of one of these names; -1 where there is none.</summary>
    public int Find(params string[] names)
    {
        foreach (string name in names)
        {
            int found = Array.FindIndex(Names, n => n.Equals(name, StringComparison.OrdinalIgnoreCase));
            if (found >= 0) return found;
        }

        return -1;
    }

    /// <summary>The column that the caller named, or else one known by its name.</summary>
    public int Require(string? given, string[] known, string what)
    {
        int found = given is null ? Find(known) : Find(given);
        return found >= 0 ? found : throw place.Error(
            0, $"no column {(given is null ? $"of {what}" : $"'{given}'")} among {List()}",
            given is null ? $"one of {string.Join(", ", known)}" : "a column of the header",
            "Name the column that holds it.");
    }

    /// <summary>Columns that the caller named; the pseudo-column <see cref="File"/> is -1.</summary>
    public int[] All(IReadOnlyList<string> given) => [.. given.Select(name =>
        Find(name) is >= 0 and int found ? found : name.Equals(File, StringComparison.OrdinalIgnoreCase) ? -1 : Require(name, [], ""))];

    /// <summary>The columns that tell samples apart.</summary>
    public int[] SampleColumns(SampleReadOptions options) => options.SampleBy is { } given
        ? All(given)
        : [.. Enumerable.Range(0, Names.Length).Where(i => Sample.Contains(Names[i], StringComparer.OrdinalIgnoreCase))];

    private string List() => Names.Length <= 12 ? string.Join(", ", Names) : $"{string.Join(", ", Names.Take(12))}, ... ({Names.Length} columns)";
}
