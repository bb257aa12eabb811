using System.Globalization;
using System.Net;
using System.Text;
using KernelSuite.Counters.Statistics;
using KernelSuite.Counters.Verdicts;

namespace KernelSuite.Counters.Reports;

/// <summary>
/// A plane through an observation as SVG: the model's cone as all points that signatures add up to there, the mean with its confidence ellipse, and
/// how far it is from the edge. The window is drawn around these, so that small violations are seen; the origin is usually outside.
/// </summary>
internal sealed class PlanePlot
{
    private const double Left = 92, Top = 14, Width = 360, Height = 260, Bottom = 52;
    private const double Margin = 1.35;
    private const int EllipsePoints = 72;

    private readonly PlaneView view;
    private readonly double radius;
    private readonly double centreX;
    private readonly double centreY;
    private readonly double halfX;
    private readonly double halfY;

    private PlanePlot(PlaneView view, double radius)
    {
        (this.view, this.radius) = (view, radius);
        (double x, double y) = view.Edge();
        (centreX, halfX) = Window(view.MeanX, x, radius * Math.Sqrt(view.XX));
        (centreY, halfY) = Window(view.MeanY, y, radius * Math.Sqrt(view.YY));
    }

    /// <summary>Draws.</summary>
    /// <param name="view">What is drawn.</param>
    /// <param name="result">The observation.</param>
    /// <param name="options">Whose confidence the ellipse has, in this plane alone.</param>
    /// <param name="key">Distinct for each picture of a document.</param>
    public static string Svg(PlaneView view, VerdictResult result, VerdictOptions options, string key)
    {
        long n = result.Observation.Moments.Count;
        double radius = result.Observation.IsExact || n < 4 ? 0
            : Math.Sqrt(Tails.HotellingQuantile(1 - options.Confidence, 2, options.FiniteSample ? n : double.PositiveInfinity));
        return new PlanePlot(view, radius).Draw(result.Observation.Id, options.Confidence, key);
    }

    private string Draw(string id, double confidence, string key)
    {
        var svg = new StringBuilder();
        string title = $"{id}: {view.Y.Name} against {view.X.Name}", ellipse = radius > 0
            ? string.Create(CultureInfo.InvariantCulture, $", with its ellipse of confidence {confidence}") : ", without noise";
        string text = $"Mean at {CheckText.Number(view.MeanX)}, {CheckText.Number(view.MeanY)}{ellipse}. In this plane alone it is " +
            $"{CheckText.Number(Math.Abs(view.Beyond))} standard deviations {(view.Beyond > 0 ? "outside of" : "inside")} what the model allows.";
        Put(svg, $"<svg viewBox=\"0 0 {Left + Width + 20} {Top + Height + Bottom}\" role=\"img\" aria-labelledby=\"t{key} d{key}\">");
        Put(svg, $"<title id=\"t{key}\">{Html(title)}</title><desc id=\"d{key}\">{Html(text)}</desc>");
        Put(svg, $"<rect class=\"frame\" x=\"{Left}\" y=\"{Top}\" width=\"{Width}\" height=\"{Height}\"/>");
        Cone(svg);
        if (radius > 0) Put(svg, $"<polygon class=\"ellipse\" points=\"{Points(Ellipse())}\"/>");
        (double x, double y) = Unit(view.MeanX, view.MeanY);
        (double edgeX, double edgeY) = view.Edge();
        (edgeX, edgeY) = Unit(edgeX, edgeY);
        Put(svg, $"<line class=\"gap\" x1=\"{Px(x):F1}\" y1=\"{Py(y):F1}\" x2=\"{Px(edgeX):F1}\" y2=\"{Py(edgeY):F1}\"/>");
        Put(svg, $"<circle class=\"mean\" cx=\"{Px(x):F1}\" cy=\"{Py(y):F1}\" r=\"3.5\"/>");
        Scale(svg);
        return svg.Append("</svg>").ToString();
    }

    private void Cone(StringBuilder svg)
    {
        if (view.Low is not { } low || view.High is not { } high) return;
        (double X, double Y) origin = Unit(0, 0), a = Far(origin, low), b = Far(origin, high);
        List<(double X, double Y)> area = PlaneClip.Polygon([origin, a, b]);
        if (area.Count > 2) Put(svg, $"<polygon class=\"cone\" points=\"{Points(area)}\"/>");
        foreach ((double X, double Y) far in ((double X, double Y)[])[a, b])
        {
            List<(double X, double Y)> edge = PlaneClip.Polygon([origin, far]);
            if (edge.Count > 1) Put(svg, $"<polyline class=\"edge\" points=\"{Points(edge)}\"/>");
        }
    }

