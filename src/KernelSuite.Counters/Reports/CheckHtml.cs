using System.Globalization;
using System.Net;
using System.Text;
using KernelSuite.Counters.Verdicts;

namespace KernelSuite.Counters.Reports;

/// <summary>
/// A test of a model against observations as one file of HTML: tables, and pictures of the worst observations. It loads nothing and runs nothing.
/// </summary>
public static class CheckHtml
{
    private const int MostPictured = 5;
    private const int MostObservations = 2000;
    private const int MostTerms = 6;
    private const string CodeKind = "c";

    private const string Style =
        """
        :root{color-scheme:light dark}body{font:15px/1.45 system-ui,sans-serif;max-width:76rem;margin:2rem auto;padding:0 1rem}
        table{border-collapse:collapse;margin:.5rem 0 1.5rem}caption{text-align:left;font-weight:600;padding:.4rem 0}
        th,td{border:1px solid #8886;padding:.2rem .55rem;text-align:left;vertical-align:top}
        td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
        code{font:13px/1.35 ui-monospace,monospace;overflow-wrap:anywhere}.refuted{font-weight:700}.plots{display:flex;flex-wrap:wrap;gap:1rem}
        figure{margin:0;width:30rem;max-width:100%}svg{width:100%;height:auto}svg text{font-size:11px;fill:currentColor}
        .frame{fill:none;stroke:currentColor;stroke-opacity:.5}.cone{fill:#3b82c4;fill-opacity:.22}.edge{fill:none;stroke:#2a6aa8;stroke-width:1.5}
        .section{fill:#3b82c4;fill-opacity:.45;stroke:#2a6aa8;stroke-width:1.5}
        .ellipse{fill:#d9730d;fill-opacity:.25;stroke:#c05a00}.mean{fill:#c05a00}.nearest{fill:none;stroke:#2a6aa8;stroke-width:2}
        .gap{stroke:currentColor;stroke-dasharray:3 3}
        """;

    private const string PictureLegend =
        """
        <p><b>Projection</b> (pale blue): all that the model allows of the two axes, whatever the other counters are. Orange: the mean
        and its confidence ellipse in this plane alone.<br><b>Section</b> (strong blue): what the model allows of the two with other counters
        held at their measured values: as many counters as it explains together, each within its noise. Those that are not held are free.
        Orange: the mean and confidence ellipse of the two given the held ones. Ring: the nearest point of the section.<br>Dashed: from
        the mean to what is allowed. Windows are drawn around these points; the origin is mostly outside.</p>
        """;

