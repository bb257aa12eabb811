namespace KernelSuite.Counters.Models;

/// <summary>Collects findings up to <see cref="FlowLimits.MostDiagnostics"/>; that there are errors is known beyond it.</summary>
internal sealed class FlowFindings
{
    private readonly List<FlowDiagnostic> all = [];

    /// <summary>The first error; null without one.</summary>
    public FlowDiagnostic? FirstError { get; private set; }

    /// <summary>What was found, in the text's order.</summary>
    public IReadOnlyList<FlowDiagnostic> Sorted => [.. all.OrderBy(d => d.Line).ThenBy(d => d.Column)];

    public void Warn(string code, FlowPosition position, string message) => Add(FlowSeverity.Warning, code, position, message);

    public void Error(string code, FlowPosition position, string message) => Add(FlowSeverity.Error, code, position, message);

    private void Add(FlowSeverity severity, string code, FlowPosition position, string message)
    {
        var diagnostic = new FlowDiagnostic(severity, code, position.Line, position.Column, message);
        if (severity == FlowSeverity.Error) FirstError ??= diagnostic;
        if (all.Count < FlowLimits.MostDiagnostics) all.Add(diagnostic);
    }
}
