using KernelSuite.Counters.Inputs.Text;

namespace KernelSuite.Counters.Inputs.Dialects;

/// <summary>
/// The parts of a line of <c>perf stat -x</c>: [time][cpu, core, socket, thread][number of cpus] value, unit, event, [cgroup][variance%] run time,
/// percent running [, variance][, metric, its unit]. perf quotes nothing and its versions order the fields differently, so parts are told by what
/// they look like.
/// </summary>
internal ref struct PerfLine
{
    /// <summary>Text of the time, empty without <c>-I</c>.</summary>
    public ReadOnlySpan<byte> Time;

    /// <summary>Text of cpu, core, socket, node or thread; empty where counts are of all.</summary>
    public ReadOnlySpan<byte> Scope;

    /// <summary>Control group; mostly empty.</summary>
    public ReadOnlySpan<byte> Cgroup;

    /// <summary>Text of the value.</summary>
    public ReadOnlySpan<byte> Value;

    /// <summary>Name of the event. One that holds the separator, as in cpu/event=1,umask=2/, is in one piece.</summary>
    public ReadOnlySpan<byte> Event;

    /// <summary>Time that the counter ran in ns.</summary>
    public double RunTime;

    /// <summary>Share of the enabled time that it ran.</summary>
    public double Percent;

    /// <summary>Where the value begins in the line.</summary>
    public int ValueOffset;

    /// <summary>Where the event begins in the line.</summary>
    public int EventOffset;

    /// <summary>Whether the line is of a metric alone, without an event, or sums intervals up.</summary>
    public bool IsMetric;

    private const int MostPrefix = 4;

    /// <summary>Takes a split line apart.</summary>
    /// <returns>False where it is no line of perf.</returns>
    public static bool TryParse(ReadOnlySpan<byte> line, FieldSplitter fields, out PerfLine parsed)
    {
        parsed = default;
        for (int i = 0; i <= MostPrefix && i + 4 < fields.Count; i++)
        {
            if (Text(line, fields, i).IsEmpty && Text(line, fields, i + 2).IsEmpty && Text(line, fields, i + 1).IsEmpty)
                return parsed.IsMetric = true;
            if (!IsValue(Text(line, fields, i)) || !IsEventStart(Text(line, fields, i + 2)) || !IsUnit(Text(line, fields, i + 1))) continue;
            if (!parsed.Tail(line, fields, i + 2)) continue;
            parsed.Value = Text(line, fields, i);
            parsed.ValueOffset = fields.Start(i);
            return parsed.Prefix(line, fields, i);
        }

        return false;
    }

    /// <summary>Event, cgroup, variance, run time and percent.</summary>
    private bool Tail(ReadOnlySpan<byte> line, FieldSplitter fields, int first)
    {
        int end = first, slashes = Slashes(line, fields, first);
        while (slashes % 2 == 1 && end + 1 < fields.Count) slashes += Slashes(line, fields, ++end);
        EventOffset = fields.Start(first);
        Event = NumberText.TrimBlanks(line[fields.Start(first)..fields.End(end)]);
        int at = end + 1;
        if (at < fields.Count && !IsRunTime(Text(line, fields, at)) && Text(line, fields, at) is [.., not (byte)'%'])
            Cgroup = Text(line, fields, at++);
        if (at < fields.Count && Text(line, fields, at) is [.., (byte)'%']) at++;
        if (at + 1 >= fields.Count || !IsRunTime(Text(line, fields, at))) return false;
        NumberText.Parse(Text(line, fields, at), DecimalMark.Auto, out RunTime);
        return NumberText.Parse(Text(line, fields, at + 1), DecimalMark.Auto, out Percent) == NumberKind.Number && Percent <= 100.5;
    }

    /// <summary>What stands before the value: a time has a fraction, a number after a scope is the number of its cpus.</summary>
    private bool Prefix(ReadOnlySpan<byte> line, FieldSplitter fields, int value)
    {
        for (int i = 0; i < value; i++)
        {
            ReadOnlySpan<byte> text = Text(line, fields, i);
            if (text.IsEmpty) return false;
            if (text.SequenceEqual("summary"u8)) return IsMetric = true; // Totals below the intervals, perhaps a socket each.
            if (i == 0 && text.IndexOfAny((byte)'.', (byte)',') > 0 && IsValue(text)) Time = text;
            else if (!IsValue(text) && Scope.IsEmpty) Scope = text;
            else if (Scope.IsEmpty || !NumberParser.IsDigits(text)) return false;
        }

        return true;
    }

    private static ReadOnlySpan<byte> Text(ReadOnlySpan<byte> line, FieldSplitter fields, int field) =>
        NumberText.TrimBlanks(line[fields.Start(field)..fields.End(field)]);

    private static bool IsValue(ReadOnlySpan<byte> text) =>
        text.SequenceEqual("<not counted>"u8) || text.SequenceEqual("<not supported>"u8)
        || (!text.IsEmpty && char.IsAsciiDigit((char)text[0])
            && NumberText.Parse(text, DecimalMark.Auto, out _) is NumberKind.Number or NumberKind.Ambiguous);

    private static bool IsEventStart(ReadOnlySpan<byte> text) => text.ContainsAnyInRange((byte)'a', (byte)'z')
        || text.ContainsAnyInRange((byte)'A', (byte)'Z');

    private static bool IsUnit(ReadOnlySpan<byte> text) => text.IsEmpty || (!char.IsAsciiDigit((char)text[0]) && text[0] != '<');

    private static bool IsRunTime(ReadOnlySpan<byte> text) => NumberParser.IsDigits(text);

    private static int Slashes(ReadOnlySpan<byte> line, FieldSplitter fields, int field) =>
        line[fields.Start(field)..fields.End(field)].Count((byte)'/');
}
