using KernelSuite.Counters.Cones;

namespace KernelSuite.Counters.Refinement;

/// <summary>What became of a set of features.</summary>
public enum FeatureSetOutcome
{
    /// <summary>No observation refutes it; every one was tested.</summary>
    Feasible,

    /// <summary>Its cone contains that of a feasible smaller set, which was checked signature by signature.</summary>
    FeasibleByInclusion,

    /// <summary>An observation refutes it.</summary>
    Refuted,

    /// <summary>A certificate that refuted another set holds for all its signatures, so it refutes this one too.</summary>
    RefutedByCertificate,
}

/// <summary>A set of features that was tried.</summary>
/// <param name="Features">The features that are on, in the model's order.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Signatures">Distinct signatures on the measured counters.</param>
/// <param name="RefutedBy">The id of the observation that refutes it; null where it is feasible.</param>
/// <param name="Broken">
/// A constraint of this set, in integers, which that observation breaks; null where it is feasible or only rows could be tested.
/// </param>
/// <param name="Inconclusive">
/// Observations whose samples allowed no verdict; counted where the set is <see cref="FeatureSetOutcome.Feasible"/>.
/// </param>
public sealed record FeatureSetResult(
    IReadOnlyList<string> Features, FeatureSetOutcome Outcome, int Signatures, string? RefutedBy, ConeRow? Broken, int Inconclusive)
{
    /// <summary>Whether it survives.</summary>
    public bool IsFeasible => Outcome is FeatureSetOutcome.Feasible or FeatureSetOutcome.FeasibleByInclusion;
}

/// <summary>A constraint of the model without the features, broken by observations, and the features that allow what it forbids.</summary>
/// <param name="Row">The constraint; an equality appears as the inequality that was broken.</param>
/// <param name="IsFacet">Whether it is a row of the model; otherwise it is the certificate of observations that break no row by themselves.</param>
/// <param name="Observations">Ids of the observations that break it.</param>
/// <param name="Features">Features that, each alone, add a signature with w · s &gt; 0. No other feature can repair it alone.</param>
/// <param name="Pairs">Pairs that do so together, while neither does alone.</param>
public sealed record RowRepair(
    ConeRow Row, bool IsFacet, IReadOnlyList<string> Observations, IReadOnlyList<string> Features,
    IReadOnlyList<(string First, string Second)> Pairs);

/// <summary>Surviving sets with the same cone on the measured counters: no data on these can tell them apart.</summary>
/// <param name="Sets">The sets, small ones first.</param>
/// <param name="ExtremeSignatures">Number of extreme rays of their cone.</param>
/// <param name="IsMinimal">Whether a minimal set is among them.</param>
public sealed record EquivalenceClass(IReadOnlyList<IReadOnlyList<string>> Sets, int ExtremeSignatures, bool IsMinimal);

/// <summary>A run that would tell two surviving sets apart: one takes a path that the other cannot explain.</summary>
/// <param name="Has">The set that has the path.</param>
/// <param name="Lacks">The set that does not.</param>
/// <param name="Signature">Ticks on the measured counters along the path.</param>
/// <param name="Decisions">Property to value on the first such path: what the run has to do.</param>
/// <param name="Broken">The constraint of <paramref name="Lacks"/> that the run would break.</param>
public sealed record SeparatingExperiment(
    IReadOnlyList<string> Has, IReadOnlyList<string> Lacks, IReadOnlyDictionary<string, long> Signature,
    IReadOnlyDictionary<string, string> Decisions,
    ConeRow Broken)
{
    /// <summary>The experiment in a sentence.</summary>
    public override string ToString()
    {
        string path = Decisions.Count == 0 ? "the only path" : string.Join(' ', Decisions.Select(d => $"{d.Key}={d.Value}"));
        string ticks = string.Join(", ", Signature.Select(t => t.Value == 1 ? t.Key : $"{t.Value} {t.Key}"));
        return $"Run what takes mostly {path}: {FeatureNames.Of(Has)} counts {ticks} there, {FeatureNames.Of(Lacks)} says {Broken}.";
    }
}

/// <summary>What a search over features found, and what it tried.</summary>
public sealed record FeatureSearchResult
{
    /// <summary>The model's file.</summary>
    public required string Model { get; init; }

    /// <summary>The features that were searched over.</summary>
    public required IReadOnlyList<string> Features { get; init; }

    /// <summary>Features that were on in every set.</summary>
    public required IReadOnlyList<string> Fixed { get; init; }

    /// <summary>The counters that were compared.</summary>
    public required CounterSet Counters { get; init; }

    /// <summary>Number of observations.</summary>
    public required int Observations { get; init; }

    /// <summary>Probability with which the true set survives all observations together.</summary>
    public required double Confidence { get; init; }

    /// <summary>Confidence of each observation's test.</summary>
    public required double ConfidencePerObservation { get; init; }

    /// <summary>Every set that was tried, small ones first within the two parts of the search.</summary>
    public required IReadOnlyList<FeatureSetResult> Sets { get; init; }

    /// <summary>Feasible sets without a feasible proper subset.</summary>
    public required IReadOnlyList<FeatureSetResult> Minimal { get; init; }

    /// <summary>Whether <see cref="Minimal"/> has all of them.</summary>
    public required bool MinimalComplete { get; init; }

    /// <summary>Why sets were left untried; null where all were tried.</summary>
    public required string? Stopped { get; init; }

    /// <summary>Number of sets that there are.</summary>
    public long AllSets => 1L << Features.Count;

    /// <summary>Sets that were tested with the solver.</summary>
    public int Solved => Sets.Count(s => s.Outcome is FeatureSetOutcome.Feasible or FeatureSetOutcome.Refuted);

    /// <summary>Sets that a certificate of another set refuted.</summary>
    public int PrunedByCertificate => Sets.Count(s => s.Outcome == FeatureSetOutcome.RefutedByCertificate);

    /// <summary>Sets that contain the cone of a feasible one.</summary>
    public int PrunedByInclusion => Sets.Count(s => s.Outcome == FeatureSetOutcome.FeasibleByInclusion);

    /// <summary>Verdicts that the result rests on: of each set that was solved, up to the first refutation.</summary>
    public required long Verdicts { get; init; }

    /// <summary>Broken constraints of the model without the features, and what repairs them.</summary>
    public required IReadOnlyList<RowRepair> Repairs { get; init; }

    /// <summary>Survivors that the measured counters cannot tell apart; those with a minimal set first.</summary>
    public required IReadOnlyList<EquivalenceClass> Classes { get; init; }

    /// <summary>Whether every survivor is in a class; otherwise there are more distinct ones than were to be compared.</summary>
    public required bool ClassesComplete { get; init; }

    /// <summary>Runs that would tell classes apart.</summary>
    public required IReadOnlyList<SeparatingExperiment> Experiments { get; init; }

    /// <summary>Features that are in every minimal set; empty where none survives.</summary>
    public IReadOnlyList<string> Needed => Minimal.Count == 0 ? [] : [.. Features.Where(f => Minimal.All(m => m.Features.Contains(f)))];

    /// <summary>Features that are in no minimal set.</summary>
    public IReadOnlyList<string> Unneeded => Minimal.Count == 0 ? [] : [.. Features.Where(f => !Minimal.Any(m => m.Features.Contains(f)))];
}

/// <summary>Sets of features as text.</summary>
internal static class FeatureNames
{
    public static string Of(IReadOnlyList<string> features) => features.Count == 0 ? "{}" : $"{{{string.Join(", ", features)}}}";
}
