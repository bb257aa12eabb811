using KernelSuite.Counters.Cones;
using KernelSuite.Counters.Models;
using KernelSuite.Counters.Verdicts;
using KernelSuite.Runtime;

namespace KernelSuite.Counters.Refinement;

/// <summary>How to search over the features of a model, and what it may cost.</summary>
public sealed record RefineOptions
{
    /// <summary>Most features that can be searched over: the number of sets doubles with each, and 20 have a million.</summary>
    public const int MostFeatures = 20;

    /// <summary>
    /// How to test. <see cref="VerdictOptions.Confidence"/> is that of the whole search: the true set of features survives all observations together
    /// with at least this probability, so each is tested at 1 - (1 - confidence) / observations.
    /// </summary>
    public VerdictOptions Verdicts { get; init; } = new();

    /// <summary>Counters of the model to test on; null for all that were measured.</summary>
    public CounterSet? Counters { get; init; }

    /// <summary>The features to search over; the others stay as the model's file has them. Null for all of the model.</summary>
    public IReadOnlyList<string>? Features { get; init; }

    /// <summary>
    /// Most sets of features whose paths are enumerated. 1,024 sets of the Haswell model and 40 observations took 0.2 to 0.8 s on a shared core.
    /// </summary>
    public int MostSets { get; init; } = 1 << 16;

    /// <summary>Time after which no further set is tried; null for none.</summary>
    public TimeSpan? MostTime { get; init; }

    /// <summary>Most distinct surviving cones that are compared with one another.</summary>
    public int MostCompared { get; init; } = 64;

    /// <summary>Most experiments that are proposed.</summary>
    public int MostExperiments { get; init; } = 20;

    /// <summary>What the paths of one set may cost; null for <see cref="PathLimits.Default"/>.</summary>
    public PathLimits? Paths { get; init; }

    /// <summary>Bounds of the facet enumeration; past them comparisons stay exact, rows are longer.</summary>
    public ConeLimits? Cones { get; init; }

    /// <summary>
    /// What large batches of verdicts are computed with, as for <see cref="Reports.ModelCheck"/>; null for one after another on the calling thread.
    /// The result does not depend on it.
    /// </summary>
    public Device? Device { get; init; }

    internal void Check()
    {
        if (MostSets < 1 || MostCompared < 0 || MostExperiments < 0 || MostTime <= TimeSpan.Zero)
            throw new ArgumentException(
                $"A bound is out of range in MostSets {MostSets}, MostCompared {MostCompared}, MostExperiments {MostExperiments}, " +
                $"MostTime {MostTime}. Expected at least one set, a positive time, and no negative number.");
    }
}
