namespace KernelSuite.Counters.Models;

/// <summary>A program that is not part of the suite is missing, failed, took too long or printed too much.</summary>
/// <param name="tool">The program.</param>
/// <param name="explanation">What happened and what to do about it, as sentences.</param>
/// <param name="inner">The error underneath, if any.</param>
public sealed class ExternalToolException(string tool, string explanation, Exception? inner = null) : IOException(explanation, inner)
{
    /// <summary>The program.</summary>
    public string Tool { get; } = tool;
}
