namespace KernelSuite.Counters.Inputs;

/// <summary>A file of counter samples cannot be read: where, what was found, what was expected and what to do next.</summary>
public sealed class CounterFormatException : Exception
{
    /// <summary>Describes the place and the fault.</summary>
    /// <param name="source">The file or the stream's name.</param>
    /// <param name="line">The line, from 1; 0 where the fault is the whole file's.</param>
    /// <param name="column">The character of the line, from 1; 0 where the fault is the whole line's.</param>
    /// <param name="found">What stands there, as the end of "found ...".</param>
    /// <param name="expected">What should, as the end of "Expected ...".</param>
    /// <param name="next">What to do about it, a sentence.</param>
    public CounterFormatException(string source, long line, int column, string found, string expected, string next)
        : base($"{Place(source, line, column)}: {found}. Expected {expected}. {next}")
    {
        Source = source;
        Line = line;
        Column = column;
        Found = found;
        Expected = expected;
        NextStep = next;
    }

    /// <summary>The line, from 1; 0 where the fault is the whole file's.</summary>
    public long Line { get; }

    /// <summary>The character of the line, from 1; 0 where the fault is the whole line's.</summary>
    public int Column { get; }

    /// <summary>What was found.</summary>
    public string Found { get; }

    /// <summary>What was expected.</summary>
    public string Expected { get; }

    /// <summary>What to do about it.</summary>
    public string NextStep { get; }

    private static string Place(string source, long line, int column) =>
        line == 0 ? source : column == 0 ? FormattableString.Invariant($"{source}({line})")
            : FormattableString.Invariant($"{source}({line},{column})");
}
