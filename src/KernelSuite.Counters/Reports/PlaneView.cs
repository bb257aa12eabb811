using KernelSuite.Counters.Cones;
using KernelSuite.Counters.Statistics;
using KernelSuite.Counters.Verdicts;

namespace KernelSuite.Counters.Reports;

/// <summary>A cone, a mean and its covariance seen in a plane.</summary>
internal sealed class PlaneView
{
    private PlaneView(PlaneAxis x, PlaneAxis y, SignatureSet signatures, double[] mean, Func<double[], double[], double> covariance)
    {
        (X, Y) = (x, y);
        (MeanX, MeanY) = (x.Of(mean), y.Of(mean));
        (XX, XY, YY) = (covariance(x.Weights, x.Weights), covariance(x.Weights, y.Weights), covariance(y.Weights, y.Weights));
        for (int j = 0; j < signatures.Count; j++)
        {
            double dx = x.Of(signatures[j]), dy = y.Of(signatures[j]);
            if (dx == 0 && dy == 0) continue;
            if (Low is not { } low || dx * low.Y - dy * low.X > 0) Low = (dx, dy);
            if (High is not { } high || dx * high.Y - dy * high.X < 0) High = (dx, dy);
        }
    }

    public PlaneAxis X { get; }

    public PlaneAxis Y { get; }

    public double MeanX { get; }

    public double MeanY { get; }

    public double XX { get; }

    public double XY { get; }

    public double YY { get; }

    /// <summary>The edge of the cone next to the x axis; null where it is the origin alone.</summary>
    public (double X, double Y)? Low { get; }

    /// <summary>The edge next to the y axis.</summary>
    public (double X, double Y)? High { get; }

    /// <summary>How many standard deviations the mean is beyond an edge of the cone in this plane alone; negative inside.</summary>
    public double Beyond => Low is { } low && High is { } high ? Math.Max(Past(high.X, high.Y), -Past(low.X, low.Y)) : 0;

    /// <summary>Where the edge that the mean is beyond, or nearest to, has the mean's x; on a vertical edge, its y.</summary>
    public (double X, double Y) Edge()
    {
        if (Low is not { } low || High is not { } high) return (0, 0);
        (double dx, double dy) = Past(high.X, high.Y) >= -Past(low.X, low.Y) ? high : low;
        return dx > 0 ? (MeanX, MeanX / dx * dy) : (0, MeanY);
    }

    public static PlaneView Of(VerdictResult result, PlaneAxis x, PlaneAxis y)
    {
        CounterSet counters = result.Signatures!.Counters;
        SampleMoments moments = result.Observation.Moments;
        int[] places = counters.PlacesIn(result.Observation.Counters);
        double[] mean = [.. places.Select(p => moments.Mean[p])];
        return new PlaneView(x, y, result.Signatures, mean, (a, b) =>
        {
            double sum = 0;
            for (int i = 0; i < places.Length; i++)
            {
                if (a[i] == 0) continue;
                for (int j = 0; j < places.Length; j++)
                    if (b[j] != 0) sum += a[i] * b[j] * moments.Covariance(places[i], places[j]) / moments.Count;
            }

            return sum;
        });
    }

    /// <summary>How many standard deviations the mean lies to the left of a ray from the origin.</summary>
    private double Past(double dx, double dy)
    {
        double over = MeanY * dx - MeanX * dy, variance = dx * dx * YY + dy * dy * XX - 2 * dx * dy * XY;
        double floor = MeanRegion.Floor * (Math.Abs(MeanY * dx) + Math.Abs(MeanX * dy));
        return over == 0 ? 0 : over / Math.Sqrt(Math.Max(variance, 0) + floor * floor);
    }
}
