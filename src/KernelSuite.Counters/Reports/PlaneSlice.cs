using KernelSuite.Counters.Cones;
using KernelSuite.Counters.Statistics;
using KernelSuite.Counters.Verdicts;
using MathNet.Numerics.LinearAlgebra;

namespace KernelSuite.Counters.Reports;

/// <summary>
/// Two counters while others are held at their measured values: the section of the cone there, and what the samples say of the two given those.
/// </summary>
/// <remarks>
/// With all others at their means the section of a refuted observation is mostly empty: one row that is violated elsewhere is enough, and an equality
/// of the model never holds to the last digit. So counters are held as long as the model can explain the held ones together, those of the row to be
/// shown first; they are held at y, the nearest point that it allows of them, which is within their noise. The others are free, and so are those
/// that equalities give by the held ones. With m the mean and Σ the covariance, index 2 the two counters and h the held ones, the two have the mean
/// m₂ + Σ₂ₕ Σₕₕ⁻¹ (y - mₕ) given y. Its squared distance from the section is at least that of the mean of all these counters from the cone, less
/// that of the held ones alone: so what a row with these counters refutes is outside here too, and a mean in the cone is inside.
/// </remarks>
/// <param name="Section">What the model allows.</param>
/// <param name="NameX">The counter to the right.</param>
/// <param name="NameY">The counter upwards.</param>
/// <param name="Given">Mean and covariance of the two given the held ones.</param>
/// <param name="Nearest">The section's nearest point to that mean, in standard deviations; null where the section is empty.</param>
/// <param name="Beyond">How many standard deviations the mean is outside of the section; 0 inside.</param>
/// <param name="Held">The counters that are held.</param>
internal sealed record PlaneSlice(
    PlaneSection Section, string NameX, string NameY, PlaneSpread Given, (double X, double Y)? Nearest, double Beyond, IReadOnlyList<string> Held)
{
    // A section needs the cone's rows on these counters; these are known in milliseconds, and otherwise found as needed.
    private static readonly ConeLimits Limits = new() { MostRays = 2000, MostFacets = 2000 };

    // Equalities are found in exact arithmetic, and a distance is measured for each counter: 23 counters take 10 ms a picture.
    private const int MostCounters = 64;

    /// <summary>The slice of two counters of a row.</summary>
    /// <param name="result">The observation.</param>
    /// <param name="row">Coefficients of the row to be shown.</param>
    /// <param name="isEquality">Whether the row is an equality, which is lost where one of its counters is free.</param>
    /// <param name="x">Place of the counter to the right.</param>
    /// <param name="y">Place of the counter upwards.</param>
    /// <param name="options">At which confidence the held counters must be explained.</param>
    /// <returns>Null where there are too many counters.</returns>
    public static PlaneSlice? Of(VerdictResult result, IReadOnlyList<double> row, bool isEquality, int x, int y, VerdictOptions options)
    {
        SignatureSet all = result.Signatures!;
        if (all.Counters.Count > MostCounters) return null;
        List<string> held = Hold(result, Candidates(result, row, isEquality, x, y), options);
        string[] two = [all.Counters[x], all.Counters[y]];
        var counters = new CounterSet([.. two, .. held]);
        MeanRegion region = MeanRegion.Of(result.Observation, counters);
        double[] at = [region.Mean[0], region.Mean[1], .. HeldAt(result, held)];
        int p = counters.Count;
        Matrix<double> precision = Matrix<double>.Build.Dense(p, p, (double[])region.Covariance.Clone()).Cholesky().Solve(
            Matrix<double>.Build.Dense(p, 2, (i, j) => i == j ? 1 : 0));
        double a = precision[0, 0], b = (precision[0, 1] + precision[1, 0]) / 2, c = precision[1, 1], size = a * c - b * b;
        (double xx, double xy, double yy, double dx, double dy) = (c / size, -b / size, a / size, 0, 0);
        for (int i = 2; i < p; i++)
        {
            dx -= precision[i, 0] * (at[i] - region.Mean[i]);
            dy -= precision[i, 1] * (at[i] - region.Mean[i]);
        }

        (at[0], at[1]) = (at[0] + xx * dx + xy * dy, at[1] + xy * dx + yy * dy);
        (double unitX, double unitY) = (region.Scale[0], region.Scale[1]);
        var given = new PlaneSpread(at[0] * unitX, at[1] * unitY, xx * unitX * unitX, xy * unitX * unitY, yy * unitY * unitY, 0);
        var section = new PlaneSection(ModelCone.Of(all.On(counters), Limits), [.. at.Select((value, i) => value * region.Scale[i])], 0, 1);
        (_, IReadOnlyList<(double X, double Y)> seen) =
            section.Within(new PlaneWindow(given.X, given.Y, 2 * (Math.Abs(given.X) + unitX), 2 * (Math.Abs(given.Y) + unitY)));
        (double X, double Y)? nearest = PlaneClip.Nearest(seen, given, out double beyond);
        return new PlaneSlice(section, two[0], two[1], given, nearest, beyond, held);
    }

    /// <summary>The other counters, without those that equalities give by the ones before: of the row, then by their weight in what refutes.</summary>
    private static List<string> Candidates(VerdictResult result, IReadOnlyList<double> row, bool isEquality, int x, int y)
    {
        CounterSet counters = result.Signatures!.Counters;
        double[] weights = result.Certificate?.Direction() ?? new double[counters.Count], scale = MeanRegion.Of(result.Observation, counters).Scale;
        int[] others = [.. Enumerable.Range(0, counters.Count).Where(i => i != x && i != y).OrderByDescending(i => Math.Abs(row[i]) * scale[i])
            .ThenByDescending(i => Math.Abs(weights[i]) * scale[i])];
        int[] order = [x, y, .. others];
        SignatureSet ordered = result.Signatures.On(new CounterSet(order.Select(i => counters[i])));
        int[] independent = SignatureSpan.Of(ordered, default).Coordinates;
        return [.. Enumerable.Range(2, others.Length).Where(k => independent.Contains(k) || (isEquality && row[order[k]] != 0))
            .Select(k => counters[order[k]])];
    }

    /// <summary>As many of the counters as the model explains together.</summary>
    private static List<string> Hold(VerdictResult result, List<string> candidates, VerdictOptions options)
    {
        var held = new List<string>();
        foreach (string name in candidates)
        {
            held.Add(name);
            MeanRegion region = MeanRegion.Of(result.Observation, new CounterSet(held));
            DistanceResult found = Distance(result, region).Nearest;
            double pValue = result.Observation.IsExact ? (found.Squared <= 1 ? 1 : 0)
                : new VerdictOptions().PValue(found.Squared, held.Count, found.Freedom, long.MaxValue);
            if (pValue < 1 - options.Confidence) held.RemoveAt(held.Count - 1);
        }

        return held;
    }

    /// <summary>The nearest point of the cone of some counters, scaled.</summary>
    private static double[] HeldAt(VerdictResult result, List<string> held)
    {
        if (held.Count == 0) return [];
        MeanRegion region = MeanRegion.Of(result.Observation, new CounterSet(held));
        (ConeDistance distance, _) = Distance(result, region);
        double[] weights = new double[distance.Signatures.Count], nearest = new double[held.Count];
        distance.CopyWeights(weights);
        foreach (int j in distance.Active)
            for (int i = 0; i < nearest.Length; i++) nearest[i] += weights[j] * distance.Signatures[j][i] / region.Scale[i];
        return nearest;
    }

    private static (ConeDistance Distance, DistanceResult Nearest) Distance(VerdictResult result, MeanRegion region)
    {
        var distance = new ConeDistance(result.Signatures!.On(region.Counters));
        distance.SetCovariance(region.Covariance, region.Scale);
        return (distance, distance.Measure(region.Mean));
    }
}
