using KernelSuite.Counters.Inputs.Collecting;
using KernelSuite.Counters.Inputs.Text;

namespace KernelSuite.Counters.Inputs.Dialects;

/// <summary>
/// A header, then a row a sample: configuration columns and a column a counter. Columns whose first row holds text are configuration.
/// </summary>
internal sealed class WideTable(DialectSource source) : Dialect(source)
{
    private readonly FieldSplitter fields = new(source.Separator);
    private TableColumns? header;
    private TableRows? rows;
    private int[] counters = [];
    private int[] events = [];

    public override void Line(ReadOnlySpan<byte> line)
    {
        Source.Split(fields, line);
        if (header is null)
        {
            header = new TableColumns(Source.Place, fields, line);
            return;
        }

        if (fields.Count != header.Names.Length)
        {
            throw Source.Place.Error(fields.Start(fields.Count - 1), $"a row of {fields.Count} fields", $"{header.Names.Length} as in the header",
                "Check quotation marks around fields that hold the separator.");
        }

        if (rows is null) Settle(line);
        Tally.Rows++;
        SampleSeries series = rows!.Series(line);
        for (int i = 0; i < counters.Length; i++)
        {
            int column = counters[i];
            if (!Value(series, events[i], fields.Field(line, column), fields.Start(column), Options.Decimal))
                throw Source.Place.Error(fields.Start(column), $"the column '{header.Names[column]}' comes twice", "one column a counter",
                    "Remove one, or group by it.");
        }

        Collector.Close(series);
    }

    private void Settle(ReadOnlySpan<byte> line)
    {
        int shuffle = Options.ShuffleBy is { } name ? header!.Require(name, [], "") : -1;
        int[] sample = header!.SampleColumns(Options), group = Options.GroupBy is { } given ? header.All(given) : [];
        var counts = new List<int>();
        var texts = new List<int>();
        for (int i = 0; i < header.Names.Length; i++)
        {
            if (i == shuffle || sample.Contains(i) || group.Contains(i)) continue;
            if (IsCount(line, i)) counts.Add(i);
            else texts.Add(i);
        }

        if (counts.Count == 0) throw Source.Place.Error(0, "no column of numbers", "a column a counter", "Check the separator and the format.");
        events = [.. counts.Select(c => Event(System.Text.Encoding.UTF8.GetBytes(header.Names[c]), fields.Start(c)))];
        counters = [.. counts];
        rows = new TableRows(Source, fields, header.Names, Options.GroupBy is null ? [.. texts] : group, [], shuffle, exact: false);
    }

    private bool IsCount(ReadOnlySpan<byte> line, int column)
    {
        if (Options.Counters?.Contains(header!.Names[column]) == true) return true;
        return header!.Names[column].Length > 0 && NumberParser.Parse(fields.Field(line, column), Options.Decimal, out _) is not NumberKind.Wrong;
    }
}
