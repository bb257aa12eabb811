using System.Numerics;
using KernelSuite.Counters.Cones;
using KernelSuite.Counters.Models;

namespace KernelSuite.Counters.Reports;

/// <summary>The document of <c>ksuite counters rows</c>: what a model says about counters. Each row maps counters to whole numbers.</summary>
/// <param name="Model">The file.</param>
/// <param name="Features">The features that were on.</param>
/// <param name="Counters">The counters that the rows are about.</param>
/// <param name="Paths">How many paths the model has.</param>
/// <param name="Signatures">How many distinct signatures they have on these counters.</param>
/// <param name="ExtremeSignatures">How many of these are not combinations of others; null where facets were not enumerated.</param>
/// <param name="Rank">Dimension of the cone.</param>
/// <param name="Equalities">Rows whose sum is zero.</param>
/// <param name="Inequalities">Rows whose sum is at most zero, one a facet.</param>
/// <param name="FacetsComplete">Whether all facets are there.</param>
/// <param name="FacetsMissing">Why none are; null where all are.</param>
public sealed record ConeReport(
    string Model,
    IReadOnlyList<string> Features,
    IReadOnlyList<string> Counters,
    long Paths,
    int Signatures,
    int? ExtremeSignatures,
    int Rank,
    IReadOnlyList<IReadOnlyDictionary<string, BigInteger>> Equalities,
    IReadOnlyList<IReadOnlyDictionary<string, BigInteger>> Inequalities,
    bool FacetsComplete,
    string? FacetsMissing)
{
    private readonly ModelCone? cone;

    private ConeReport(FlowModel model, PathSet paths, ModelCone cone, int? extreme)
        : this(
            model.Name, paths.Features, cone.Counters, paths.Count, cone.Signatures.Count, extreme, cone.Rank,
            ReportRows.Of(cone.Equalities), ReportRows.Of(cone.Inequalities), cone.FacetsComplete, cone.FacetsMissing) => this.cone = cone;

    /// <summary>The rows of a model under its own selection of features.</summary>
    /// <param name="model">The model.</param>
    /// <param name="counters">The counters that are measured; null for all of the model.</param>
    /// <param name="limits">Bounds of the facet enumeration.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="ArgumentException">The model lacks one of <paramref name="counters"/>, or there are more than
    /// <see cref="ModelCone.MostCounters"/>.</exception>
    /// <exception cref="FlowPathException">The model has errors, a path never ends, or there are too many.</exception>
    public static ConeReport Of(FlowModel model, CounterSet? counters = null, ConeLimits? limits = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        PathSet paths = model.Enumerate(cancellation: cancellation);
        if (counters is not null) CounterNames.CheckAllIn(counters, model.Counters, model.Name);
        var cone = ModelCone.Of(counters is null ? paths.Signatures : paths.Signatures.Project(counters), limits, cancellation);
        return new(model, paths, cone, cone.FacetsComplete ? cone.ExtremeSignatures(cancellation).Count : null);
    }

    /// <summary>
    /// The report for people: the facts, then the rows with positive coefficients on both sides, equalities first, short ones first.
    /// </summary>
    public IEnumerable<string> Lines()
    {
        string extreme = ExtremeSignatures is { } count && count < Signatures ? $" ({count} extreme)" : string.Empty;
        yield return $"{Paths} paths, {Signatures} signatures{extreme}, {Counters.Count} counters, dimension {Rank}";
        yield return FacetsComplete
            ? $"{Equalities.Count} equalities, {Inequalities.Count} inequalities"
            : $"{Equalities.Count} equalities; inequalities were not enumerated: {FacetsMissing}";
        if (cone is null) yield break;
        foreach (ConeRow row in cone.Equalities.Concat(cone.Inequalities)) yield return $"  {row}";
    }
}
