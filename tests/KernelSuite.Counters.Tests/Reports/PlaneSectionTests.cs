using KernelSuite.Counters.Cones;
using KernelSuite.Counters.Models;
using KernelSuite.Counters.Reports;
using KernelSuite.Counters.Statistics;
using KernelSuite.Counters.Verdicts;
using Xunit;

namespace KernelSuite.Counters.Tests.Reports;

/// <summary>Sections of cones that can be drawn by hand, with facets and without, and where a mean lies to them.</summary>
public class PlaneSectionTests
{
    private static readonly CounterSet Three = new(["h", "x", "y"]);

    // h = 1: the square from 0 to 1.
    private static readonly long[][] Square = [[1, 0, 0], [1, 1, 0], [1, 0, 1], [1, 1, 1]];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_square_cone_has_a_square_section(bool facets)
    {
        (SectionShape shape, IReadOnlyList<(double X, double Y)> points) = Within(Square, [2, .5, .5], new PlaneWindow(0, 0, 5, 5), facets);
        Assert.Equal(SectionShape.Area, shape);
        Same([(0, 0), (2, 0), (2, 2), (0, 2)], points);
        // The window shows a corner of it.
        Same([(1, 1), (2, 1), (2, 2), (1, 2)], Within(Square, [2, .5, .5], new PlaneWindow(2, 2, 1, 1), facets).Points);
        Assert.Equal(SectionShape.Empty, Within(Square, [2, .5, .5], new PlaneWindow(5, 5, 1, 1), facets).Shape);
    }

    /// <summary>y up to h, x anything: the section goes on to the right for ever and is cut by the window.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_unbounded_section_is_cut_by_the_window(bool facets) =>
        Same([(0, 0), (8, 0), (8, 3), (0, 3)], Within([[1, 0, 0], [1, 0, 1], [0, 1, 0]], [3, 9, 9], new PlaneWindow(4, 4, 4, 4), facets).Points);

