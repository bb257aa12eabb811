using KernelSuite.Counters.Statistics;

namespace KernelSuite.Counters.Verdicts;

/// <summary>How an observation stands to one row of a model.</summary>
/// <param name="Row">The row.</param>
/// <param name="Value">a · m, in the counters' own units; positive is on the wrong side.</param>
/// <param name="Statistic">a · m over its standard deviation: one-sided for inequalities, two-sided for equalities. Infinite for exact
/// observations.</param>
/// <param name="PValue">Of Student's t with n - 1 degrees of freedom, or the normal.</param>
/// <param name="Adjusted">The p-value after Holm's correction over all rows tested.</param>
/// <param name="IsViolated">Whether the adjusted p-value is at most 1 - confidence.</param>
public sealed record RowResult(TestRow Row, double Value, double Statistic, double PValue, double Adjusted, bool IsViolated);

/// <summary>Tests rows one by one: no program to solve and no covariance to invert, so they hold where samples are too few for a region.</summary>
internal static class RowTest
{
    /// <summary>Tests the rows whose counters were all measured.</summary>
    /// <returns>Results, worst first, and the rows that have a counter which was not measured.</returns>
    public static (RowResult[] Results, TestRow[] Untested) Check(Observation observation, IReadOnlyList<TestRow> rows, VerdictOptions options)
    {
        var tested = new List<(TestRow Row, double Value, double Statistic, double PValue)>();
        var untested = new List<TestRow>();
        double[] scale = CounterScale.Of(observation.Moments);
        foreach (TestRow row in rows)
        {
            int[] places = row.Counters.PlacesIn(observation.Counters);
            if (Enumerable.Range(0, places.Length).Any(i => places[i] < 0 && row.Coefficients[i] != 0))
            {
                untested.Add(row);
                continue;
            }

            (double value, double statistic) = Statistic(observation, row, places, scale);
            double freedom = options.FiniteSample ? Math.Max(observation.Moments.Count - 1, 1) : double.PositiveInfinity;
            double tail = double.IsInfinity(statistic) ? statistic > 0 || row.IsEquality ? 0 : 1
                : row.IsEquality ? Tails.StudentTwoSided(statistic, freedom) : Tails.Student(statistic, freedom);
            tested.Add((row, value, statistic, observation.IsExact && statistic == 0 ? 1 : tail));
        }

        double[] adjusted = MultipleTests.Holm([.. tested.Select(t => t.PValue)]);
        RowResult[] results = [.. tested.Select((t, i) => new RowResult(t.Row, t.Value, t.Statistic, t.PValue, adjusted[i],
            adjusted[i] <= 1 - options.Confidence))];
        return ([.. results.OrderBy(r => r.Adjusted).ThenByDescending(r => r.Row.IsEquality ? Math.Abs(r.Statistic) : r.Statistic)], [.. untested]);
    }

    private static (double Value, double Statistic) Statistic(Observation observation, TestRow row, int[] places, double[] scale)
    {
        SampleMoments moments = observation.Moments;
        double value = 0, variance = 0, floor = 0;
        for (int i = 0; i < places.Length; i++)
        {
            double a = row.Coefficients[i];
            if (a == 0) continue;
            value += a * moments.Mean[places[i]];
            double unit = MeanRegion.Floor * a * scale[places[i]];
            floor += unit * unit;
            for (int j = 0; j < places.Length; j++)
                if (row.Coefficients[j] != 0) variance += a * row.Coefficients[j] * moments.Covariance(places[i], places[j]) / moments.Count;
        }

        if (observation.IsExact) return (value, value == 0 ? 0 : value > 0 ? double.PositiveInfinity : double.NegativeInfinity);
        return (value, value / Math.Sqrt(Math.Max(variance, 0) + floor));
    }
}
