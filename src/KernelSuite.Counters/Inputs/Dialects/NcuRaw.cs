using System.Text;
using KernelSuite.Counters.Inputs.Collecting;
using KernelSuite.Counters.Inputs.Text;

namespace KernelSuite.Counters.Inputs.Dialects;

/// <summary><c>ncu --csv --page raw</c>: a header, a line of units, then a row a launch.</summary>
internal sealed class NcuRaw(DialectSource source) : Dialect(source)
{
    private readonly FieldSplitter fields = new(source.Separator);
    private readonly DecimalMark mark = source.Options.Decimal == DecimalMark.Auto ? DecimalMark.Point : source.Options.Decimal;
    private TableColumns? header;
    private TableRows? rows;
    private List<(int Column, int Event)> metrics = [];

    public override void Line(ReadOnlySpan<byte> line)
    {
        if (line[0] != '"' || (header is null && !NcuHeader.IsOne(line)))
        {
            Tally.OtherLines++;
            return;
        }

        Source.Split(fields, line);
        if (NcuHeader.IsOne(line))
        {
            Tally.OtherLines++;
            header = new TableColumns(Source.Place, fields, line);
            rows = null;
            return;
        }

        if (fields.Count != header!.Names.Length)
            throw Source.Place.Error(0, $"a row of {fields.Count} fields", $"{header.Names.Length} as in the header",
                "Write the log to a file of its own with --log-file.");
        if (rows is null) Units(line);
        else Row(line);
    }

    public override void End()
    {
        if (rows is null)
            throw Source.Place.FileError("no header and line of units of ncu", "a line that begins with \"ID\" and one of units",
                "Record with 'ncu --csv --page raw --log-file file'.");
    }

    private void Units(ReadOnlySpan<byte> line)
    {
        int launch = header!.Require(NcuHeader.Launch, [], "");
        if (!fields.Field(line, launch).IsEmpty)
            throw Source.Place.Error(fields.Start(launch), "a launch directly below the header", "the line of units",
                "Keep the second line of what ncu printed.");
        Tally.OtherLines++;
        metrics = [];
        for (int i = 0; i < header.Names.Length; i++)
        {
            string metric = header.Names[i];
            if (NcuHeader.IsDescription(metric) || !NcuHeader.IsSum(Encoding.UTF8.GetBytes(metric))) continue;
            int place = Event(Encoding.UTF8.GetBytes(metric), fields.Start(i));
            if (Collector.Events.CounterOf(place) == EventTable.Unwanted) continue;
            if (NcuHeader.IsCount(fields.Field(line, i))) metrics.Add((i, place));
            else Tally.Warn(NcuHeader.NotACount(metric, Encoding.UTF8.GetString(fields.Field(line, i))));
        }

        int shuffle = Options.ShuffleBy is { } column ? header.Require(column, [], "") : -1;
        rows = new TableRows(Source, fields, header.Names, header.All(Options.GroupBy ?? [NcuHeader.Kernel]), [], shuffle, exact: false);
    }

    private void Row(ReadOnlySpan<byte> line)
    {
        Tally.Rows++;
        SampleSeries series = rows!.Series(line);
        foreach ((int column, int place) in metrics) Value(series, place, fields.Field(line, column), fields.Start(column), mark);
        Collector.Close(series);
    }
}