    /// <summary>The two counters alone: a wedge between two rays.</summary>
    [Fact]
    public void Without_held_counters_a_section_is_the_cone()
    {
        var cone = ModelCone.Of(new SignatureSet(new CounterSet(["x", "y"]), [[1, 0], [1, 1]]));
        Same([(0, 0), (4, 0), (4, 4)], new PlaneSection(cone, [1, 7], 0, 1).Within(new PlaneWindow(2, 2, 2, 2)).Points);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_equality_leaves_a_line(bool facets)
    {
        // x + y == h.
        (SectionShape shape, IReadOnlyList<(double X, double Y)> points) =
            Within([[1, 1, 0], [1, 0, 1]], [2, 1, 1], new PlaneWindow(1, 1, 4, 4), facets);
        Assert.Equal(SectionShape.Line, shape);
        Assert.All(points, p => Assert.Equal(2, p.X + p.Y, 5));
        Assert.Equal((0, 2), (points.Min(p => p.X), points.Max(p => p.X)), Near);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_plane_outside_of_the_cone_has_an_empty_section(bool facets)
    {
        var four = new CounterSet(["h", "x", "y", "g"]);
        ModelCone cone = Cone(four, [[1, 0, 0, 1], [1, 1, 0, 0], [1, 0, 1, 0]], facets);
        Assert.Equal(SectionShape.Empty, new PlaneSection(cone, [1, 0, 0, 2], 1, 2).Within(new PlaneWindow(0, 0, 5, 5)).Shape);
        Assert.Equal(SectionShape.Point, new PlaneSection(cone, [1, 0, 0, 1], 1, 2).Within(new PlaneWindow(0, 0, 5, 5)).Shape);
        Assert.Equal(SectionShape.Line, new PlaneSection(cone, [1, 0, 0, .5], 1, 2).Within(new PlaneWindow(0, 0, 5, 5)).Shape);
    }

    /// <summary>Facets and linear programs must give the same section; a section with a row left out must not.</summary>
    [Fact]
    public void Both_ways_agree_on_random_cones()
    {
        var random = new Random(11);
        int areas = 0, wrong = 0;
        for (int k = 0; k < 40; k++)
        {
            var counters = new CounterSet(["a", "b", "c", "x", "y"]);
            long[][] vectors = [.. Enumerable.Range(0, 9).Select(_ => new long[5].Select(_ => (long)random.Next(4)).ToArray())];
            double[] inside = [.. Enumerable.Range(0, 5).Select(i => vectors.Sum(v => (double)v[i]))];
            var window = new PlaneWindow(inside[3], inside[4], 20, 20);
            double full = Area(new PlaneSection(Cone(counters, vectors, true), inside, 3, 4).Within(window).Points),
                asNeeded = Area(new PlaneSection(Cone(counters, vectors, false), inside, 3, 4).Within(window).Points),
                less = Area(new PlaneSection(Cone(counters, vectors[..6], true), inside, 3, 4).Within(window).Points);
            Assert.Equal(full, asNeeded, 1e-3 * full);
            Assert.True(less <= full * (1 + 1e-9), $"{less} {full}");
            if (full > 0) areas++;
            if (less < .99 * full) wrong++;
        }

        Assert.Equal(40, areas);
        Assert.InRange(wrong, 20, 40);
    }

    [Fact]
    public void The_nearest_point_is_in_standard_deviations()
    {
        (double, double)[] square = [(0, 0), (1, 0), (1, 1), (0, 1)];
        Assert.Equal((1, .5), PlaneClip.Nearest(square, new PlaneSpread(3, .5, 4, 0, 1, 0), out double beyond)!.Value, Near);
        Assert.Equal(1, beyond, 9);
        // Correlated noise: the nearest point is not the one straight ahead.
        (double X, double Y) slanted = PlaneClip.Nearest(square, new PlaneSpread(.5, 2, 1, .9, 1, 0), out beyond)!.Value;
        Assert.Equal((0, 1), slanted, Near);
        Assert.True(beyond > 1);
        Assert.Equal((.2, .3), PlaneClip.Nearest(square, new PlaneSpread(.2, .3, 1, .5, 1, 0), out beyond)!.Value, Near);
        Assert.Equal(0, beyond);
        Assert.Null(PlaneClip.Nearest([], new PlaneSpread(0, 0, 1, 0, 1, 0), out beyond));
        Assert.True(double.IsNaN(beyond));
    }

    /// <summary>b + c &lt;= a is broken though each of b and c is below a: the projection on two counters shows nothing, the section does.</summary>
    [Fact]
    public void A_refuted_mean_is_outside_of_the_section_and_a_consistent_one_inside()
    {
        FlowModel model = FlowModel.Parse("FLOW { incr a; switch p { B => incr b; C => incr c; No => pass; }; done; }");
        var counters = new CounterSet(["a", "b", "c"]);
        CheckReport report = ModelCheck.Run(model, [CheckTests.Seen("bad", 2, [100, 60, 50], counters), CheckTests.Seen("good", 1, [100, 60, 30], counters)]);
        VerdictResult bad = report.Observations[0].Result, good = report.Observations[1].Result;
        PlanePicture picture = PlanePairs.Of(bad, report.Options).First(p => p.Slice is not null);
        Assert.Equal("b + c <= a", picture.Row);
        Assert.True(picture.Projection.Beyond < 0);
        Assert.InRange(picture.Slice!.Beyond, bad.Distance * .9, 1000);
        Assert.Equal(["c"], picture.Slice.Held);
        Assert.Equal(picture.Slice.Nearest!.Value.X, picture.Slice.Nearest.Value.Y + 50e3, 2e3);
        PlaneSlice inside = PlanePairs.Of(good, report.Options).First(p => p.Slice is not null).Slice!;
        Assert.Equal(0, inside.Beyond);
        Assert.Contains("The mean is in the section", PlanePlot.Section(inside, good, report.Options, "k").Words, StringComparison.Ordinal);
    }

    [Fact]
    public void A_violated_equality_is_a_line_beside_the_mean()
    {
        FlowModel model = FlowModel.Parse("FLOW { incr total; switch p { A => incr a; B => incr b; }; done; }");
        CheckReport report = ModelCheck.Run(model, [CheckTests.Seen("bad", 2, [100, 60, 50], new CounterSet(["total", "a", "b"]))]);
        PlaneSlice slice = PlanePairs.Of(report.Observations[0].Result, report.Options).First(p => p.Slice is not null).Slice!;
        (string svg, string words) = PlanePlot.Section(slice, report.Observations[0].Result, report.Options, "k");
        Assert.Contains("a line only", words, StringComparison.Ordinal);
        Assert.Contains("class=\"edge\"", svg, StringComparison.Ordinal);
        Assert.True(slice.Beyond > 3);
    }

    private static readonly EqualityComparer<(double, double)> Near =
        EqualityComparer<(double, double)>.Create((a, b) => Math.Abs(a.Item1 - b.Item1) + Math.Abs(a.Item2 - b.Item2) < 1e-4);

    private static (SectionShape Shape, IReadOnlyList<(double X, double Y)> Points) Within(
        long[][] vectors, double[] through, PlaneWindow window, bool facets) =>
        new PlaneSection(Cone(Three, vectors, facets), through, 1, 2).Within(window);

    private static ModelCone Cone(CounterSet counters, long[][] vectors, bool facets) =>
        ModelCone.Of(new SignatureSet(counters, vectors), facets ? null : ConeLimits.EqualitiesOnly);

    /// <summary>Same corners, wherever they begin and whichever come twice.</summary>
    private static void Same((double X, double Y)[] expected, IReadOnlyList<(double X, double Y)> points)
    {
        Assert.All(expected, corner => Assert.Contains(points, p => Near.Equals(corner, p)));
        Assert.Equal(Area(expected), Area(points), 1e-3);
    }

    private static double Area(IReadOnlyList<(double X, double Y)> points) =>
        Math.Abs(points.Select((p, i) => (p, points[(i + 1) % points.Count])).Sum(e => e.p.X * e.Item2.Y - e.Item2.X * e.p.Y)) / 2;
}
