using System.Globalization;
using System.Text;

namespace KernelSuite.Measurement;

/// <summary>An evaluation as a picture: accuracy against bytes held.</summary>
public static class KvEvaluationPicture
{
    private const int LegendWidth = 150;

    /// <summary>An SVG with a chart for recall and one for bits per byte, whichever were measured.</summary>
    /// <exception cref="ArgumentException">The report has no result.</exception>
    public static string Svg(KvEvaluationReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        if (report.Results.Count == 0) throw new ArgumentException("The report has no result to draw.", nameof(report));
        string[] policies = [.. report.Results.Select(r => r.Policy).Distinct()];
        var charts = new List<SvgChart>();
        if (report.Tasks.RecallPrompts > 0)
            charts.Add(new SvgChart($"Recall of digits, {report.Tasks.RecallPrompts} prompts", "digits right, % of full", Series(report, policies, "recall", Digits)));
        if (report.Tasks.TextWindows > 0)
            charts.Add(new SvgChart($"Text, {report.Tasks.TextWindows} windows (lower is better)", "bits per byte", Series(report, policies, "text", (r, _) => (r.BitsPerByte, double.NaN, double.NaN))));

        int width = SvgChart.Width + LegendWidth, height = charts.Count * SvgChart.Height;
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"12\" fill=\"#222\">\n");
        svg.Append("<title>Cache policies: accuracy against bytes held</title>\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n");
        for (int i = 0; i < charts.Count; i++) charts[i].Draw(svg, i * SvgChart.Height);
        for (int i = 0; i < policies.Length; i++)
        {
            int y = 44 + (i * 20);
            svg.Append(SvgChart.Marker(i, SvgChart.Width + 12, y)).Append('\n');
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{SvgChart.Width + 24}\" y=\"{y + 4}\">{SvgChart.Escape(policies[i])}</text>\n");
        }

        if (report.Retained.Count > 0) svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{SvgChart.Width + 8}\" y=\"{52 + (policies.Length * 20)}\" font-size=\"11\">bars: 95 % interval</text>\n");
        return svg.Append("</svg>\n").ToString();
    }

    private static (double Y, double Low, double High) Digits(KvResult result, KvEvaluationReport report)
    {
        KvRetention? kept = report.Retained.FirstOrDefault(k => k.Policy == result.Policy && k.Budget == result.Budget);
        return kept is null ? (100, double.NaN, double.NaN) : (100 * kept.Digits, 100 * kept.Low, 100 * kept.High);
    }

    private static ChartSeries[] Series(
        KvEvaluationReport report, string[] policies, string task, Func<KvResult, KvEvaluationReport, (double Y, double Low, double High)> value)
    {
        ChartPoint Point(KvResult result)
        {
            double bytes = report.Bytes.First(b => b.Policy == result.Policy && b.Budget == result.Budget && b.Task == task).BytesHeld;
            (double y, double low, double high) = value(result, report);
            return new ChartPoint(bytes, y, low, high, string.Create(CultureInfo.InvariantCulture, $"{result.Policy} at {result.Budget}: {y:0.####}, {Quantity.Bytes(bytes)}"));
        }

        return [.. policies.Select(policy => new ChartSeries(policy, [.. report.Results.Where(r => r.Policy == policy).Select(Point).Where(p => double.IsFinite(p.Y))]))];
    }
}
