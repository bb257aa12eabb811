using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using KernelSuite.Counters.Cones;
using KernelSuite.Counters.Models;
using KernelSuite.Counters.Reports;
using KernelSuite.Counters.Statistics;
using Xunit;

namespace KernelSuite.Counters.Tests.Reports;

/// <summary>The page of a check: complete in itself, escaped, readable without seeing.</summary>
public partial class CheckHtmlTests
{
    private const string Hostile = "<script>alert('x')</script>\"&\u001b]0;";

    [Fact]
    public void Names_from_files_cannot_become_markup()
    {
        var counters = new CounterSet(["a", $"b{Hostile}"]);
        var signatures = new SignatureSet(counters, [[1, 0], [1, 1]]);
        CheckReport report = ModelCheck.Run(
            signatures, [CheckTests.Seen(Hostile, 1, [10, 12], counters), CheckTests.Seen("=#!", 2, [10, 5], counters)]) with
        {
            Model = Hostile,
            Features = [Hostile],
            Paths = 2,
        };
        string html = CheckHtml.Write(report);
        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain('\u001b', html);
        Assert.Contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot;&amp;", html, StringComparison.Ordinal);
        Assert.Contains(">=#!<", html, StringComparison.Ordinal);
        Assert.All(CheckText.Lines(report), line => Assert.DoesNotContain(line, char.IsControl));
    }

    [Fact]
    public void It_loads_nothing()
    {
        string html = Page();
        foreach (string outside in (string[])["http:", "https:", "src=", "href=", "url(", "@import", "<script", "<link", "<iframe"])
            Assert.DoesNotContain(outside, html, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("default-src 'none'", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Tables_and_pictures_are_named()
    {
        string html = Page();
        Assert.Equal(Matches(html, "<table>"), Matches(html, "<caption>"));
        Assert.DoesNotContain("<th>", html, StringComparison.Ordinal);
        XElement[] pictures = [.. Pictures(html)];
        Assert.NotEmpty(pictures);
        string[] ids = [.. pictures.SelectMany(p => p.Descendants()).Select(e => (string?)e.Attribute("id")).OfType<string>()];
        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.All(pictures, svg =>
        {
            Assert.Equal("img", (string?)svg.Attribute("role"));
            Assert.All(((string)svg.Attribute("aria-labelledby")!).Split(' '), id => Assert.Contains(id, ids));
        });
    }

    /// <summary>walked &lt;= miss is broken, so the mean is above the edge of the cone and the area is on the right of it.</summary>
    [Fact]
    public void The_cone_and_the_mean_lie_where_the_numbers_say()
    {
        XElement svg = Pictures(Page()).First();
        Assert.Equal("bad: walked against miss", svg.Element("title")!.Value);
        (double X, double Y)[] edge = [.. Points(svg.Elements("polyline").Last(e => Class(e) == "edge"))],
            area = [.. Points(Assert.Single(svg.Elements("polygon"), e => Class(e) == "cone"))];
        XElement mean = Assert.Single(svg.Elements("circle"));
        (double x, double y) = (Value(mean, "cx"), Value(mean, "cy"));
        double atMean = edge[0].Y + (edge[1].Y - edge[0].Y) * (x - edge[0].X) / (edge[1].X - edge[0].X);
        // SVG counts y downwards.
        Assert.True(y < atMean - 10, $"{y} {atMean}");
        Assert.All(area, p => Assert.InRange(p.X, 91.9, 452.1));
        Assert.All(area, p => Assert.InRange(p.Y, 13.9, 274.1));
        Assert.Contains(area, p => p.Y > atMean);
        // The certificate is the edge, so that the plane shows all of the violation.
        string sigmas = Bad().Observations[0].Result.Certificate!.Significance.ToString("G4", CultureInfo.InvariantCulture);
        Assert.Contains($"it is {sigmas} standard deviations outside", svg.Element("desc")!.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Exact_points_at_the_origin_and_on_axes_can_be_drawn()
    {
        var counters = new CounterSet(["a", "b"]);
        var signatures = new SignatureSet(counters, [[1, 0]]);
        CheckReport report = ModelCheck.Run(signatures, [Observation.Exact("e", counters, [0, 3]), Observation.Exact("o", counters, [0, 0])]);
        Assert.DoesNotContain("NaN", CheckHtml.Write(report), StringComparison.Ordinal);
    }

    [Fact]
    public void A_section_stands_beside_the_projection_of_two_counters()
    {
        XElement[] pictures = [.. Pictures(Page())];
        Assert.Equal("bad: section of walked against miss", pictures[1].Element("title")!.Value);
        Assert.Single(pictures[1].Elements("polygon"), e => Class(e) == "section");
        Assert.Single(pictures[1].Elements("circle"), e => Class(e) == "nearest");
        Assert.Contains("standard deviations outside of the section", pictures[1].Element("desc")!.Value, StringComparison.Ordinal);
        // Where nothing refutes, the observation that comes nearest to it is drawn, inside.
        FlowModel model = FlowModel.Parse("FLOW { incr access; switch tlb { Hit => pass; Miss => incr miss; }; done; }");
        string page = CheckHtml.Write(ModelCheck.Run(model, [CheckTests.Seen("good", 1, [100, 30], new CounterSet(["access", "miss"]))]));
        Assert.Contains("The mean is in the section", page, StringComparison.Ordinal);
        Assert.DoesNotContain("outside of the section", page, StringComparison.Ordinal);
    }

    /// <summary>Names of 4,096 characters, many observations: pictures shorten names and are few.</summary>
    [Fact]
    public void Pictures_are_bounded_in_size()
    {
        var counters = new CounterSet([new string('a', 4096), new string('b', 4096), new string('<', 4096)]);
        var signatures = new SignatureSet(counters, [[1, 0, 0], [1, 1, 0], [1, 0, 1]]);
        CheckReport report = ModelCheck.Run(signatures,
            [.. Enumerable.Range(0, 12).Select(i => CheckTests.Seen($"o{i}", i, [100, 60, 50], counters))]);
        string[] pictures = [.. Pictures(CheckHtml.Write(report)).Select(p => p.ToString())];
        Assert.InRange(pictures.Length, 5, 25);
        Assert.All(pictures, picture => Assert.InRange(picture.Length, 500, 9000));
    }

    private static string Page() => CheckHtml.Write(Bad());

    private static CheckReport Bad()
    {
        FlowModel model = FlowModel.Parse(
            "FLOW { incr access; switch tlb { Hit => done; Miss => incr miss; }; switch walk { Done => incr walked; Merged => pass; }; done; }");
        return ModelCheck.Run(model, [CheckTests.Seen("bad", 2, [100, 30, 40]), CheckTests.Seen("good", 1, [100, 30, 20])]);
    }

    private static IEnumerable<XElement> Pictures(string html) => Picture().Matches(html).Select(m => XElement.Parse(m.Value));

    private static IEnumerable<(double X, double Y)> Points(XElement line) => ((string)line.Attribute("points")!).Split(' ').Select(p => p.Split(','))
        .Select(p => (double.Parse(p[0], CultureInfo.InvariantCulture), double.Parse(p[1], CultureInfo.InvariantCulture)));

    private static string? Class(XElement element) => (string?)element.Attribute("class");

    private static double Value(XElement element, string name) => double.Parse((string)element.Attribute(name)!, CultureInfo.InvariantCulture);

    private static int Matches(string text, string what) => text.Split(what).Length - 1;

    [GeneratedRegex("<svg.*?</svg>", RegexOptions.Singleline)]
    private static partial Regex Picture();
}
