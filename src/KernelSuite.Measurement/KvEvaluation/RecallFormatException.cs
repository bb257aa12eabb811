namespace KernelSuite.Measurement;

/// <summary>A file of recall prompts is not what was expected. Says which line.</summary>
/// <param name="path">The file.</param>
/// <param name="line">The line, from 1; 0 for the file as a whole.</param>
/// <param name="found">What it holds.</param>
/// <param name="expected">What was expected.</param>
/// <param name="inner">The error underneath, if any.</param>
public sealed class RecallFormatException(string path, int line, string found, string expected, Exception? inner = null)
    : FormatException($"{path}{(line > 0 ? $", line {line}" : string.Empty)}: found {found}; expected {expected}.", inner)
{
    /// <summary>The file.</summary>
    public string Path { get; } = path;

    /// <summary>The line, from 1; 0 for the file as a whole.</summary>
    public int Line { get; } = line;
}
