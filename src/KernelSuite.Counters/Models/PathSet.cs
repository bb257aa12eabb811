using KernelSuite.Counters.Cones;

namespace KernelSuite.Counters.Models;

/// <summary>
/// The paths of a model under a selection of features. Counts and signatures are known; the paths themselves are walked again whenever they are
/// asked for, and never kept.
/// </summary>
public sealed class PathSet
{
    private readonly FlowModel model;
    private readonly FlowSelection selection;
    private readonly PathLimits limits;

    internal PathSet(FlowModel model, FlowSelection selection, IReadOnlyList<string> features, PathLimits limits, CancellationToken cancellation)
    {
        this.model = model;
        this.selection = selection;
        this.limits = limits;
        Features = features;
        var walker = new FlowWalker(model.Name, selection, limits, cancellation);
        var vectors = new CountVectors(model.Counters.Count);
        while (walker.MoveNext())
        {
            if (!vectors.Add(walker.Counts) || vectors.Entries <= limits.MostSignatureEntries) continue;
            throw new FlowPathException(model.Name, selection.Program.Code[^1].Position, "too-many-paths",
                $"There are more than {limits.MostSignatureEntries} entries of distinct count vectors. Fewer counters, fewer properties or a "
                    + "higher limit would help.");
        }

        Count = walker.Paths;
        DistinctCounts = vectors.Count;
        Signatures = new SignatureSet(model.Counters, vectors.All);
        Diagnostics = PathLint.Find(selection, walker, vectors);
    }

    /// <summary>The features that are on, in the model's order.</summary>
    public IReadOnlyList<string> Features { get; }

    /// <summary>The counters of <see cref="FlowPath.Counts"/>: all of the model, whatever features are on.</summary>
    public CounterSet Counters => model.Counters;

    /// <summary>Number of paths: every full assignment of the properties that a path meets is one, whether counts coincide or not.</summary>
    public long Count { get; }

    /// <summary>Number of distinct count vectors, zero included.</summary>
    public int DistinctCounts { get; }

    /// <summary>The signatures of the paths.</summary>
    public SignatureSet Signatures { get; }

    /// <summary>What was found on the way: dropped paths and counters that never tick.</summary>
    public IReadOnlyList<FlowDiagnostic> Diagnostics { get; }

    /// <summary>The paths, depth first, cases in the text's order. Each enumeration walks them anew.</summary>
    public IEnumerable<FlowPath> Paths
    {
        get
        {
            var walker = new FlowWalker(model.Name, selection, limits, CancellationToken.None);
            while (walker.MoveNext()) yield return walker.Current();
        }
    }
}
