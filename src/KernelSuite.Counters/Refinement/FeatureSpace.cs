using KernelSuite.Counters.Models;
using KernelSuite.Counters.Statistics;
using KernelSuite.Counters.Verdicts;

namespace KernelSuite.Counters.Refinement;

/// <summary>The sets of a model's features as bit masks, and the signatures of each on the measured counters. Sets are enumerated once.</summary>
internal sealed class FeatureSpace
{
    private readonly FlowModel model;
    private readonly RefineOptions options;
    private readonly CancellationToken cancellation;
    private readonly Dictionary<uint, int[]> known = [];

    private FeatureSpace(
        FlowModel model, string[] features, string[] always, CounterSet counters, RefineOptions options, CancellationToken cancellation)
    {
        (this.model, Features, Fixed, this.options, this.cancellation) = (model, features, always, options, cancellation);
        Pool = new SignaturePool(counters);
    }

    public IReadOnlyList<string> Features { get; }

    public IReadOnlyList<string> Fixed { get; }

    public SignaturePool Pool { get; }

    /// <summary>Most signatures of all sets together that are kept, by number: 256 MiB.</summary>
    public const long MostKept = 1L << 26;

    /// <summary>Signatures of all enumerated sets together.</summary>
    public long Kept { get; private set; }

    public static FeatureSpace Of(FlowModel model, IReadOnlyList<Observation> observations, RefineOptions options, CancellationToken cancellation)
    {
        string[] features = [.. options.Features ?? model.Features];
        model.Mask(features);
        if (features.Distinct(StringComparer.Ordinal).Count() != features.Length)
            throw new ArgumentException($"A feature comes twice in {string.Join(", ", features)}. Expected distinct ones.", nameof(options));
        if (features.Length > RefineOptions.MostFeatures)
            throw new ArgumentException(
                $"{features.Length} features are to be searched over. Expected at most {RefineOptions.MostFeatures}; name those that matter.",
                nameof(options));
        if (options.Counters is { } asked) CounterNames.CheckAllIn(asked, model.Counters, model.Name);
        CounterSet measured = ObservationRuns.Measured(model.Counters, observations);
        if (options.Counters is not null) measured = measured.Intersect(options.Counters);
        if (measured.Count == 0)
            throw new ArgumentException(
                $"No observation has a counter of {model.Name}. Expected some of {string.Join(", ", model.Counters)}.", nameof(observations));
        string[] ordered = [.. model.Features.Where(features.Contains)];
        string[] always = options.Features is null ? [] : [.. model.DefaultFeatures.Where(f => !features.Contains(f))];
        return new FeatureSpace(model, ordered, always, measured, options, cancellation);
    }

    public IReadOnlyList<string> Names(uint mask) => [.. Features.Where((_, i) => (mask >> i & 1) != 0)];

    public PathSet Paths(uint mask) => model.Enumerate([.. Fixed, .. Names(mask)], options.Paths, cancellation);

    /// <summary>The numbers of a set's signatures, ascending.</summary>
    public int[] Ids(uint mask)
    {
        if (known.TryGetValue(mask, out int[]? ids)) return ids;
        known[mask] = ids = Pool.Add(Paths(mask).Signatures.Project(Pool.Counters));
        Kept += ids.Length;
        return ids;
    }
}
