namespace KernelSuite.Counters.Models;

/// <summary>
/// A model of hardware as a flow: every way that one item (a micro-op, a request, a cycle) can take, and which counters tick on the way. The
/// language is documented in docs/counters/language.md.
/// </summary>
public sealed class FlowModel
{
    private const string MacroExtension = ".fdlm4";

    private readonly Dictionary<string, int> featurePlaces;
    private readonly FlowDiagnostic? firstError;

    private FlowModel(string name, string text, bool lineMarks)
    {
        Name = name;
        FlowSyntax syntax = FlowParser.Parse(text, name, lineMarks);
        var findings = new FlowFindings();
        Program = FlowCompiler.Compile(syntax, name, findings);
        FlowLint.Find(syntax, Program, findings);
        Counters = new CounterSet(Program.Counters.Select(c => c.Text));
        CounterGroups = [.. syntax.Groups.Select(g => new CounterGroup(g.Total.Text, [.. g.Parts.Select(p => p.Text)]))];
        featurePlaces = syntax.Features.Index().Where(f => f.Item.Declared is not null)
            .ToDictionary(f => f.Item.Name.Text, f => f.Index, StringComparer.Ordinal);
        Features = [.. syntax.Features.Where(f => f.Declared is not null).Select(f => f.Name.Text)];
        Diagnostics = findings.Sorted;
        firstError = findings.FirstError;
    }

    /// <summary>The file, or the name that was given to the text.</summary>
    public string Name { get; }

    /// <summary>
    /// The counters that the text increments anywhere, in order of first appearance. Features do not change them: one without ticks is always 0.
    /// </summary>
    public CounterSet Counters { get; }

    /// <summary>The declared features, in order of first mention.</summary>
    public IReadOnlyList<string> Features { get; }

    /// <summary>
    /// The features that are on where none are asked for: the declared ones that <see cref="Load"/> was given, or else that the sidecar names.
    /// </summary>
    public IReadOnlyList<string> DefaultFeatures { get; private init; } = [];

    /// <summary>What the <c>.json</c> file beside the model says; null for a text and for a model without one.</summary>
    public FlowSidecar? Sidecar { get; private init; }

    /// <summary>The counter groups that the text states.</summary>
    public IReadOnlyList<CounterGroup> CounterGroups { get; }

    /// <summary>What is wrong or doubtful whatever features are on. With an error among them, the model has no paths.</summary>
    public IReadOnlyList<FlowDiagnostic> Diagnostics { get; }

    /// <summary>Whether an error is among the findings.</summary>
    public bool HasErrors => firstError is not null;

    internal FlowProgram Program { get; }

    /// <summary>Parses a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="name">Its name in errors.</param>
    /// <exception cref="FlowSyntaxException">The text is not in the language or larger than <see cref="FlowLimits"/> allow.</exception>
    public static FlowModel Parse(string text, string name = "model")
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(name);
        return new FlowModel(name, text, false);
    }

    /// <summary>
    /// Loads a model and the <c>.json</c> file beside it. A file <c>*.fdlm4</c> passes through m4 first, with a macro defined for each feature.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="features">
    /// The features that <see cref="Enumerate"/> turns on where it is given none; null for those of the sidecar. Of a <c>*.fdlm4</c> they may also
    /// be macros only.
    /// </param>
    /// <param name="cancellation">Stops m4.</param>
    /// <exception cref="FlowSyntaxException">The text or the sidecar is malformed or larger than <see cref="FlowLimits"/> allow.</exception>
    /// <exception cref="ArgumentException">A feature is not declared.</exception>
    /// <exception cref="ExternalToolException">m4 is needed and missing, or failed.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static FlowModel Load(string path, IEnumerable<string>? features = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string[]? asked = features?.Distinct(StringComparer.Ordinal).ToArray();
        FlowSidecar? sidecar = FlowSidecar.Beside(path);
        bool macros = Path.GetExtension(path).Equals(MacroExtension, StringComparison.OrdinalIgnoreCase);
        // What is asked for must be a name of m4; a sidecar written for people may hold others.
        string text = macros
            ? MacroProcessor.Expand(path, asked ?? [.. (sidecar?.Features ?? []).Where(MacroProcessor.IsName)], cancellation)
            : BoundedFile.ReadText(path, FlowLimits.MostCharacters);
        var model = new FlowModel(path, text, macros);
        // A sidecar of a model that was written out lists the features that the text has already.
        bool mustBeDeclared = asked is not null && !macros;
        string[] chosen = mustBeDeclared ? asked! : [.. (asked ?? sidecar?.Features ?? []).Where(model.featurePlaces.ContainsKey)];
        model.Mask(chosen);
        return new FlowModel(model, sidecar, chosen);
    }

    private FlowModel(FlowModel model, FlowSidecar? sidecar, IReadOnlyList<string> features)
    {
        (Name, Program, Counters, CounterGroups, Features) = (model.Name, model.Program, model.Counters, model.CounterGroups, model.Features);
        (featurePlaces, Diagnostics, firstError) = (model.featurePlaces, model.Diagnostics, model.firstError);
        (Sidecar, DefaultFeatures) = (sidecar, features);
    }

    /// <summary>Enumerates the paths.</summary>
    /// <param name="features">The features that are on; null for <see cref="DefaultFeatures"/>.</param>
    /// <param name="limits">What it may cost; null for <see cref="PathLimits.Default"/>.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="ArgumentException">A feature is not declared.</exception>
    /// <exception cref="FlowPathException">The model has errors, a path never ends, or there are more than the limits allow.</exception>
    public PathSet Enumerate(IEnumerable<string>? features = null, PathLimits? limits = null, CancellationToken cancellation = default)
    {
        ulong mask = Mask(features ?? DefaultFeatures);
        if (firstError is { } error) throw new FlowPathException(Name, new FlowPosition(error.Line, error.Column), error.Code, error.Message);
        string[] on = [.. Features.Where(f => (mask >> featurePlaces[f] & 1) != 0)];
        return new PathSet(this, new FlowSelection(Program, mask), on, limits ?? PathLimits.Default, cancellation);
    }

    internal ulong Mask(IEnumerable<string> features)
    {
        ulong mask = 0;
        foreach (string feature in features)
        {
            if (!featurePlaces.TryGetValue(feature, out int place))
            {
                string known = Features.Count > 0 ? $"one of {string.Join(", ", Features)}" : "none: the model declares no feature";
                throw new ArgumentException($"{Name} has no feature '{feature}'. Expected {known}.", nameof(features));
            }

            mask |= 1UL << place;
        }

        return mask;
    }
}
