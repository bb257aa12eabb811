namespace KernelSuite.Counters.Models;

/// <summary>A model cannot be used as it is. Says where in its text the reason lies.</summary>
/// <param name="file">The file, or the name that was given to the text.</param>
/// <param name="position">The place.</param>
/// <param name="explanation">What is wrong and what to do about it, as sentences.</param>
public class FlowModelException(string file, FlowPosition position, string explanation) : FormatException($"{file}:{position}: {explanation}")
{
    /// <summary>The file, or the name that was given to the text.</summary>
    public string File { get; } = file;

    /// <summary>Line, from 1.</summary>
    public int Line { get; } = position.Line;

    /// <summary>Column, from 1.</summary>
    public int Column { get; } = position.Column;
}

/// <summary>A model's text is not in the language.</summary>
/// <param name="file">The file, or the name that was given to the text.</param>
/// <param name="position">The place of what was found.</param>
/// <param name="found">What the text has there.</param>
/// <param name="expected">What the language asks for there.</param>
/// <param name="nextStep">What to do about it; empty where the rest says it.</param>
public sealed class FlowSyntaxException(string file, FlowPosition position, string found, string expected, string nextStep = "")
    : FlowModelException(file, position, $"found {found}; expected {expected}.{(nextStep.Length > 0 ? " " : "")}{nextStep}")
{
    /// <summary>What the text has at the place.</summary>
    public string Found { get; } = found;

    /// <summary>What the language asks for there.</summary>
    public string Expected { get; } = expected;
}

/// <summary>The paths of a model cannot be enumerated: it has errors, a cycle, or more paths than the limits allow.</summary>
/// <param name="file">The file, or the name that was given to the text.</param>
/// <param name="position">The place.</param>
/// <param name="code">The code of the diagnostic that the error would be: "cycle", "too-many-paths" or an error of the model.</param>
/// <param name="explanation">What is wrong and what to do about it, as sentences.</param>
public sealed class FlowPathException(string file, FlowPosition position, string code, string explanation)
    : FlowModelException(file, position, explanation)
{
    /// <summary>The code of the diagnostic that the error would be.</summary>
    public string Code { get; } = code;

    /// <summary>What is wrong, without the place.</summary>
    public string Explanation { get; } = explanation;
}
