using KernelSuite.Counters.Inputs.Collecting;
using KernelSuite.Counters.Inputs.Text;

namespace KernelSuite.Counters.Inputs.Dialects;

/// <summary>
/// gem5's <c>stats.txt</c>: sections between two marks, each a sample; in them lines of name, value, and a description after '#' that ends with the
/// unit in parentheses. Statistics with a unit of counting are read, and those of versions without units if they are whole numbers.
/// </summary>
internal sealed class Gem5Stats(DialectSource source) : Dialect(source)
{
    private static readonly string[] Units = ["(Count)", "(Cycle)", "(Tick)", "(Byte)", "(Bit)", "(Unspecified)"];
    private static readonly string[] Derived = ["::mean", "::stdev", "::gmean", "::min_value", "::max_value"];

    private SampleSeries? series;
    private bool isInside;

    public override void Line(ReadOnlySpan<byte> line)
    {
        if (line.StartsWith("----------"u8))
        {
            Mark(line);
            return;
        }

        int space = line.IndexOf((byte)' ');
        int hash = line.IndexOf((byte)'#');
        ReadOnlySpan<byte> description = hash < 0 ? [] : line[hash..].TrimEnd((byte)' ');
        ReadOnlySpan<byte> rest = NumberText.TrimBlanks(space < 0 ? [] : hash > space ? line[space..hash] : line[space..]);
        if (!isInside || space <= 0 || rest.IsEmpty)
        {
            throw Source.Place.Error(0, $"{InputPlace.Quote(line)} is no statistic", isInside ? "a name, blanks and a value" : "a section's begin",
                "Check that the file is gem5's stats.txt and whole.");
        }

        int end = rest.IndexOfAny((byte)' ', (byte)'\t');
        Statistic(line[..space], end < 0 ? rest : rest[..end], description, line.Length - line[space..].TrimStart((byte)' ').Length);
    }

    public override void End()
    {
        if (isInside) throw Source.Place.FileError("a section that does not end", "the line that ends a section",
            "The file may be cut off; let the simulation finish.");
    }

    private void Mark(ReadOnlySpan<byte> line)
    {
        Tally.OtherLines++;
        bool begins = line.IndexOf("Begin"u8) >= 0;
        if (begins == isInside)
            throw Source.Place.Error(0, begins ? "a section within a section" : "the end of a section that did not begin",
                "sections one after the other", "The file may be cut off.");
        isInside = begins;
        series ??= FileSamples.Series(Source, TableColumns.File, null, TableColumns.File);
        if (!begins) Collector.Close(series);
    }

    private void Statistic(ReadOnlySpan<byte> name, ReadOnlySpan<byte> text, ReadOnlySpan<byte> description, int offset)
    {
        if (!IsCount(name, text, description))
        {
            Tally.OtherLines++;
            return;
        }

        Tally.Rows++;
        if (!Value(series!, Event(name, 0), text, offset, DecimalMark.Point))
            throw Source.Place.Error(0, $"{InputPlace.Quote(name)} comes twice in one section", "each statistic once", "Name the counters to read.");
    }

    private static bool IsCount(ReadOnlySpan<byte> name, ReadOnlySpan<byte> text, ReadOnlySpan<byte> description)
    {
        foreach (string derived in Derived)
            if (EndsWith(name, derived)) return false;
        if (!NumberParser.IsDigits(text)) return false;
        if (description is not [.., (byte)')'] || description.LastIndexOf((byte)'(') < 0) return true;
        foreach (string unit in Units)
            if (EndsWith(description, unit)) return true;
        return false;
    }

    private static bool EndsWith(ReadOnlySpan<byte> text, string ending) =>
        text.Length >= ending.Length && System.Text.Ascii.Equals(text[^ending.Length..], ending);
}
