using System.Globalization;

namespace KernelSuite.Counters.Recording;

/// <summary>
/// The long table that recordings are written to: workload, round, counter, value, and how the value came about. A round is a sample. It is written
/// beside its place and moved there when it is whole.
/// </summary>
public sealed class RecordedTable : IDisposable
{
    private readonly string path;
    private readonly string partial;
    private readonly StreamWriter writer;
    private bool isOpen = true;

    /// <summary>Begins a table.</summary>
    /// <param name="path">Where it will be; a file there is replaced.</param>
    /// <param name="workload">What the observation is called.</param>
    public RecordedTable(string path, string workload)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(workload);
        this.path = path;
        partial = path + ".part";
        Workload = workload;
        writer = new StreamWriter(partial) { NewLine = "\n" };
        writer.WriteLine("workload,round,counter,value,run_ns,percent_running,group,position,order,seed");
    }

    /// <summary>What the observation is called.</summary>
    public string Workload { get; }

    /// <summary>Rows written.</summary>
    public long Rows { get; private set; }

    /// <summary>Adds one value.</summary>
    internal void Add(in RecordedValue value)
    {
        writer.Write(Quote(Workload));
        writer.Write(string.Create(CultureInfo.InvariantCulture, $",{value.Round},{Quote(value.Counter)},"));
        writer.Write(value.Value is { } number ? number.ToString("R", CultureInfo.InvariantCulture) : "");
        writer.Write(string.Create(CultureInfo.InvariantCulture,
            $",{value.RunNanoseconds:F0},{value.RunningPercent:F2},{value.Group},{value.Position},{value.Order},{value.Seed}\n"));
        Rows++;
    }

    /// <summary>Puts the table into its place.</summary>
    public void Commit()
    {
        writer.Dispose();
        isOpen = false;
        File.Move(partial, path, overwrite: true);
    }

    /// <summary>Drops what was not committed.</summary>
    public void Dispose()
    {
        if (!isOpen) return;
        isOpen = false;
        writer.Dispose();
        File.Delete(partial);
    }

    private static string Quote(string text) => text.AsSpan().IndexOfAny(",\"\r\n#") < 0 && text == text.Trim()
        ? text : $"\"{text.ReplaceLineEndings(" ").Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}

/// <summary>A value of a recording.</summary>
/// <param name="Round">The sample.</param>
/// <param name="Counter">The counter.</param>
/// <param name="Value">Its value; null where it was not counted.</param>
internal readonly record struct RecordedValue(long Round, string Counter, double? Value)
{
    /// <summary>Time that the counter ran.</summary>
    public double RunNanoseconds { get; init; }

    /// <summary>Share of the time that it ran.</summary>
    public double RunningPercent { get; init; } = 100;

    /// <summary>The group of counters it was recorded with.</summary>
    public int Group { get; init; }

    /// <summary>The place of that group in its round.</summary>
    public int Position { get; init; }

    /// <summary>The order of all groups in the round, as in 2-0-1.</summary>
    public string Order { get; init; } = "0";

    /// <summary>The seed of the orders.</summary>
    public int Seed { get; init; }
}