    /// <summary>A point of a ray beyond the window, however narrow that is.</summary>
    private (double X, double Y) Far((double X, double Y) origin, (double X, double Y) direction)
    {
        double dx = direction.X / halfX, dy = direction.Y / halfY, size = Math.Max(Math.Abs(dx), Math.Abs(dy));
        double reach = 2 * (Math.Abs(origin.X) + Math.Abs(origin.Y) + 2) / size;
        return (origin.X + reach * dx, origin.Y + reach * dy);
    }

    private IEnumerable<(double X, double Y)> Ellipse()
    {
        double a = Math.Sqrt(view.XX), b = a > 0 ? view.XY / a : 0, c = Math.Sqrt(Math.Max(view.YY - b * b, 0));
        for (int i = 0; i < EllipsePoints; i++)
        {
            (double sin, double cos) = Math.SinCos(2 * Math.PI * i / EllipsePoints);
            yield return Unit(view.MeanX + radius * a * cos, view.MeanY + radius * (b * cos + c * sin));
        }
    }

    private void Scale(StringBuilder svg)
    {
        foreach (double at in (double[])[-1, 0, 1])
        {
            string anchor = at < 0 ? "start" : at > 0 ? "end" : "middle",
                x = CheckText.Number(centreX + at * halfX), y = CheckText.Number(centreY + at * halfY);
            double down = Py(at) + (at < 0 ? 0 : at > 0 ? 10 : 4);
            Put(svg, $"<text x=\"{Px(at):F1}\" y=\"{Top + Height + 16}\" text-anchor=\"{anchor}\">{x}</text>");
            Put(svg, $"<text x=\"{Left - 6}\" y=\"{down:F1}\" text-anchor=\"end\">{y}</text>");
        }

        Put(svg, $"<text x=\"{Left + Width / 2}\" y=\"{Top + Height + 38}\" text-anchor=\"middle\">{Html(Short(view.X.Name))}</text>");
        Put(svg, $"<text transform=\"translate(16 {Top + Height / 2}) rotate(-90)\" text-anchor=\"middle\">{Html(Short(view.Y.Name))}</text>");
    }

    private (double X, double Y) Unit(double x, double y) => ((x - centreX) / halfX, (y - centreY) / halfY);

    private static string Points(IEnumerable<(double X, double Y)> points) =>
        string.Join(' ', points.Select(p => string.Create(CultureInfo.InvariantCulture, $"{Px(p.X):F1},{Py(p.Y):F1}")));

    private static double Px(double unit) => Left + Width * (unit + 1) / 2;

    private static double Py(double unit) => Top + Height * (1 - unit) / 2;

    private static (double Centre, double Half) Window(double mean, double edge, double spread)
    {
        double low = Math.Min(mean - spread, edge), high = Math.Max(mean + spread, edge), half = Margin * (high - low) / 2;
        double least = 1e-9 * Math.Max(Math.Abs(low), Math.Abs(high));
        return ((low + high) / 2, half > least ? half : least > 0 ? .1 * Math.Max(Math.Abs(low), Math.Abs(high)) : 1);
    }

    private static void Put(StringBuilder svg, FormattableString text) => svg.Append(FormattableString.Invariant(text));

    private static string Short(string name) => name.Length <= 60 ? name : $"{name[..58]}…";

    private static string Html(string text) => WebUtility.HtmlEncode(CheckText.Printable(text));
}

/// <summary>Polygons cut to the square from -1 to 1 by Sutherland and Hodgman's method (1974).</summary>
internal static class PlaneClip
{
    public static List<(double X, double Y)> Polygon(IReadOnlyList<(double X, double Y)> points)
    {
        List<(double X, double Y)> kept = [.. points];
        foreach (int side in (int[])[-1, 1])
        {
            kept = Cut(kept, p => 1 - side * p.X);
            kept = Cut(kept, p => 1 - side * p.Y);
        }

        return kept;
    }

    private static List<(double X, double Y)> Cut(List<(double X, double Y)> points, Func<(double X, double Y), double> inside)
    {
        var kept = new List<(double X, double Y)>();
        for (int i = 0; i < points.Count; i++)
        {
            (double X, double Y) from = points[i], to = points[(i + 1) % points.Count];
            double a = inside(from), b = inside(to);
            if (a >= 0) kept.Add(from);
            if (a >= 0 == b >= 0) continue;
            double t = a / (a - b);
            kept.Add((from.X + t * (to.X - from.X), from.Y + t * (to.Y - from.Y)));
        }

        return kept;
    }
}
