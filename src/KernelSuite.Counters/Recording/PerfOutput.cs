using KernelSuite.Counters.Inputs;
using KernelSuite.Counters.Inputs.Collecting;
using KernelSuite.Counters.Inputs.Dialects;
using KernelSuite.Counters.Inputs.Text;

namespace KernelSuite.Counters.Recording;

/// <summary>What one process of perf wrote.</summary>
internal static class PerfOutput
{
    /// <summary>The separator that recordings ask perf for: no event has it in its name.</summary>
    public const char Separator = ';';

    /// <summary>The events of a file with their values; null where they were not counted.</summary>
    /// <exception cref="CounterRecordingException">An event is not supported.</exception>
    public static List<(string Event, PerfCount Count, bool IsCounted)> Read(string path)
    {
        var found = new List<(string, PerfCount, bool)>();
        if (!File.Exists(path)) return found;
        using FileStream stream = File.OpenRead(path);
        var reader = new LineReader(stream, "the output of perf");
        var place = new InputPlace(reader);
        var fields = new FieldSplitter((byte)Separator);
        while (reader.Next())
        {
            ReadOnlySpan<byte> line = reader.Line;
            if (line.IsEmpty || line[0] == '#') continue;
            if (fields.Split(line, out _) is not null || !PerfLine.TryParse(line, fields, out PerfLine parsed))
                throw place.Error(0, $"{InputPlace.Quote(line)} is no line of 'perf stat -x\\;'", "one", "Run perf by hand to see what it prints.");
            if (parsed.IsMetric) continue;
            string name = ObservationId.Text(parsed.Event);
            if (parsed.Value.SequenceEqual("<not supported>"u8)) throw Unsupported(name);
            NumberKind kind = NumberParser.Parse(parsed.Value, DecimalMark.Point, out double value);
            found.Add((name, new PerfCount(value, parsed.RunTime, parsed.Percent), kind == NumberKind.Number && parsed.Percent > 0));
        }

        return found;
    }

    private static CounterRecordingException Unsupported(string name) => new(
        $"perf says '{name}' is <not supported> on this machine. Expected an event that it counts ('perf list' shows them). Virtual machines "
        + "usually hide the "
        + "hardware's counters: record on the host, take software events such as page-faults, or simulate with '--simulator cachegrind'.");
}
