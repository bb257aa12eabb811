namespace KernelSuite.Counters.Models;

/// <summary>All findings about a model: those of its text, and those of its paths under one selection of features.</summary>
/// <param name="Model">The file, or the name that was given to the text.</param>
/// <param name="Features">The features that were on.</param>
/// <param name="Errors">How many are errors.</param>
/// <param name="Warnings">How many are warnings.</param>
/// <param name="Diagnostics">The findings, in the text's order.</param>
public sealed record FlowLintReport(string Model, IReadOnlyList<string> Features, int Errors, int Warnings, IReadOnlyList<FlowDiagnostic> Diagnostics)
{
    /// <summary>Loads and checks a file. That its text is not in the language is a finding too, with the code "syntax".</summary>
    /// <param name="path">The file.</param>
    /// <param name="features">The features that are on; null for the model's own.</param>
    /// <param name="limits">What enumerating its paths may cost; to reach a limit is a warning.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="ArgumentException">A feature is not declared.</exception>
    /// <exception cref="IOException">The file cannot be read, or m4 is needed and missing.</exception>
    public static FlowLintReport Load(string path, IEnumerable<string>? features = null, PathLimits? limits = null,
        CancellationToken cancellation = default)
    {
        FlowModel model;
        try
        {
            model = FlowModel.Load(path, features, cancellation);
        }
        catch (FlowSyntaxException error) when (error.File == path)
        {
            string message = $"found {error.Found}; expected {error.Expected}.";
            return Of(path, [], [new FlowDiagnostic(FlowSeverity.Error, "syntax", error.Line, error.Column, message)]);
        }

        return Of(model, null, limits, cancellation);
    }

    /// <summary>Checks a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="features">The features that are on; null for the model's own.</param>
    /// <param name="limits">What enumerating its paths may cost; to reach a limit is a warning.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="ArgumentException">A feature is not declared.</exception>
    public static FlowLintReport Of(FlowModel model, IEnumerable<string>? features = null, PathLimits? limits = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        string[] on = [.. features ?? model.DefaultFeatures];
        if (model.HasErrors) return Of(model.Name, on, model.Diagnostics);
        try
        {
            return Of(model.Name, on, model.Diagnostics.Concat(model.Enumerate(on, limits, cancellation).Diagnostics));
        }
        catch (FlowPathException error)
        {
            FlowSeverity severity = error.Code == "cycle" ? FlowSeverity.Error : FlowSeverity.Warning;
            return Of(model.Name, on,
                model.Diagnostics.Append(new FlowDiagnostic(severity, error.Code, error.Line, error.Column, error.Explanation)));
        }
    }

    private static FlowLintReport Of(string name, IReadOnlyList<string> features, IEnumerable<FlowDiagnostic> diagnostics)
    {
        FlowDiagnostic[] sorted = [.. diagnostics.OrderBy(d => d.Line).ThenBy(d => d.Column)];
        int errors = sorted.Count(d => d.Severity == FlowSeverity.Error);
        return new FlowLintReport(name, features, errors, sorted.Length - errors, sorted);
    }
}
