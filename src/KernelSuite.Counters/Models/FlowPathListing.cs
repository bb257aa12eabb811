namespace KernelSuite.Counters.Models;

/// <summary>A path as a document shows it.</summary>
/// <param name="Decisions">Property to value, in the order of the decisions.</param>
/// <param name="Actions">What happened, in order.</param>
/// <param name="Counts">Counter to ticks; counters without ticks are left out.</param>
public sealed record ListedPath(IReadOnlyDictionary<string, string> Decisions, IReadOnlyList<string> Actions,
    IReadOnlyDictionary<string, long> Counts);

/// <summary>The document of <c>ksuite counters paths</c>.</summary>
/// <param name="Model">The file.</param>
/// <param name="Features">The features that were on.</param>
/// <param name="Counters">The counters of the model.</param>
/// <param name="Paths">How many paths there are.</param>
/// <param name="Signatures">How many distinct signatures they have: zero is none, and multiples are one.</param>
/// <param name="Listed">The paths, or the first of them.</param>
/// <param name="Diagnostics">What was found in the text and on the paths.</param>
public sealed record FlowPathListing(
    string Model,
    IReadOnlyList<string> Features,
    IReadOnlyList<string> Counters,
    long Paths,
    int Signatures,
    IReadOnlyList<ListedPath> Listed,
    IReadOnlyList<FlowDiagnostic> Diagnostics)
{
    /// <summary>Lists the first paths of a model under its own selection of features.</summary>
    /// <param name="model">The model.</param>
    /// <param name="limit">How many.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="FlowPathException">The model has errors, a path never ends, or there are too many.</exception>
    public static FlowPathListing Of(FlowModel model, int limit, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (limit < 0) throw new ArgumentException($"The limit is {limit}. Expected 0 or more paths.", nameof(limit));
        PathSet set = model.Enumerate(cancellation: cancellation);
        ListedPath[] listed = [.. set.Paths.Take(limit).Select(p => List(set.Counters, p))];
        FlowDiagnostic[] diagnostics = [.. model.Diagnostics.Concat(set.Diagnostics).OrderBy(d => d.Line).ThenBy(d => d.Column)];
        return new FlowPathListing(model.Name, set.Features, set.Counters, set.Count, set.Signatures.Count, listed, diagnostics);
    }

    private static ListedPath List(CounterSet counters, FlowPath path)
    {
        var decisions = new OrderedDictionary<string, string>();
        foreach (FlowDecision decision in path.Decisions) decisions.Add(decision.Property, decision.Value);
        var counts = new OrderedDictionary<string, long>();
        for (int i = 0; i < counters.Count; i++)
            if (path.Counts[i] > 0) counts.Add(counters[i], path.Counts[i]);
        return new ListedPath(decisions, path.Actions, counts);
    }
}
