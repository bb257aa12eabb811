using KernelSuite.Counters.Cones;
using KernelSuite.Counters.Verdicts;

namespace KernelSuite.Counters.Reports;

/// <summary>What of a section is seen in a window.</summary>
internal enum SectionShape
{
    Empty,
    Point,
    Line,
    Area,
}

/// <summary>
/// The section of a cone by the plane on which all counters but two have the values of a point. A row of the cone is a half-plane there, an
/// equality a line. Where a cone's facets are too many to know, rows are found as they are needed: a linear program per corner of what is left gives
/// the row that cuts the corner off, or says that the corner belongs to the cone.
/// </summary>
internal sealed class PlaneSection
{
    // What doubles leave of a row on which the point lies, relative to the row's terms.
    private const double Tight = 1e-9;

    // Of the window: a two-thousandth of a picture's pixel.
    private const double Visible = 1e-6;

    // Each program takes about a millisecond for 23 counters and 44 signatures; sections seen had up to 9 edges.
    private const int MostCuts = 64;

    private readonly ModelCone cone;
    private readonly double[] through;
    private readonly int x;
    private readonly int y;
    private readonly bool isOutside;
    private readonly List<(double X, double Y, double Room)> halfPlanes = [];
    private readonly List<(double X, double Y, double Room)> lines = [];

    /// <summary>Takes a cone and a plane.</summary>
    /// <param name="cone">The cone.</param>
    /// <param name="through">The point, a value for each counter; it may be outside of the cone.</param>
    /// <param name="x">The counter that varies to the right.</param>
    /// <param name="y">The counter that varies upwards.</param>
    public PlaneSection(ModelCone cone, double[] through, int x, int y)
    {
        (this.cone, this.through, this.x, this.y) = (cone, through, x, y);
        foreach (ConeRow row in cone.Equalities) isOutside |= !Add(row.ToDoubles(), lines, true);
        foreach (ConeRow row in cone.Inequalities) isOutside |= !Add(row.ToDoubles(), halfPlanes, false);
    }

    /// <summary>The section's part in a window as the corners of a polygon or the ends of a line.</summary>
    public (SectionShape Shape, IReadOnlyList<(double X, double Y)> Points) Within(PlaneWindow window)
    {
        List<(double X, double Y)> points = isOutside ? [] : [.. PlaneClip.Square];
        foreach ((double X, double Y, double Room) line in lines) points = OnLine(points, window, line);
        foreach ((double X, double Y, double Room) half in halfPlanes) points = Cut(points, window, half);
        if (!cone.FacetsComplete) points = CutAsNeeded(points, window);
        return (Shape(points), [.. points.Select(window.Point)]);
    }

    /// <summary>A row on the plane: a · through + a_x dx + a_y dy ≤ 0.</summary>
    /// <returns>False where it excludes the whole plane.</returns>
    private bool Add(double[] row, List<(double X, double Y, double Room)> to, bool isEquality)
    {
        double value = 0, size = 0;
        for (int i = 0; i < row.Length; i++)
        {
            value += row[i] * through[i];
            size += Math.Abs(row[i] * through[i]);
        }

        if (Math.Abs(value) <= Tight * size) value = 0;
        if (row[x] == 0 && row[y] == 0) return isEquality ? value == 0 : value <= 0;
        to.Add((row[x], row[y], -value));
        return true;
    }

    private List<(double X, double Y)> Cut(List<(double X, double Y)> points, PlaneWindow window, (double X, double Y, double Room) half)
    {
        Func<(double X, double Y), double> room = Room(window, half);

        // An edge of the section may be an edge of what is left already.
        return PlaneClip.Cut(points, p => room(p) + Tight);
    }

    /// <summary>What of a polygon is on a line: cut from both sides, it is as wide as rounding.</summary>
    private List<(double X, double Y)> OnLine(List<(double X, double Y)> points, PlaneWindow window, (double X, double Y, double Room) line)
    {
        Func<(double X, double Y), double> room = Room(window, line);
        return PlaneClip.Cut(PlaneClip.Cut(points, p => room(p) + Tight), p => Tight - room(p));
    }

    /// <summary>How far a point of the window is inside of a half-plane, in units of the window.</summary>
    private Func<(double X, double Y), double> Room(PlaneWindow window, (double X, double Y, double Room) half)
    {
        double dx = half.X * window.HalfX, dy = half.Y * window.HalfY, size = Math.Sqrt(dx * dx + dy * dy);
        double room = half.Room - half.X * (window.X - through[x]) - half.Y * (window.Y - through[y]);
        return p => (room - dx * p.X - dy * p.Y) / size;
    }

    private List<(double X, double Y)> CutAsNeeded(List<(double X, double Y)> points, PlaneWindow window)
    {
        double[] units = [.. through.Select(value => Math.Max(Math.Abs(value), Math.Min(window.HalfX, window.HalfY)))];
        (units[x], units[y]) = (window.HalfX, window.HalfY);
        var found = new List<(double X, double Y, double Room)>();
        for (int cuts = 0, i = 0; i < points.Count && cuts < MostCuts;)
        {
            double[] corner = [.. through];
            (corner[x], corner[y]) = window.Point(points[i]);
            double[] row = SparseDirection.Of(cone.Signatures, corner, units);
            found.Clear();
            if (row.All(c => c == 0) || (Add(row, found, false) && (found.Count == 0 || Room(window, found[0])(points[i]) > -Visible)))
            {
                i++;
                continue;
            }

            cuts++;
            points = found.Count == 0 ? [] : Cut(points, window, found[0]);
            i = 0;
        }

        return points;
    }

    private static SectionShape Shape(List<(double X, double Y)> points)
    {
        if (points.Count == 0) return SectionShape.Empty;
        double longest = 0, widest = 0;
        (double X, double Y) a = points[0], b = points[0];
        foreach ((double X, double Y) from in points)
        {
            foreach ((double X, double Y) to in points)
            {
                double length = Math.Sqrt((to.X - from.X) * (to.X - from.X) + (to.Y - from.Y) * (to.Y - from.Y));
                if (length > longest) (longest, a, b) = (length, from, to);
            }
        }

        if (longest < Visible) return SectionShape.Point;
        foreach ((double X, double Y) p in points)
            widest = Math.Max(widest, Math.Abs((b.X - a.X) * (p.Y - a.Y) - (b.Y - a.Y) * (p.X - a.X)) / longest);
        return widest < Visible ? SectionShape.Line : SectionShape.Area;
    }
}
