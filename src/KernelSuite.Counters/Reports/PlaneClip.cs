namespace KernelSuite.Counters.Reports;

/// <summary>Convex polygons cut by Sutherland and Hodgman's method (1974), in units of a window that reaches from -1 to 1.</summary>
internal static class PlaneClip
{
    /// <summary>The window's corners.</summary>
    public static IReadOnlyList<(double X, double Y)> Square => [(-1, -1), (1, -1), (1, 1), (-1, 1)];

    /// <summary>What of a polygon is in the window.</summary>
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

    /// <summary>What of a polygon, or of a line between two points, is where a function that is linear in the plane is not negative.</summary>
    public static List<(double X, double Y)> Cut(List<(double X, double Y)> points, Func<(double X, double Y), double> inside)
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

    /// <summary>The point of a convex polygon, a line or a point that is nearest to a mean, in its standard deviations.</summary>
    /// <param name="points">The corners, in order.</param>
    /// <param name="mean">The mean with its covariance, which is positive definite.</param>
    /// <param name="distance">How many standard deviations it is away; 0 inside, NaN where there are no points.</param>
    /// <returns>The point; null where there are none.</returns>
    public static (double X, double Y)? Nearest(IReadOnlyList<(double X, double Y)> points, PlaneSpread mean, out double distance)
    {
        distance = double.NaN;
        if (points.Count == 0) return null;

        // Whitened by the covariance's Cholesky factor, the mean at the origin.
        double a = Math.Sqrt(mean.XX), b = mean.XY / a, c = Math.Sqrt(Math.Max(mean.YY - b * b, double.Epsilon));
        (double X, double Y)[] white = [.. points.Select(p => ((p.X - mean.X) / a, (p.Y - mean.Y - b * (p.X - mean.X) / a) / c))];
        (double X, double Y) best = white[0];
        int left = 0, right = 0;
        for (int i = 0; i < white.Length; i++)
        {
            (double X, double Y) from = white[i], to = white[(i + 1) % white.Length], along = (to.X - from.X, to.Y - from.Y);
            double length = along.X * along.X + along.Y * along.Y, turn = along.X * from.Y - along.Y * from.X;
            double t = length > 0 ? Math.Clamp(-(from.X * along.X + from.Y * along.Y) / length, 0, 1) : 0;
            (double X, double Y) near = (from.X + t * along.X, from.Y + t * along.Y);
            if (near.X * near.X + near.Y * near.Y < best.X * best.X + best.Y * best.Y) best = near;
            if (turn >= 0) left++;
            if (turn <= 0) right++;
        }

        if (white.Length > 2 && (left == white.Length) != (right == white.Length)) best = (0, 0);
        distance = Math.Sqrt(best.X * best.X + best.Y * best.Y);
        return (mean.X + a * best.X, mean.Y + b * best.X + c * best.Y);
    }
}