    /// <summary>The document.</summary>
    public static string Write(CheckReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var html = new StringBuilder();
        string name = report.Model.Length > 0 ? report.Model : "model";
        html.Append("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">");
        html.Append("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">");
        Put(html, $"<title>{Text(name)} against {report.Observations.Count} observations</title><style>{Style}</style></head><body><main>\n");
        Put(html, $"<h1>{Text(name)}</h1>\n");
        foreach (string line in CheckText.Facts(report)) Put(html, $"<p>{Text(line)}</p>\n");
        if (report.Inputs is { } read)
            foreach (string warning in read.Warnings) Put(html, $"<p>Samples: {Text(warning)}</p>\n");
        Histogram(html, report);
        Observations(html, report);
        Rows(html, report);
        Pictures(html, report);
        return html.Append("</main></body></html>\n").ToString();
    }

    private static void Histogram(StringBuilder html, CheckReport report)
    {
        Table(html, "Observations by the smallest confidence that makes the model feasible", "above", "#up to", "#observations");
        foreach (ConfidenceBin bin in report.Histogram())
            Row(html, Plain(Invariant(bin.Above)), Count(Invariant(bin.UpTo)), Count(Invariant(bin.Observations)));
        html.Append("</tbody></table>\n");
    }

    private static void Observations(StringBuilder html, CheckReport report)
    {
        Table(html, "Observations, worst first", "id", "verdict", "#distance", "#p", "#p over all", "#samples", "why", "warnings");
        foreach (CheckedObservation one in report.Observations.Take(MostObservations))
        {
            VerdictResult result = one.Result;
            string verdict = VerdictWords.Of(result.Verdict);
            Row(html, Plain(result.Observation.Id), new Cell(verdict, verdict),
                Count(CheckText.Number(result.Distance)), Count(CheckText.P(result.PValue)),
                Count(CheckText.P(one.Adjusted)), Count(Invariant(result.Observation.Moments.Count)), Code(Why(result)),
                Plain(string.Join(' ', result.Warnings.Select(w => w.Message))));
        }

        html.Append("</tbody></table>\n");
        if (report.Observations.Count > MostObservations) Put(html, $"<p>The first {MostObservations} are shown.</p>\n");
    }

    private static string Why(VerdictResult result)
    {
        IEnumerable<string> mix = (result.Certificate?.Mix ?? []).Take(MostTerms).Select(m =>
            string.Create(CultureInfo.InvariantCulture, $"{100 * m.Share:F1} %: {CheckText.Number(m.Weight)} x ({m.Row.Name})"));
        IEnumerable<string> violated = result.Violated.Take(MostTerms).Select(v =>
            $"violated: {v.Row.Name}, z {CheckText.Number(v.Statistic)}, adjusted p {CheckText.P(v.Adjusted)}");
        string[] certificate = result.Certificate is { } c ? [$"certificate: {c}, {CheckText.Number(c.Significance)} standard deviations"] : [];
        return string.Join('\n', [.. certificate, .. mix, .. violated]);
    }

    private static void Rows(StringBuilder html, CheckReport report)
    {
        Table(html, "Rows of the model, worst first", "row", "#fail", "#fail, false discovery rate", "#pass", "#untested", "#worst z", "in");
        foreach (CheckedRow row in report.Rows)
        {
            Row(html, Code(row.Row.ToString()), Count(Invariant(row.Failing.Count)),
                Count(Invariant(row.FailingAdjusted)), Count(Invariant(row.Passing)),
                Count(Invariant(row.Untested)), Count(CheckText.Number(row.Worst.Statistic)), Plain(row.WorstObservation));
        }

        html.Append("</tbody></table>\n");
    }

    private static void Pictures(StringBuilder html, CheckReport report)
    {
        VerdictResult[] drawn = [.. report.Observations.Select(o => o.Result).Where(r => r.Verdict == Verdict.Refuted && r.Signatures is not null)
            .Take(MostPictured)];
        bool isRefuted = drawn.Length > 0;
        if (!isRefuted)
        {
            drawn = [.. report.Observations.Select(o => o.Result)
                .Where(r => r.Verdict == Verdict.Consistent && r.Signatures is not null && r.Rows.Count > 0).Take(1)];
        }

        if (drawn.Length == 0) return;
        Put(html, $"<h2>{(isRefuted ? "The worst observations" : "The observation that is nearest to refuting the model")}</h2>\n{PictureLegend}\n");
        for (int i = 0; i < drawn.Length; i++)
        {
            Put(html, $"<h3>{Text(drawn[i].Observation.Id)}</h3><div class=\"plots\">\n");
            foreach ((int k, PlanePicture picture) in PlanePairs.Of(drawn[i], report.Options).Index())
            {
                string reason = $"<code>{PlaneCanvas.Html(picture.Row)}</code>";
                Put(html, $"<figure>{PlanePlot.Projection(picture.Projection, drawn[i], report.Options, $"{i}-{k}")}");
                Put(html, $"<figcaption>Projection, for {reason}.</figcaption></figure>\n");
                if (picture.Slice is not { } slice) continue;
                (string svg, string words) = PlanePlot.Section(slice, drawn[i], report.Options, $"{i}-{k}s");
                string held = slice.Held.Count == 0 ? "none" : string.Join(", ", slice.Held);
                Put(html, $"<figure>{svg}<figcaption>Section, for {reason}. {Text(words)} Held: {PlaneCanvas.Html(held, 400)}</figcaption></figure>\n");
            }

            html.Append("</div>\n");
        }
    }

    /// <summary>Opens a table; columns of numbers are marked by '#'.</summary>
    private static void Table(StringBuilder html, string caption, params string[] columns)
    {
        Put(html, $"<table><caption>{Text(caption)}</caption><thead><tr>");
        foreach (string column in columns)
            html.Append(column.StartsWith('#') ? "<th scope=\"col\" class=\"n\">" : "<th scope=\"col\">")
                .Append(Text(column.TrimStart('#'))).Append("</th>");
        html.Append("</tr></thead><tbody>\n");
    }

    /// <summary>A row whose first cell names it.</summary>
    private static void Row(StringBuilder html, params Cell[] cells)
    {
        html.Append("<tr>");
        foreach ((int i, Cell cell) in cells.Index())
        {
            string tag = i == 0 ? "th" : "td", scope = i == 0 ? " scope=\"row\"" : "", kind = cell.Kind.Length > 0 ? $" class=\"{cell.Kind}\"" : "";
            string lines = string.Join("<br>", cell.Text.Split('\n').Select(Text));
            Put(html, $"<{tag}{scope}{kind}>{(cell.Kind == CodeKind && lines.Length > 0 ? $"<code>{lines}</code>" : lines)}</{tag}>");
        }

        html.Append("</tr>\n");
    }

    private static Cell Plain(string text) => new(text, "");

    private static Cell Count(string text) => new(text, "n");

    private static Cell Code(string text) => new(text, CodeKind);

    private static void Put(StringBuilder html, FormattableString text) => html.Append(FormattableString.Invariant(text));

    private static string Invariant(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);

    private static string Text(string text) => WebUtility.HtmlEncode(CheckText.Printable(text));

    /// <summary>A cell and its class.</summary>
    private readonly record struct Cell(string Text, string Kind);
}
