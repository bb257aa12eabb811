namespace KernelSuite.Counters.Models;

/// <summary>Passes models through m4.</summary>
internal static class MacroProcessor
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private static readonly ExternalTool M4 = new("m4",
        "Models *.fdlm4 need it: install the package m4 (apt-get install m4, dnf install m4 or brew install m4).");

    /// <summary>
    /// Macros that run commands, write files or reach those that do by another name. A model is a file that people exchange, so they are undefined
    /// before it is read.
    /// </summary>
    private static readonly string[] Refused = ["syscmd", "esyscmd", "builtin", "debugfile", "maketemp", "mkstemp", "changeword"];

    /// <summary>Whether a feature can be a macro.</summary>
    public static bool IsName(string feature) =>
        feature.Length > 0 && !char.IsAsciiDigit(feature[0]) && feature.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');

    /// <summary>Expands a file, with marks of its lines in comments.</summary>
    /// <param name="path">The file. Macros <c>include</c> look beside it.</param>
    /// <param name="features">Names that are defined as themselves: <c>ifdef</c> sees them, and where they stand alone they stay.</param>
    /// <param name="cancellation">Stops m4.</param>
    public static string Expand(string path, IReadOnlyList<string> features, CancellationToken cancellation)
    {
        if (features.FirstOrDefault(f => !IsName(f)) is { } bad)
            throw new ArgumentException($"'{bad}' cannot be the name of a macro of m4. Expected letters, digits and '_', with no digit first.",
                nameof(features));
        string text = BoundedFile.ReadText(path, FlowLimits.MostCharacters);
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        IEnumerable<string> arguments = ["-s", .. Refused.Select(r => $"-U{r}"), .. features.Select(f => $"-D{f}=`{f}'"), "-"];
        return M4.Run(arguments, text, folder, Timeout, FlowLimits.MostCharacters, cancellation);
    }
}
