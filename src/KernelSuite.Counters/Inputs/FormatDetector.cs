using KernelSuite.Counters.Inputs.Collecting;
using KernelSuite.Counters.Inputs.Dialects;
using KernelSuite.Counters.Inputs.Text;

namespace KernelSuite.Counters.Inputs;

/// <summary>Tells a file's format and its field separator from the lines at its head.</summary>
internal static class FormatDetector
{
    private const int MostLines = 200;

    private static ReadOnlySpan<byte> TableSeparators => ",;\t|"u8;

    private static ReadOnlySpan<byte> PerfSeparators => ",;\t|:^~@!&* "u8;

    /// <summary>Looks ahead without taking a line.</summary>
    /// <exception cref="CounterFormatException">It is none of the formats.</exception>
    public static (SampleFormat Format, byte Separator) Detect(LineReader reader, SampleReadOptions options)
    {
        ReadOnlySpan<byte> head = reader.Peek(InputLimits.HeadBytes);
        List<byte[]> lines = Lines(head, head.Length < InputLimits.HeadBytes);
        SampleFormat format = options.Format;
        byte? separator = options.Separator is { } given ? (byte)given : null;
        if (lines.Count == 0)
        {
            throw new CounterFormatException(reader.Name, 0, 0, head.IsEmpty ? "the file is empty"
                : $"no line of text among the first {head.Length:N0} bytes", "samples",
                "Check that the recording wrote something.");
        }

        if (format == SampleFormat.Auto) format = Marked(lines);
        if (format == SampleFormat.Auto && Perf(lines, separator) is { } found) return (SampleFormat.PerfCsv, found);
        if (format == SampleFormat.Auto) format = Table(lines, separator);
        if (format == SampleFormat.Auto)
        {
            throw new CounterFormatException(reader.Name, 1, 0, $"{InputPlace.Quote(lines[0])} begins none of the formats that are known",
                "a long or wide table with a header, 'perf stat -x' or '-j', 'ncu --csv', gem5 stats, or a cachegrind.out file",
                "Name the format and the separator.");
        }

        return (format, separator ?? (format == SampleFormat.PerfCsv ? Perf(lines, null) ?? (byte)',' : Separator(HeaderOf(lines, format))));
    }

    private static SampleFormat Marked(List<byte[]> lines)
    {
        foreach (byte[] line in lines)
        {
            ReadOnlySpan<byte> text = NumberText.TrimBlanks(line);
            if (text.StartsWith("---------- Begin Simulation Statistics"u8)) return SampleFormat.Gem5Stats;
            if (text.StartsWith("desc:"u8) || text.StartsWith("events:"u8)) return SampleFormat.Cachegrind;
            if (text[0] == '{' && (text.IndexOf("\"counter-value\""u8) > 0 || text.IndexOf("\"metric-value\""u8) > 0)) return SampleFormat.PerfJson;
            if (NcuHeader.IsOne(text)) return text.IndexOf("\"Metric Name\""u8) > 0 ? SampleFormat.NcuLong : SampleFormat.NcuRaw;
        }

        return SampleFormat.Auto;
    }

    private static byte? Perf(List<byte[]> lines, byte? separator)
    {
        if (separator is { } given) return IsPerf(lines, given) ? given : null;
        foreach (byte candidate in PerfSeparators)
            if (IsPerf(lines, candidate)) return candidate;
        return null;
    }

    /// <summary>Whether the first line that is no comment is one of perf's.</summary>
    private static bool IsPerf(List<byte[]> lines, byte separator)
    {
        var fields = new FieldSplitter(separator);
        foreach (byte[] line in lines)
            if (line[0] != '#') return fields.Split(line, out _) is null && PerfLine.TryParse(line, fields, out PerfLine parsed) && !parsed.IsMetric;
        return false;
    }

    private static SampleFormat Table(List<byte[]> lines, byte? separator)
    {
        byte[] header = HeaderOf(lines, SampleFormat.LongTable);
        var fields = new FieldSplitter(separator ?? Separator(header));
        if (fields.Split(header, out _) is not null || fields.Count < 2) return SampleFormat.Auto;
        var names = new string[fields.Count];
        for (int i = 0; i < names.Length; i++) names[i] = ObservationId.Text(fields.Field(header, i));
        bool Has(string[] known) => names.Any(n => known.Contains(n, StringComparer.OrdinalIgnoreCase));
        if (Has(TableColumns.Counter) && Has(TableColumns.Value)) return SampleFormat.LongTable;
        return names.Any(n => n.Length > 0 && char.IsAsciiLetter(n[0])) ? SampleFormat.WideTable : SampleFormat.Auto;
    }

    private static byte[] HeaderOf(List<byte[]> lines, SampleFormat format)
    {
        bool ncu = format is SampleFormat.NcuLong or SampleFormat.NcuRaw;
        return lines.Find(line => ncu ? NcuHeader.IsOne(line) : line[0] != '#') ?? lines[0];
    }

    /// <summary>The separator that a header has most of.</summary>
    private static byte Separator(byte[] header)
    {
        (byte best, int most) = ((byte)',', 0);
        foreach (byte candidate in TableSeparators)
        {
            var fields = new FieldSplitter(candidate);
            if (fields.Split(header, out _) is null && fields.Count > most) (best, most) = (candidate, fields.Count);
        }

        return best;
    }

    /// <summary>Lines that are not blank; the last one only where it is whole or the only one.</summary>
    private static List<byte[]> Lines(ReadOnlySpan<byte> head, bool isWhole)
    {
        var lines = new List<byte[]>();
        while (!head.IsEmpty && lines.Count < MostLines)
        {
            int end = head.IndexOf((byte)'\n');
            if (end < 0 && !isWhole && lines.Count > 0) break;
            ReadOnlySpan<byte> line = end < 0 ? head : head[..end];
            head = end < 0 ? [] : head[(end + 1)..];
            line = line.TrimEnd((byte)'\r');
            if (!NumberText.TrimBlanks(line).IsEmpty) lines.Add(line.ToArray());
        }

        return lines;
    }
}
