namespace KernelSuite.Counters.Models;

/// <summary>How bad a finding is.</summary>
public enum FlowSeverity
{
    /// <summary>The model has a meaning, but perhaps not the one that was meant.</summary>
    Warning,

    /// <summary>The model has no meaning: its paths are not enumerated.</summary>
    Error,
}

/// <summary>A finding about a model.</summary>
/// <param name="Severity">How bad it is.</param>
/// <param name="Code">Its kind; see docs/counters/language.md.</param>
/// <param name="Line">Line, from 1.</param>
/// <param name="Column">Column, from 1.</param>
/// <param name="Message">A sentence that names the subject and the next step.</param>
public sealed record FlowDiagnostic(FlowSeverity Severity, string Code, int Line, int Column, string Message)
{
    /// <summary>"line:column: severity code: message".</summary>
    public override string ToString() => $"{Line}:{Column}: {(Severity == FlowSeverity.Error ? "error" : "warning")} {Code}: {Message}";
}
