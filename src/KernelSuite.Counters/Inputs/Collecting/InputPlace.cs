using System.Text;
using KernelSuite.Counters.Inputs.Text;

namespace KernelSuite.Counters.Inputs.Collecting;

/// <summary>Where a file is being read, to make errors that say so.</summary>
internal sealed class InputPlace(LineReader reader)
{
    public const string GroupLess = "Name fewer or other columns to group by.";
    public const string FewerCounters = "Name the counters to read.";
    private const int MostQuoted = 60;

    /// <summary>File and line.</summary>
    public string Here => FormattableString.Invariant($"{reader.Name}({reader.Number})");

    public string Name => reader.Name;

    /// <summary>An error at a byte of the current line.</summary>
    public CounterFormatException Error(int offset, string found, string expected, string next)
    {
        ReadOnlySpan<byte> line = reader.Line;
        int column = Encoding.UTF8.GetCharCount(line[..Math.Min(offset, line.Length)]) + 1;
        if (!reader.IsTerminated) next += " The file ends in this line; it may be cut off.";
        return new CounterFormatException(reader.Name, reader.Number, column, found, expected, next);
    }

    /// <summary>An error of the whole file.</summary>
    public CounterFormatException FileError(string found, string expected, string next) => new(reader.Name, 0, 0, found, expected, next);

    /// <summary>Text from a file as a message can show it: short, on one line, in quotation marks.</summary>
    public static string Quote(ReadOnlySpan<byte> text)
    {
        string shown = Encoding.UTF8.GetString(text.Length > MostQuoted ? text[..MostQuoted] : text);
        var clean = new StringBuilder("'");
        foreach (char c in shown) clean.Append(char.IsControl(c) ? '\uFFFD' : c);
        return clean.Append(text.Length > MostQuoted ? "...'" : "'").ToString();
    }
}
