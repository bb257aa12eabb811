using System.Globalization;
using KernelSuite.Counters.Statistics;
using KernelSuite.Counters.Verdicts;

namespace KernelSuite.Counters.Reports;

/// <summary>
/// Planes as SVG: the projection of a cone with the mean and its confidence ellipse, and the section of a cone with the mean and ellipse of two
/// counters given others.
/// </summary>
internal static class PlanePlot
{
    // Of a section only the part beyond its nearest point is seen; a projection reaches to the window's edge by itself.
    private const double SectionMargin = 1.7;

    /// <summary>Draws all that the model allows of two directions, whatever the other counters are.</summary>
    /// <param name="view">What is drawn.</param>
    /// <param name="result">The observation.</param>
    /// <param name="options">Whose confidence the ellipse has, in this plane alone.</param>
    /// <param name="key">Distinct for each picture of a document.</param>
    public static string Projection(PlaneView view, VerdictResult result, VerdictOptions options, string key)
    {
        var mean = new PlaneSpread(view.MeanX, view.MeanY, view.XX, view.XY, view.YY, Radius(result, options));
        (double X, double Y) edge = view.Edge();
        var canvas = new PlaneCanvas(view.X.Name, view.Y.Name, mean, edge);
        if (view.Low is { } low && view.High is { } high)
        {
            (double X, double Y) a = Far(canvas.Window, low), b = Far(canvas.Window, high);
            canvas.Area("cone", [(0, 0), a, b]);
            canvas.Line("edge", (0, 0), a);
            canvas.Line("edge", (0, 0), b);
        }

        canvas.Ellipse();
        canvas.Line("gap", (view.MeanX, view.MeanY), edge);
        canvas.Dot("mean", (view.MeanX, view.MeanY));
        return canvas.Finish(key, $"{result.Observation.Id}: {view.Y.Name} against {view.X.Name}",
            $"{At(mean, options)}. In this plane alone it is {CheckText.Number(Math.Abs(view.Beyond))} standard deviations " +
            $"{(view.Beyond > 0 ? "outside of" : "inside")} what the model allows.");
    }

    /// <summary>Draws what the model allows of two counters while others are held.</summary>
    /// <param name="slice">What is drawn.</param>
    /// <param name="result">The observation.</param>
    /// <param name="options">Whose confidence the ellipse has, in this plane alone.</param>
    /// <param name="key">Distinct for each picture of a document.</param>
    /// <returns>The picture, and what it shows in words.</returns>
    public static (string Svg, string Words) Section(PlaneSlice slice, VerdictResult result, VerdictOptions options, string key)
    {
        PlaneSpread given = slice.Given with { Radius = Radius(result, options) };
        (double X, double Y) mean = (given.X, given.Y), nearest = slice.Nearest ?? mean;
        var canvas = new PlaneCanvas(slice.NameX, slice.NameY, given, nearest, SectionMargin);
        (SectionShape shape, IReadOnlyList<(double X, double Y)> points) = slice.Section.Within(canvas.Window);
        if (shape == SectionShape.Area) canvas.Area("section", points);
        if (shape == SectionShape.Line) canvas.Line("edge", points.MinBy(p => (p.X, p.Y)), points.MaxBy(p => (p.X, p.Y)));
        canvas.Ellipse();
        if (slice.Nearest is not null && slice.Beyond > 0)
        {
            canvas.Line("gap", mean, nearest);
            canvas.Dot("nearest", nearest);
        }

        canvas.Dot("mean", mean);
        string words = Words(slice, shape, result.Observation.IsExact);
        return (canvas.Finish(key, $"{result.Observation.Id}: section of {slice.NameY} against {slice.NameX}",
            $"{At(given, options)}, given {slice.Held.Count} other counters. {words}"), words);
    }

    private static string Words(PlaneSlice slice, SectionShape shape, bool isExact)
    {
        if (slice.Nearest is null) return "Given the held counters, the model allows no values of these two.";
        string only = shape == SectionShape.Point ? "Given the held counters, the model allows one point only. "
            : shape == SectionShape.Line ? "Given the held counters, the model allows a line only. " : "";
        if (isExact) return $"{only}The values are {(slice.Beyond > 0 ? "outside of" : "in")} the section.";
        return only + (slice.Beyond > 0 ? $"The mean is {CheckText.Number(slice.Beyond)} standard deviations outside of the section."
            : "The mean is in the section.");
    }

    private static string At(PlaneSpread mean, VerdictOptions options) =>
        $"Mean at {CheckText.Number(mean.X)}, {CheckText.Number(mean.Y)}" + (mean.Radius > 0
            ? string.Create(CultureInfo.InvariantCulture, $", with its ellipse of confidence {options.Confidence}") : ", without noise");

    private static double Radius(VerdictResult result, VerdictOptions options)
    {
        long n = result.Observation.Moments.Count;
        return result.Observation.IsExact || n < 4 ? 0
            : Math.Sqrt(Tails.HotellingQuantile(1 - options.Confidence, 2, options.FiniteSample ? n : double.PositiveInfinity));
    }

    /// <summary>A point of a ray from the origin beyond the window, however narrow that is.</summary>
    private static (double X, double Y) Far(PlaneWindow window, (double X, double Y) direction)
    {
        (double x, double y) = window.Unit((0, 0));
        double size = Math.Max(Math.Abs(direction.X / window.HalfX), Math.Abs(direction.Y / window.HalfY));
        double reach = 2 * (Math.Abs(x) + Math.Abs(y) + 2) / size;
        return (reach * direction.X, reach * direction.Y);
    }
}
