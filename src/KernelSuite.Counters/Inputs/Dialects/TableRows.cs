using KernelSuite.Counters.Inputs.Collecting;
using KernelSuite.Counters.Inputs.Text;

namespace KernelSuite.Counters.Inputs.Dialects;

/// <summary>
/// From a table's rows to series and samples: rows with the same group columns are an observation, with the same sample columns a sample of it.
/// </summary>
internal sealed class TableRows(DialectSource source, FieldSplitter fields, string[] names, int[] group, int[] sample, int shuffle, bool exact)
{
    private readonly KeyWriter lastGroup = new(), nextGroup = new(), sampleKey = new();
    private readonly byte[] fileName = System.Text.Encoding.UTF8.GetBytes(source.Place.Name);
    private SampleSeries? series;

    /// <summary>The series of a row.</summary>
    public SampleSeries Series(ReadOnlySpan<byte> line)
    {
        nextGroup.Clear();
        foreach (int column in group) nextGroup.Add(column < 0 ? fileName : Name(line, column));
        if (shuffle >= 0) nextGroup.Add(Name(line, shuffle));
        return series is not null && nextGroup.Key.SequenceEqual(lastGroup.Key) ? series : Switch(line);
    }

    /// <summary>Apart from <see cref="Series"/>, which every row calls: closures are allocated where a method begins.</summary>
    private SampleSeries Switch(ReadOnlySpan<byte> line)
    {
        string[] values = [.. Values(line)];
        string? shuffled = shuffle >= 0 ? ObservationId.Text(fields.Field(line, shuffle)) : null;
        string[] columns = [.. group.Select(c => c < 0 ? TableColumns.File : names[c])];
        series = source.Collector.Series(nextGroup.Key, nextGroup.Key, () => (ObservationId.Of(columns, values), shuffled, exact), source.Place);
        KeyWriter.Swap(lastGroup, nextGroup);
        return series;
    }

    /// <summary>Opens the sample of a row in its series. Without sample columns the caller decides where one ends.</summary>
    public void Open(SampleSeries of, ReadOnlySpan<byte> line)
    {
        sampleKey.Clear();
        foreach (int column in sample) sampleKey.Add(column < 0 ? fileName : fields.Field(line, column));
        source.Collector.Open(of, sampleKey.Key);
    }

    private List<string> Values(ReadOnlySpan<byte> line)
    {
        var values = new List<string>(group.Length);
        foreach (int column in group) values.Add(column < 0 ? source.Place.Name : ObservationId.Text(fields.Field(line, column)));
        return values;
    }

    private ReadOnlySpan<byte> Name(ReadOnlySpan<byte> line, int column)
    {
        ReadOnlySpan<byte> text = fields.Field(line, column);
        return text.Length <= InputLimits.MostNameBytes ? text : throw source.Place.Error(
            fields.Start(column), $"a text of {text.Length} bytes in the column '{names[column]}'", $"at most {InputLimits.MostNameBytes}",
                "Group by other columns.");
    }
}
