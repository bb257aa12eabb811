using System.Globalization;
using System.Text;

namespace KernelSuite.Measurement;

/// <summary>A point of a chart; the bar is left out where its ends are NaN.</summary>
internal readonly record struct ChartPoint(double X, double Y, double Low, double High, string Title);

/// <summary>A line of a chart.</summary>
internal sealed record ChartSeries(string Name, IReadOnlyList<ChartPoint> Points);

/// <summary>A chart with bytes on a logarithmic horizontal axis, as SVG elements.</summary>
internal sealed class SvgChart(string title, string unit, IReadOnlyList<ChartSeries> series)
{
    public const int Width = 640, Height = 400;
    private const int Left = 64, Right = 16, Top = 36, Bottom = 52;

    // Okabe and Ito's palette: told apart by colour-blind readers too; markers differ besides.
    private static readonly string[] Colours = ["#000000", "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];

    public static string Colour(int index) => Colours[index % Colours.Length];

    /// <summary>A marker, which differs by series.</summary>
    public static string Marker(int index, double x, double y)
    {
        string fill = $"fill=\"{Colour(index)}\"";
        return (index % 4) switch
        {
            0 => $"<circle cx=\"{N(x)}\" cy=\"{N(y)}\" r=\"4.5\" {fill}/>",
            1 => $"<rect x=\"{N(x - 4)}\" y=\"{N(y - 4)}\" width=\"8\" height=\"8\" {fill}/>",
            2 => $"<path d=\"M{N(x)} {N(y - 5.5)} L{N(x + 5.5)} {N(y + 4.5)} L{N(x - 5.5)} {N(y + 4.5)} Z\" {fill}/>",
            _ => $"<path d=\"M{N(x)} {N(y - 6)} L{N(x + 6)} {N(y)} L{N(x)} {N(y + 6)} L{N(x - 6)} {N(y)} Z\" {fill}/>",
        };
    }

    public static string Escape(string text) =>
        text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal).Replace("\"", "&quot;", StringComparison.Ordinal);

    public static string N(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>Draws with the upper left corner at 0, <paramref name="offset"/>.</summary>
    public void Draw(StringBuilder svg, int offset)
    {
        ChartPoint[] points = [.. series.SelectMany(s => s.Points)];
        (int lowX, int highX) = ((int)Math.Floor(Math.Log2(points.Min(p => p.X))), (int)Math.Ceiling(Math.Log2(points.Max(p => p.X))));
        if (highX == lowX) highX++;
        double[] ends = [.. points.SelectMany(p => new[] { p.Y, p.Low, p.High }).Where(double.IsFinite)];
        (double lowY, double highY, double stepY) = Scale(ends.Min(), ends.Max());
        double X(double bytes) => Left + ((Math.Log2(bytes) - lowX) / (highX - lowX) * (Width - Left - Right));
        double Y(double value) => offset + Top + ((highY - value) / (highY - lowY) * (Height - Top - Bottom));

        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left}\" y=\"{offset + 22}\" font-size=\"15\" font-weight=\"bold\">{Escape(title)}</text>\n");
        for (int exponent = lowX; exponent <= highX; exponent++)
        {
            string x = N(X(Math.Pow(2, exponent)));
            svg.Append(CultureInfo.InvariantCulture, $"<line x1=\"{x}\" y1=\"{N(Y(highY))}\" x2=\"{x}\" y2=\"{N(Y(lowY))}\" stroke=\"#ddd\"/>\n");
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{x}\" y=\"{N(Y(lowY) + 18)}\" text-anchor=\"middle\">{Power(exponent)}</text>\n");
        }

        for (int i = 0; lowY + (i * stepY) <= highY + (stepY / 2); i++)
        {
            double value = lowY + (i * stepY);
            svg.Append(CultureInfo.InvariantCulture, $"<line x1=\"{Left}\" y1=\"{N(Y(value))}\" x2=\"{Width - Right}\" y2=\"{N(Y(value))}\" stroke=\"#ddd\"/>\n");
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left - 8}\" y=\"{N(Y(value) + 4)}\" text-anchor=\"end\">{value.ToString("0.####", CultureInfo.InvariantCulture)}</text>\n");
        }

        svg.Append(CultureInfo.InvariantCulture, $"<path d=\"M{Left} {N(Y(highY))} V{N(Y(lowY))} H{Width - Right}\" fill=\"none\" stroke=\"#333\"/>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{(Left + Width - Right) / 2}\" y=\"{offset + Height - 10}\" text-anchor=\"middle\">mean bytes held (logarithmic)</text>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<text transform=\"translate(16 {offset + (Height / 2)}) rotate(-90)\" text-anchor=\"middle\">{Escape(unit)}</text>\n");
        for (int s = 0; s < series.Count; s++) Line(svg, s, X, Y);
    }

    private void Line(StringBuilder svg, int index, Func<double, double> x, Func<double, double> y)
    {
        ChartPoint[] points = [.. series[index].Points.OrderBy(p => p.X)];
        string colour = Colour(index);
        if (points.Length > 1)
            svg.Append(CultureInfo.InvariantCulture, $"<polyline points=\"{string.Join(' ', points.Select(p => $"{N(x(p.X))},{N(y(p.Y))}"))}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.8\"/>\n");
        foreach (ChartPoint p in points)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<g><title>{Escape(p.Title)}</title>");
            if (double.IsFinite(p.Low) && double.IsFinite(p.High))
                svg.Append(CultureInfo.InvariantCulture, $"<line x1=\"{N(x(p.X))}\" y1=\"{N(y(p.Low))}\" x2=\"{N(x(p.X))}\" y2=\"{N(y(p.High))}\" stroke=\"{colour}\" stroke-width=\"1.2\"/>");
            svg.Append(Marker(index, x(p.X), y(p.Y))).Append("</g>\n");
        }
    }

    /// <summary>Ends and step of an axis: steps of 1, 2 or 5 times a power of ten, four to ten of them.</summary>
    internal static (double Low, double High, double Step) Scale(double low, double high)
    {
        double span = high - low > 1e-9 * Math.Max(1, Math.Abs(high)) ? high - low : Math.Max(Math.Abs(high), 1) * 0.1;
        double step = Math.Pow(10, Math.Floor(Math.Log10(span / 4)));
        double factor = span / 4 / step;
        step *= factor >= 5 ? 5 : factor >= 2 ? 2 : 1;
        return (Math.Floor(low / step) * step, Math.Max(Math.Ceiling(high / step), Math.Floor(low / step) + 1) * step, step);
    }

    private static string Power(int exponent) => exponent switch
    {
        >= 30 => $"{1L << Math.Min(exponent - 30, 30)} GiB",
        >= 20 => $"{1 << (exponent - 20)} MiB",
        >= 10 => $"{1 << (exponent - 10)} KiB",
        >= 0 => $"{1 << exponent} B",
        _ => "0",
    };
}
