using System.Globalization;
using KernelSuite.Counters.Refinement;

namespace KernelSuite.Counters.Reports;

/// <summary>A search over features for people.</summary>
public static class RefineText
{
    private const int MostRepairs = 20;
    private const int MostClasses = 20;
    private const int MostSetsOfClass = 4;

    /// <summary>The report, line by line.</summary>
    public static IEnumerable<string> Lines(FeatureSearchResult found)
    {
        ArgumentNullException.ThrowIfNull(found);
        return Minimal(found).Concat(Repairs(found)).Concat(Classes(found)).Concat(Search(found)).Select(CheckText.Printable);
    }

    private static IEnumerable<string> Minimal(FeatureSearchResult found)
    {
        string always = found.Fixed.Count > 0 ? $" beside {string.Join(", ", found.Fixed)}" : "";
        yield return string.Create(CultureInfo.InvariantCulture,
            $"{found.Model}: {found.Features.Count} features{always}, {found.Counters.Count} counters, {found.Observations} observations; ") +
            string.Create(CultureInfo.InvariantCulture,
                $"confidence {found.Confidence} of all together, {found.ConfidencePerObservation:G6} of each");
        if (found.Minimal.Count == 0)
        {
            yield return found.MinimalComplete ? "no set of features explains all observations: the model lacks something that is not among them"
                : "no set of features was found that explains all observations";
            yield break;
        }

        yield return $"smallest sets that explain all observations{(found.MinimalComplete ? "" : " (there may be more)")}:";
        foreach (FeatureSetResult set in found.Minimal)
            yield return $"  {FeatureNames.Of(set.Features)}{(set.Inconclusive > 0 ? $", {set.Inconclusive} observations inconclusive" : "")}";
        if (found.Needed.Count > 0) yield return $"in all of them: {string.Join(", ", found.Needed)}";
        if (found.Unneeded.Count > 0) yield return $"in none of them: {string.Join(", ", found.Unneeded)}";
    }

    private static IEnumerable<string> Repairs(FeatureSearchResult found)
    {
        if (found.Repairs.Count == 0) yield break;
        yield return $"without {(found.Fixed.Count > 0 ? "these" : "any")} features {found.Repairs.Count} constraints are broken:";
        foreach (RowRepair repair in found.Repairs.Take(MostRepairs))
        {
            string[] by = [.. repair.Features, .. repair.Pairs.Select(p => $"{p.First} with {p.Second}")];
            string mix = repair.IsFacet ? "" : " (a mix of rows)", names = by.Length > 0 ? string.Join(", ", by) : "no feature or pair";
            yield return $"  {repair.Row}{mix}: broken by {repair.Observations.Count}, repaired by {names}";
        }

        if (found.Repairs.Count > MostRepairs) yield return $"  and {found.Repairs.Count - MostRepairs} more";
    }

    private static IEnumerable<string> Classes(FeatureSearchResult found)
    {
        if (found.Classes.Count == 0) yield break;
        string rest = found.ClassesComplete ? "" : ", and more that were not compared";
        yield return $"{found.Classes.Count} different models survive on these counters{rest}:";
        foreach (EquivalenceClass one in found.Classes.Take(MostClasses))
        {
            string more = one.Sets.Count > MostSetsOfClass ? $" and {one.Sets.Count - MostSetsOfClass} more" : "";
            yield return $"  {(one.IsMinimal ? "minimal: " : "")}{string.Join(" = ", one.Sets.Take(MostSetsOfClass).Select(FeatureNames.Of))}{more}";
        }

        if (found.Classes.Count > MostClasses) yield return $"  and {found.Classes.Count - MostClasses} more";
        if (found.Experiments.Count > 0) yield return "what would tell them apart:";
        foreach (SeparatingExperiment experiment in found.Experiments) yield return $"  {experiment}";
    }

    private static IEnumerable<string> Search(FeatureSearchResult found)
    {
        yield return string.Create(CultureInfo.InvariantCulture,
            $"tried {found.Sets.Count:N0} of {found.AllSets:N0} sets: {found.Solved:N0} solved ({found.Verdicts:N0} verdicts), ") +
            string.Create(CultureInfo.InvariantCulture, $"{found.PrunedByCertificate:N0} refuted by certificates of others, ") +
            string.Create(CultureInfo.InvariantCulture, $"{found.PrunedByInclusion:N0} contain a feasible one; ") +
            string.Create(CultureInfo.InvariantCulture, $"{found.Sets.Count(s => s.IsFeasible):N0} feasible") +
            (found.Stopped is { } why ? $". Stopped: {why}" : "");
    }
}
