using System.Text;
using KernelSuite.Counters.Inputs.Collecting;
using KernelSuite.Counters.Inputs.Text;

namespace KernelSuite.Counters.Inputs.Dialects;

/// <summary>
/// <c>ncu --csv</c>: a row a metric of a launch. A launch is a sample of its kernel. What the program itself printed is passed over.
/// </summary>
internal sealed class NcuLong(DialectSource source) : Dialect(source)
{
    private readonly FieldSplitter fields = new(source.Separator);
    private readonly DecimalMark mark = source.Options.Decimal == DecimalMark.Auto ? DecimalMark.Point : source.Options.Decimal;
    private TableRows? rows;
    private int columns;
    private int name;
    private int unit;
    private int value;

    public override void Line(ReadOnlySpan<byte> line)
    {
        if (line[0] != '"' || (rows is null && !NcuHeader.IsOne(line)))
        {
            Tally.OtherLines++;
            return;
        }

        Source.Split(fields, line);
        if (NcuHeader.IsOne(line)) Header(line);
        else if (fields.Count == columns) Row(line);
        else throw Source.Place.Error(0, $"a row of {fields.Count} fields", $"{columns} as in the header",
            "Write the log to a file of its own with --log-file.");
    }

    public override void End()
    {
        if (rows is null) throw Source.Place.FileError("no header of ncu", "a line that begins with \"ID\"",
            "Record with 'ncu --csv --log-file file'.");
    }

    private void Header(ReadOnlySpan<byte> line)
    {
        Collector.CloseAll();
        Tally.OtherLines++;
        var header = new TableColumns(Source.Place, fields, line);
        columns = fields.Count;
        name = header.Require("Metric Name", [], "");
        unit = header.Require("Metric Unit", [], "");
        value = header.Require("Metric Value", [], "");
        int[] sample = header.All(Options.SampleBy ?? (header.Find("Process ID") >= 0 ? ["Process ID", NcuHeader.Launch] : [NcuHeader.Launch]));
        int shuffle = Options.ShuffleBy is { } column ? header.Require(column, [], "") : -1;
        rows = new TableRows(Source, fields, header.Names, header.All(Options.GroupBy ?? [NcuHeader.Kernel]), sample, shuffle, exact: false);
    }

    private void Row(ReadOnlySpan<byte> line)
    {
        ReadOnlySpan<byte> metric = fields.Field(line, name);
        if (!NcuHeader.IsSum(metric))
        {
            Tally.OtherLines++;
            return;
        }

        int place = Event(metric, fields.Start(name));
        if (!NcuHeader.IsCount(fields.Field(line, unit)))
        {
            Tally.OtherLines++;
            if (Collector.Events.CounterOf(place) != EventTable.Unwanted)
                Tally.Warn(NcuHeader.NotACount(Encoding.UTF8.GetString(fields.Field(line, name)), Encoding.UTF8.GetString(fields.Field(line, unit))));
            return;
        }

        Tally.Rows++;
        SampleSeries series = rows!.Series(line);
        rows.Open(series, line);

        // Sections that share a metric print it once each; the first is kept.
        Value(series, place, fields.Field(line, value), fields.Start(value), mark);
    }
}
