using System.Numerics;
using KernelSuite.Counters.Cones;
using KernelSuite.Counters.Statistics;
using KernelSuite.Counters.Verdicts;

namespace KernelSuite.Counters.Reports;

/// <summary>A row that an observation violates by itself.</summary>
internal sealed record ViolatedDocument(
    IReadOnlyDictionary<string, BigInteger> Row, bool IsEquality, string RowText, double? Value, double? Z, double PValue, double AdjustedPValue);

internal sealed record MixDocument(string RowText, bool IsEquality, double? Weight, double? Share);

internal sealed record CertificateDocument(
    IReadOnlyDictionary<string, BigInteger> Row, string RowText, double? Significance, IReadOnlyList<MixDocument> Mix);

internal sealed record WarningDocument(string Kind, string Message);

internal sealed record ObservationDocument(
    string Id, string Verdict, double? Distance, double Confidence, IReadOnlyList<ViolatedDocument> Violated, double PValue, double AdjustedPValue,
    int Freedom, long Samples, double EffectiveSamples, bool Exact, int UntestedRows, CertificateDocument? Certificate,
    CertificateDocument? SparseCertificate, IReadOnlyList<WarningDocument> Warnings);

internal sealed record RowDocument(
    IReadOnlyDictionary<string, BigInteger> Row, bool IsEquality, string RowText, int Passing, int Failing, int Untested, int FailingAdjusted,
    double? WorstZ, double WorstPValue, string WorstObservation, IReadOnlyList<string> FailingObservations);

internal sealed record BinDocument(double Above, double UpTo, int Observations);

internal sealed record InputsDocument(IReadOnlyList<string> Files, long Samples, long Dropped, IReadOnlyList<string> Warnings);

/// <summary>The document of <c>ksuite counters check</c>.</summary>
internal sealed record CheckDocument(
    string Model, IReadOnlyList<string> Features, string Method, double Confidence, long? Paths, int Signatures, int? Rank, int? Equalities,
    int? Inequalities, bool FacetsComplete, string? FacetsMissing, IReadOnlyList<string> Counters, IReadOnlyList<string> UnmeasuredCounters,
    IReadOnlyList<string> ForeignCounters, int MoreForeignCounters, int Consistent, int Refuted, int Inconclusive, int RefutedAdjusted, IReadOnlyList<BinDocument> Histogram,
    IReadOnlyList<ObservationDocument> Observations, IReadOnlyList<RowDocument> Rows, InputsDocument? Inputs)
{
    public static CheckDocument Of(CheckReport report)
    {
        Dictionary<string, ConeRow> rows = report.Rows.ToDictionary(r => r.Row.ToString(), r => r.Row);
        return new CheckDocument(
            report.Model, report.Features, VerdictWords.Of(report.Options.Method), report.Options.Confidence, report.Paths, report.Signatures.Count,
            report.Cone?.Rank, report.Cone?.Equalities.Count, report.Cone is { FacetsComplete: true } full ? full.Inequalities.Count : null,
            report.Cone?.FacetsComplete ?? false, report.Cone is null ? "no counter was measured, or too many" : report.Cone.FacetsMissing,
            report.Measured, report.Unmeasured, report.Foreign, report.MoreForeign, report.Count(Verdict.Consistent), report.Count(Verdict.Refuted),
            report.Count(Verdict.Inconclusive), report.RefutedAdjusted,
            [.. report.Histogram().Select(b => new BinDocument(b.Above, b.UpTo, b.Observations))],
            [.. report.Observations.Select(o => Of(o, rows))], [.. report.Rows.Select(Of)],
            report.Inputs is { } read ? new InputsDocument([.. read.Files.Select(f => f.Name)], read.Samples, read.Dropped, read.Warnings) : null);
    }

    /// <summary>What is not a number, or infinite, is null.</summary>
    internal static double? Finite(double value) => double.IsFinite(value) ? value : null;

    private static ObservationDocument Of(CheckedObservation one, Dictionary<string, ConeRow> rows)
    {
        VerdictResult result = one.Result;
        return new ObservationDocument(
            result.Observation.Id, VerdictWords.Of(result.Verdict), Finite(result.Distance), result.Confidence,
            [.. result.Violated.Select(v => Of(v, rows[v.Row.Name]))], result.PValue, one.Adjusted, result.Freedom, result.Observation.Moments.Count,
            result.EffectiveSamples, result.Observation.IsExact, result.UntestedRows.Count, Of(result.Certificate), Of(result.SparseCertificate),
            [.. result.Warnings.Select(w => new WarningDocument(VerdictWords.Of(w.Kind), w.Message))]);
    }

    private static ViolatedDocument Of(RowResult row, ConeRow exact) =>
        new(ReportRows.Of(exact), exact.IsEquality, exact.ToString(), Finite(row.Value), Finite(row.Statistic), row.PValue, row.Adjusted);

    private static CertificateDocument? Of(Certificate? certificate)
    {
        if (certificate is null) return null;
        var row = new OrderedDictionary<string, BigInteger>();
        for (int i = 0; i < certificate.Counters.Count; i++)
            if (!certificate.Coefficients[i].IsZero) row.Add(certificate.Counters[i], certificate.Coefficients[i]);
        return new CertificateDocument(row, certificate.ToString(), Finite(certificate.Significance),
            [.. certificate.Mix.Select(m => new MixDocument(m.Row.Name, m.Row.IsEquality, Finite(m.Weight), Finite(m.Share)))]);
    }

    private static RowDocument Of(CheckedRow row) => new(
        ReportRows.Of(row.Row), row.Row.IsEquality, row.Row.ToString(), row.Passing, row.Failing.Count, row.Untested, row.FailingAdjusted,
        Finite(row.Worst.Statistic), row.Worst.PValue, row.WorstObservation, row.Failing);
}
