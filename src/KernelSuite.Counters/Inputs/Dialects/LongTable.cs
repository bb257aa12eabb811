using KernelSuite.Counters.Inputs.Collecting;
using KernelSuite.Counters.Inputs.Text;

namespace KernelSuite.Counters.Inputs.Dialects;

/// <summary>
/// A header, then a row a value: configuration columns, sample columns, counter, value, and perhaps the share of time that the counter ran.
/// </summary>
internal sealed class LongTable(DialectSource source) : Dialect(source)
{
    private readonly FieldSplitter fields = new(source.Separator);
    private TableRows? rows;
    private bool isKeyed;
    private int columns;
    private int counter;
    private int value;
    private int running;

    public override void Line(ReadOnlySpan<byte> line)
    {
        Source.Split(fields, line);
        if (rows is null)
        {
            Header(line);
            return;
        }

        if (fields.Count != columns)
        {
            throw Source.Place.Error(fields.Start(fields.Count - 1), $"a row of {fields.Count} fields", $"{columns} as in the header",
                "Check quotation marks around fields that hold the separator.");
        }

        Tally.Rows++;
        SampleSeries series = rows.Series(line);
        if (isKeyed) rows.Open(series, line);
        int place = Event(fields.Field(line, counter), fields.Start(counter));
        if (running >= 0 && !Runs(line))
        {
            Collector.Miss(series, place, DropReason.NotRunning);
            return;
        }

        ReadOnlySpan<byte> text = fields.Field(line, value);
        if (Value(series, place, text, fields.Start(value), Options.Decimal)) return;
        if (isKeyed)
        {
            throw Source.Place.Error(fields.Start(counter), $"{InputPlace.Quote(fields.Field(line, counter))} comes twice in one sample",
                "one value a counter",
                "Name the columns that tell samples apart, or group by the column in which the two rows differ.");
        }

        Collector.Close(series);
        Value(series, place, text, fields.Start(value), Options.Decimal);
    }

    private void Header(ReadOnlySpan<byte> line)
    {
        var header = new TableColumns(Source.Place, fields, line);
        columns = fields.Count;
        counter = header.Require(Options.CounterColumn, TableColumns.Counter, "counter names");
        value = header.Require(Options.ValueColumn, TableColumns.Value, "values");
        running = header.Find(TableColumns.Running);
        int shuffle = Options.ShuffleBy is { } name ? header.Require(name, [], "") : -1;
        int[] sample = header.SampleColumns(Options);
        int first = sample.Where(i => i >= 0).Append(counter).Append(value).Min();
        int[] group = Options.GroupBy is { } given ? header.All(given) : [.. Enumerable.Range(0, first).Where(i => i != shuffle && i != running)];
        sample = [.. sample.Except(group)];
        isKeyed = sample.Length > 0;
        rows = new TableRows(Source, fields, header.Names, group, sample, shuffle, header.Find("gem5_value") == value);
    }

    private bool Runs(ReadOnlySpan<byte> line)
    {
        ReadOnlySpan<byte> text = fields.Field(line, running);
        NumberKind kind = NumberParser.Parse(text, Options.Decimal, out double percent);
        if (kind == NumberKind.Missing) return true;
        return kind == NumberKind.Number ? Ran(percent) : throw Source.WrongNumber(kind, text, fields.Start(running));
    }
}
