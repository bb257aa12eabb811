using System.Globalization;
using KernelSuite.Counters.Verdicts;

namespace KernelSuite.Counters.Reports;

/// <summary>
/// A test of a model against observations for people: facts, histogram, the observations that need attention, then rows, worst first.
/// </summary>
public static class CheckText
{
    private const int MostObservations = 20;
    private const int MostRows = 40;
    private const int MostTerms = 4;
    private const int MostForeign = 20;

    /// <summary>The report, line by line.</summary>
    public static IEnumerable<string> Lines(CheckReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        return Facts(report).Concat(Histogram(report)).Concat(Observations(report)).Concat(Rows(report)).Select(Printable);
    }

    /// <summary>Facts about the model, and the verdicts in numbers.</summary>
    internal static IEnumerable<string> Facts(CheckReport report)
    {
        string name = report.Model.Length > 0 ? report.Model : "model", paths = report.Paths is { } count ? $"{count:N0} paths, " : "";
        string rank = report.Cone is { } cone ? $", dimension {cone.Rank}, {cone.Equalities.Count} equalities" : "";
        string facets = report.Cone is not { } known ? "" : known.FacetsComplete ? $", {known.Inequalities.Count} inequalities"
            : $"; inequalities were not enumerated: {known.FacetsMissing}";
        yield return string.Create(CultureInfo.InvariantCulture,
            $"{name}: {paths}{report.Signatures.Count:N0} signatures, {report.Measured.Count} measured counters{rank}{facets}");
        if (report.Paths is not null) yield return $"features on: {(report.Features.Count > 0 ? string.Join(", ", report.Features) : "none")}";
        if (report.Unmeasured.Count > 0) yield return $"not measured, hence free: {string.Join(", ", report.Unmeasured)}";
        int unnamed = Math.Max(report.Foreign.Count - MostForeign, 0) + report.MoreForeign;
        string more = unnamed > 0 ? string.Create(CultureInfo.InvariantCulture, $" and {unnamed:N0} more") : "";
        if (report.Foreign.Count > 0) yield return $"not in the model, hence ignored: {string.Join(", ", report.Foreign.Take(MostForeign))}{more}";
        yield return string.Create(CultureInfo.InvariantCulture,
            $"{report.Observations.Count} observations, {VerdictWords.Of(report.Options.Method)} test at confidence {report.Options.Confidence}: ")
            + Counts(report);
    }

    /// <summary>A p-value, or what stands for one.</summary>
    internal static string P(double value) => value.ToString(value is 0 or 1 ? "F0" : "G2", CultureInfo.InvariantCulture);

    internal static string Number(double value) => double.IsNaN(value) ? "none"
        : double.IsInfinity(value) ? (value > 0 ? "infinite" : "-infinite") : value.ToString("G4", CultureInfo.InvariantCulture);

    internal static string Counts(CheckReport report) => string.Create(CultureInfo.InvariantCulture,
        $"{report.Count(Verdict.Refuted)} refuted ({report.RefutedAdjusted} with the false discovery rate over all at ") +
        string.Create(CultureInfo.InvariantCulture, $"{Rounded(1 - report.Options.Confidence)}), ") +
        $"{report.Count(Verdict.Inconclusive)} inconclusive, {report.Count(Verdict.Consistent)} consistent";

    /// <summary>Control characters of names that files bring would steer a terminal.</summary>
    internal static string Printable(string line) => line.Any(char.IsControl) ? string.Concat(line.Select(c => char.IsControl(c) ? '?' : c)) : line;

    private static double Rounded(double value) => Math.Round(value, 12);

    private static IEnumerable<string> Histogram(CheckReport report)
    {
        if (report.Observations.Count == 0) yield break;
        yield return "smallest confidence that makes the model feasible:";
        foreach (ConfidenceBin bin in report.Histogram())
        {
            yield return string.Create(CultureInfo.InvariantCulture,
                $"  {bin.Above,5} to {bin.UpTo,-5} {bin.Observations,6}  {100.0 * bin.Observations / report.Observations.Count,5:F1} %");
        }
    }

    private static IEnumerable<string> Observations(CheckReport report)
    {
        CheckedObservation[] shown = [.. report.Observations.Where(o => o.Result.Verdict != Verdict.Consistent)];
        foreach (CheckedObservation one in shown.Take(MostObservations))
        {
            VerdictResult result = one.Result;
            yield return string.Create(CultureInfo.InvariantCulture,
                $"{VerdictWords.Of(result.Verdict)}: {result.Observation.Id}: distance {Number(result.Distance)}, p {P(result.PValue)} ") +
                $"({P(one.Adjusted)} over all observations), {result.Observation.Moments.Count} samples";
            if (result.Certificate is { } certificate)
            {
                yield return $"  the model says {certificate}; " +
                    (result.Observation.IsExact ? "the values, which are exact, do not"
                        : $"measured {Number(certificate.Significance)} standard deviations beyond");
                foreach (MixTerm term in certificate.Mix.Take(MostTerms))
                    yield return string.Create(CultureInfo.InvariantCulture,
                        $"    {100 * term.Share,5:F1} % of it: {Number(term.Weight)} x ({term.Row.Name})");
            }

            if (result.SparseCertificate is { } sparse)
                yield return $"  of few counters: {sparse}; {Number(sparse.Significance)} standard deviations";
            foreach (RowResult row in result.Violated.Take(MostTerms))
                yield return $"  violates {row.Row.Name}: z {Number(row.Statistic)}, adjusted p {P(row.Adjusted)}";
            foreach (Statistics.Warning warning in result.Warnings) yield return $"  {warning.Message}";
        }

        if (shown.Length > MostObservations) yield return $"and {shown.Length - MostObservations} more, which the JSON lists";
    }

    private static IEnumerable<string> Rows(CheckReport report)
    {
        CheckedRow[] failing = [.. report.Rows.Where(r => r.Failing.Count > 0)];
        if (report.Rows.Count > 0)
            yield return $"{failing.Length} of {report.Rows.Count} rows fail by themselves{(failing.Length > 0 ? ", worst first:" : "")}";
        foreach (CheckedRow row in failing.Take(MostRows))
        {
            string untested = row.Untested > 0 ? $", {row.Untested} untested" : "";
            yield return
                $"  {row.Row}: {row.Failing.Count} fail ({row.FailingAdjusted} at that false discovery rate), {row.Passing} pass{untested}; " +
                $"worst z {Number(row.Worst.Statistic)} in {row.WorstObservation}";
        }

        if (failing.Length > MostRows) yield return $"  and {failing.Length - MostRows} more";
    }
}
