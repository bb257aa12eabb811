namespace KernelSuite.Counters.Models;

/// <summary>
/// What a model's text may hold. Models are files that people exchange, so every size is bounded before memory is spent on it. The bounds are far
/// beyond what people write; a text that reaches one of them is refused in well under a second.
/// </summary>
public static class FlowLimits
{
    /// <summary>Most characters of a text, after m4 where it is used.</summary>
    public const int MostCharacters = 1 << 22;

    /// <summary>Most statements and cases together.</summary>
    public const int MostStatements = 1 << 17;

    /// <summary>Most switches and guards around a statement. Parser and compiler recurse this deep.</summary>
    public const int MostNesting = 64;

    /// <summary>Most characters of a name.</summary>
    public const int MostNameLength = 256;

    /// <summary>Most cases of a switch.</summary>
    public const int MostCases = 1024;

    /// <summary>Most features: a selection is one machine word.</summary>
    public const int MostFeatures = 64;

    /// <summary>Most names that ACTIONS and COUNTER_GROUPS declare, each.</summary>
    public const int MostDeclarations = 1 << 16;

    /// <summary>Most diagnostics of a model; the rest is not listed.</summary>
    public const int MostDiagnostics = 1000;

    /// <summary>Most bytes of a model's <c>.json</c> sidecar.</summary>
    public const int MostSidecarBytes = 1 << 16;
}
