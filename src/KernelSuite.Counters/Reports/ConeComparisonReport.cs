using System.Numerics;
using KernelSuite.Counters.Cones;
using KernelSuite.Counters.Models;

namespace KernelSuite.Counters.Reports;

/// <summary>A signature that one model has and another cannot explain.</summary>
/// <param name="Signature">Counter to ticks, on the compared counters.</param>
/// <param name="Decisions">Property to value on the first path that has this signature: what a run has to do to tell the models apart.</param>
/// <param name="Row">The row of the other model that it breaks: counter to coefficient.</param>
/// <param name="IsEquality">Whether the row's sum is zero; otherwise it is at most zero.</param>
/// <param name="RowText">The row with positive coefficients on both sides.</param>
public sealed record ConeWitnessReport(
    IReadOnlyDictionary<string, long> Signature, IReadOnlyDictionary<string, string> Decisions,
    IReadOnlyDictionary<string, BigInteger> Row, bool IsEquality, string RowText);

/// <summary>The document of <c>ksuite counters compare</c>.</summary>
/// <param name="First">The first file.</param>
/// <param name="Second">The second file.</param>
/// <param name="Counters">The counters they are compared on.</param>
/// <param name="FirstOnlyCounters">Counters of the first that the second does not have.</param>
/// <param name="SecondOnlyCounters">Counters of the second that the first does not have.</param>
/// <param name="Relation">"equivalent", "subset" (the first is within the second), "superset" or "neither".</param>
/// <param name="FirstOutside">Signatures of the first that the second cannot explain.</param>
/// <param name="SecondOutside">Signatures of the second that the first cannot explain.</param>
public sealed record ConeComparisonReport(
    string First,
    string Second,
    IReadOnlyList<string> Counters,
    IReadOnlyList<string> FirstOnlyCounters,
    IReadOnlyList<string> SecondOnlyCounters,
    string Relation,
    IReadOnlyList<ConeWitnessReport> FirstOutside,
    IReadOnlyList<ConeWitnessReport> SecondOutside)
{
    /// <summary>Compares two models, each under its own selection of features.</summary>
    /// <param name="first">The first.</param>
    /// <param name="second">The second.</param>
    /// <param name="counters">The counters to compare on; null for those that both have.</param>
    /// <param name="limits">Bounds of the facet enumeration; past them the answer is exact all the same.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="ArgumentException">A model lacks one of <paramref name="counters"/>, or they have none in common.</exception>
    /// <exception cref="FlowPathException">A model has errors, a path never ends, or there are too many.</exception>
    public static ConeComparisonReport Of(
        FlowModel first, FlowModel second, CounterSet? counters = null, ConeLimits? limits = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        if (counters is not null) CounterNames.CheckAllIn(counters, first.Counters, first.Name);
        if (counters is not null) CounterNames.CheckAllIn(counters, second.Counters, second.Name);
        PathSet one = first.Enumerate(cancellation: cancellation), other = second.Enumerate(cancellation: cancellation);
        var comparison = ConeComparison.Between(one.Signatures, other.Signatures, counters, limits, cancellation);
        return new(
            first.Name, second.Name, comparison.Counters,
            [.. first.Counters.Where(c => !second.Counters.Contains(c))], [.. second.Counters.Where(c => !first.Counters.Contains(c))],
            Name(comparison.Relation),
            Witnesses(one, comparison.Counters, comparison.FirstOutside, cancellation),
            Witnesses(other, comparison.Counters, comparison.SecondOutside, cancellation));
    }

    /// <summary>The report for people: the relation in a sentence, then the witnesses.</summary>
    public IEnumerable<string> Lines()
    {
        yield return Relation switch
        {
            "equivalent" => $"equivalent: no data on these {Counters.Count} counters can tell {First} from {Second}",
            "subset" => $"subset: {First} is within {Second} on {Counters.Count} counters; what refutes {Second} refutes {First}",
            "superset" => $"superset: {Second} is within {First} on {Counters.Count} counters; what refutes {First} refutes {Second}",
            _ => $"neither: on {Counters.Count} counters each of {First} and {Second} allows what the other does not",
        };
        if (FirstOnlyCounters.Count > 0) yield return $"only in {First}: {string.Join(", ", FirstOnlyCounters)}";
        if (SecondOnlyCounters.Count > 0) yield return $"only in {Second}: {string.Join(", ", SecondOnlyCounters)}";
        foreach (string line in FirstOutside.SelectMany(w => WitnessLines(w, First, Second))) yield return line;
        foreach (string line in SecondOutside.SelectMany(w => WitnessLines(w, Second, First))) yield return line;
    }

    private static IEnumerable<string> WitnessLines(ConeWitnessReport witness, string has, string lacks)
    {
        string ticks = string.Join(", ", witness.Signature.Select(t => t.Value == 1 ? t.Key : $"{t.Value} {t.Key}"));
        yield return $"{has} counts {ticks} on a path; {lacks} says {witness.RowText}";
        if (witness.Decisions.Count > 0) yield return $"  the path: {string.Join(' ', witness.Decisions.Select(d => $"{d.Key}={d.Value}"))}";
    }

    private static string Name(ConeRelation relation) => relation switch
    {
        ConeRelation.Equivalent => "equivalent",
        ConeRelation.Subset => "subset",
        ConeRelation.Superset => "superset",
        _ => "neither",
    };

    private static ConeWitnessReport[] Witnesses(
        PathSet paths, CounterSet counters, IReadOnlyList<ConeWitness> witnesses, CancellationToken cancellation)
    {
        IReadOnlyDictionary<string, string>[] decisions = SignaturePaths.Decisions(paths, counters, witnesses.Select(w => w.Vector), cancellation);
        return [.. witnesses.Select((w, i) =>
            new ConeWitnessReport(ReportRows.Of(counters, w.Vector), decisions[i], ReportRows.Of(w.Row), w.Row.IsEquality, w.Row.ToString()))];
    }
}
