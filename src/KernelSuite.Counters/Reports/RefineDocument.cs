using System.Numerics;
using System.Text.Json;
using System.Text.Json.Serialization;
using KernelSuite.Counters.Refinement;

namespace KernelSuite.Counters.Reports;

internal sealed record FeatureSetDocument(
    IReadOnlyList<string> Features, string Outcome, int Signatures, string? RefutedBy, string? RowText,
    int Inconclusive);

internal sealed record RepairDocument(
    IReadOnlyDictionary<string, BigInteger> Row, string RowText, bool IsFacet, IReadOnlyList<string> Observations, IReadOnlyList<string> Features,
    IReadOnlyList<IReadOnlyList<string>> Pairs);

internal sealed record ClassDocument(IReadOnlyList<IReadOnlyList<string>> Sets, int ExtremeSignatures, bool IsMinimal);

internal sealed record ExperimentDocument(
    IReadOnlyList<string> Has, IReadOnlyList<string> Lacks, IReadOnlyDictionary<string, long> Signature,
    IReadOnlyDictionary<string, string> Decisions,
    IReadOnlyDictionary<string, BigInteger> Row, bool IsEquality, string RowText, string Text);

internal sealed record TriedDocument(
    long AllSets, int Tried, int Solved, int PrunedByCertificate, int PrunedByInclusion, long Verdicts, string? Stopped);

/// <summary>The document of <c>ksuite counters refine</c>.</summary>
internal sealed record RefineDocument(
    string Model, IReadOnlyList<string> Features, IReadOnlyList<string> Fixed, IReadOnlyList<string> Counters, int Observations, double Confidence,
    double ConfidencePerObservation, IReadOnlyList<FeatureSetDocument> Minimal, bool MinimalComplete, IReadOnlyList<string> Needed,
    IReadOnlyList<string> Unneeded, int Feasible, TriedDocument Search, IReadOnlyList<RepairDocument> Repairs, IReadOnlyList<ClassDocument> Classes,
    bool ClassesComplete, IReadOnlyList<ExperimentDocument> Experiments, IReadOnlyList<FeatureSetDocument> Sets)
{
    public static RefineDocument Of(FeatureSearchResult found) => new(
        found.Model, found.Features, found.Fixed, found.Counters, found.Observations, found.Confidence, found.ConfidencePerObservation,
        [.. found.Minimal.Select(Of)], found.MinimalComplete, found.Needed, found.Unneeded, found.Sets.Count(s => s.IsFeasible),
        new(found.AllSets, found.Sets.Count, found.Solved, found.PrunedByCertificate, found.PrunedByInclusion, found.Verdicts, found.Stopped),
        [.. found.Repairs.Select(r => new RepairDocument(
            ReportRows.Of(r.Row), r.Row.ToString(), r.IsFacet, r.Observations, r.Features,
            [.. r.Pairs.Select(p => (IReadOnlyList<string>)[p.First, p.Second])]))],
        [.. found.Classes.Select(c => new ClassDocument(c.Sets, c.ExtremeSignatures, c.IsMinimal))], found.ClassesComplete,
        [.. found.Experiments.Select(e => new ExperimentDocument(
            e.Has, e.Lacks, e.Signature, e.Decisions, ReportRows.Of(e.Broken), e.Broken.IsEquality, e.Broken.ToString(), e.ToString()))],
        [.. found.Sets.Select(Of)]);

    private static FeatureSetDocument Of(FeatureSetResult set) => new(
        set.Features, JsonNamingPolicy.SnakeCaseLower.ConvertName(set.Outcome.ToString()), set.Signatures, set.RefutedBy,
        set.Broken?.ToString(), set.Inconclusive);
}

/// <summary>A search over features as JSON, with names in snake_case.</summary>
public static class RefineJson
{
    /// <summary>The document of <c>ksuite counters refine</c>.</summary>
    public static string Write(FeatureSearchResult found)
    {
        ArgumentNullException.ThrowIfNull(found);
        return JsonSerializer.Serialize(RefineDocument.Of(found), RefineJsonContext.Default.RefineDocument);
    }
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    Converters = [typeof(BigIntegerConverter)])]
[JsonSerializable(typeof(RefineDocument))]
internal sealed partial class RefineJsonContext : JsonSerializerContext;
