using KernelSuite.Counters.Inputs.Collecting;
using KernelSuite.Counters.Inputs.Text;

namespace KernelSuite.Counters.Inputs.Dialects;

/// <summary>What a dialect works with: the options, where values go, and where the file stands.</summary>
internal sealed class DialectSource(SampleReadOptions options, SampleCollector collector, InputPlace place, byte separator)
{
    public SampleReadOptions Options => options;

    public SampleCollector Collector => collector;

    public InputPlace Place => place;

    /// <summary>The field separator of the file.</summary>
    public byte Separator => separator;

    public CounterFormatException WrongNumber(NumberKind kind, ReadOnlySpan<byte> text, int offset) => kind == NumberKind.Ambiguous
        ? place.Error(offset, $"{InputPlace.Quote(text)} is 1,000 times as much with a grouping comma as with a decimal one",
            "a number that reads one way", "Say which the decimal mark is.")
        : place.Error(offset, $"{InputPlace.Quote(text)} is not a count", $"a number from 0 to {InputLimits.MostValue}, or an empty field",
            "Check the columns, the separator and the decimal mark.");

    /// <summary>Splits a line with the errors in place.</summary>
    public void Split(FieldSplitter splitter, ReadOnlySpan<byte> line)
    {
        if (splitter.Split(line, out int offset) is { } wrong)
            throw place.Error(offset, wrong, "fields between separators, quoted on one line", "Check quotation marks and the separator.");
    }
}
