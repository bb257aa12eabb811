using System.Globalization;
using System.Net;
using System.Text;

namespace KernelSuite.Counters.Reports;

/// <summary>A window on a plane as SVG. It is drawn around what must be seen, so that small violations are; the origin is usually outside.</summary>
internal sealed class PlaneCanvas
{
    private const double Left = 92, Top = 14, Width = 360, Height = 260, Bottom = 52;
    private const int EllipsePoints = 72;
    private const int MostLetters = 200;

    private readonly StringBuilder svg = new();
    private readonly PlaneSpread spread;
    private readonly string nameX;
    private readonly string nameY;

    /// <summary>A window around an ellipse and another point.</summary>
    /// <param name="nameX">Of the axis to the right.</param>
    /// <param name="nameY">Of the axis up.</param>
    /// <param name="spread">The ellipse.</param>
    /// <param name="other">The other point.</param>
    /// <param name="margin">Size of the window over that of what must be seen.</param>
    public PlaneCanvas(string nameX, string nameY, PlaneSpread spread, (double X, double Y) other, double margin = 1.35)
    {
        (this.nameX, this.nameY, this.spread) = (nameX, nameY, spread);
        (double x, double halfX) = Range(spread.X, other.X, spread.Radius * Math.Sqrt(spread.XX), margin);
        (double y, double halfY) = Range(spread.Y, other.Y, spread.Radius * Math.Sqrt(spread.YY), margin);
        Window = new PlaneWindow(x, y, halfX, halfY);
    }

    public PlaneWindow Window { get; }

    /// <summary>Text as a picture shows it: short, escaped, without control characters.</summary>
    public static string Html(string text, int most = MostLetters) =>
        WebUtility.HtmlEncode(CheckText.Printable(text.Length <= most ? text : $"{text[..(most - 1)]}…"));

    /// <summary>The picture that was drawn.</summary>
    /// <param name="key">Distinct for each picture of a document.</param>
    /// <param name="title">What it is.</param>
    /// <param name="description">What it shows, for those who do not see it.</param>
    public string Finish(string key, string title, string description)
    {
        var whole = new StringBuilder();
        whole.Append(CultureInfo.InvariantCulture,
            $"<svg viewBox=\"0 0 {Left + Width + 20} {Top + Height + Bottom}\" role=\"img\" aria-labelledby=\"t{key} d{key}\">");
        whole.Append(CultureInfo.InvariantCulture, $"<title id=\"t{key}\">{Html(title)}</title><desc id=\"d{key}\">{Html(description, 1000)}</desc>");
        whole.Append(CultureInfo.InvariantCulture,
            $"<rect class=\"frame\" x=\"{Left}\" y=\"{Top}\" width=\"{Width}\" height=\"{Height}\"/>");
        Scale();
        return whole.Append(svg).Append("</svg>").ToString();
    }

    /// <summary>A polygon, cut to the window.</summary>
    public void Area(string kind, IReadOnlyList<(double X, double Y)> points)
    {
        List<(double X, double Y)> area = PlaneClip.Polygon([.. points.Select(Window.Unit)]);
        if (area.Count > 2) Put($"<polygon class=\"{kind}\" points=\"{Points(area)}\"/>");
    }

    /// <summary>A line between two points, cut to the window.</summary>
    public void Line(string kind, (double X, double Y) from, (double X, double Y) to)
    {
        List<(double X, double Y)> line = PlaneClip.Polygon([Window.Unit(from), Window.Unit(to)]);
        if (line.Count > 1) Put($"<polyline class=\"{kind}\" points=\"{Points(line)}\"/>");
    }

    /// <summary>The ellipse; nothing where it has no radius.</summary>
    public void Ellipse()
    {
        if (spread.Radius == 0) return;
        double a = Math.Sqrt(spread.XX), b = a > 0 ? spread.XY / a : 0, c = Math.Sqrt(Math.Max(spread.YY - b * b, 0));
        IEnumerable<(double, double)> points = Enumerable.Range(0, EllipsePoints).Select(i =>
        {
            (double sin, double cos) = Math.SinCos(2 * Math.PI * i / EllipsePoints);
            return Window.Unit((spread.X + spread.Radius * a * cos, spread.Y + spread.Radius * (b * cos + c * sin)));
        });
        Put($"<polygon class=\"ellipse\" points=\"{Points(points)}\"/>");
    }

    /// <summary>A dot.</summary>
    public void Dot(string kind, (double X, double Y) at)
    {
        (double x, double y) = Window.Unit(at);
        Put($"<circle class=\"{kind}\" cx=\"{Px(x):F1}\" cy=\"{Py(y):F1}\" r=\"3.5\"/>");
    }

    private void Scale()
    {
        foreach (double at in (double[])[-1, 0, 1])
        {
            string anchor = at < 0 ? "start" : at > 0 ? "end" : "middle",
                x = CheckText.Number(Window.X + at * Window.HalfX), y = CheckText.Number(Window.Y + at * Window.HalfY);
            double down = Py(at) + (at < 0 ? 0 : at > 0 ? 10 : 4);
            Put($"<text x=\"{Px(at):F1}\" y=\"{Top + Height + 16}\" text-anchor=\"{anchor}\">{x}</text>");
            Put($"<text x=\"{Left - 6}\" y=\"{down:F1}\" text-anchor=\"end\">{y}</text>");
        }

        Put($"<text x=\"{Left + Width / 2}\" y=\"{Top + Height + 38}\" text-anchor=\"middle\">{Html(nameX, 60)}</text>");
        Put($"<text transform=\"translate(16 {Top + Height / 2}) rotate(-90)\" text-anchor=\"middle\">{Html(nameY, 44)}</text>");
    }

    private void Put(FormattableString text) => svg.Append(FormattableString.Invariant(text));

    private static string Points(IEnumerable<(double X, double Y)> points) =>
        string.Join(' ', points.Select(p => string.Create(CultureInfo.InvariantCulture, $"{Px(p.X):F1},{Py(p.Y):F1}")));

    private static double Px(double unit) => Left + Width * (unit + 1) / 2;

    private static double Py(double unit) => Top + Height * (1 - unit) / 2;

    private static (double Centre, double Half) Range(double mean, double other, double reach, double margin)
    {
        double low = Math.Min(mean - reach, other), high = Math.Max(mean + reach, other), half = margin * (high - low) / 2;
        double least = 1e-9 * Math.Max(Math.Abs(low), Math.Abs(high));
        return ((low + high) / 2, half > least ? half : least > 0 ? .1 * Math.Max(Math.Abs(low), Math.Abs(high)) : 1);
    }
}

/// <summary>A point of a plane with its covariance there and the radius of its ellipse in standard deviations, 0 for none.</summary>
internal readonly record struct PlaneSpread(double X, double Y, double XX, double XY, double YY, double Radius);

/// <summary>What is seen of a plane: its centre and half of its width and height.</summary>
internal readonly record struct PlaneWindow(double X, double Y, double HalfX, double HalfY)
{
    /// <summary>A point in units of the window, which reaches from -1 to 1.</summary>
    public (double X, double Y) Unit((double X, double Y) point) => ((point.X - X) / HalfX, (point.Y - Y) / HalfY);

    /// <summary>The point of units of the window.</summary>
    public (double X, double Y) Point((double X, double Y) unit) => (X + unit.X * HalfX, Y + unit.Y * HalfY);
}
