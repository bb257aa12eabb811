using System.Numerics;
using KernelSuite.Counters.Cones;
using KernelSuite.Counters.Verdicts;

namespace KernelSuite.Counters.Reports;

/// <summary>Counts over observations what became of each row. Rows of different counter sets that say the same are one.</summary>
internal sealed class RowTally(CounterSet axes, double level)
{
    private readonly Dictionary<ConeRow, Entry> entries = [];
    private readonly Dictionary<TestRow, Entry> byTest = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<ModelCone, TestRow[]> rowsOf = new(ReferenceEqualityComparer.Instance);

    /// <summary>The rows of a cone as they are tested. One whose coefficients a double cannot hold is left out.</summary>
    public IReadOnlyList<TestRow> TestRows(ModelCone cone)
    {
        if (rowsOf.TryGetValue(cone, out TestRow[]? known)) return known;
        var rows = new List<TestRow>();
        foreach (ConeRow row in cone.Equalities.Concat(cone.Inequalities))
        {
            double[] coefficients = row.ToDoubles();
            if (!coefficients.All(double.IsFinite)) continue;
            var test = new TestRow(cone.Counters, coefficients, row.IsEquality, row.ToString());
            ConeRow onAll = On(row);
            if (!entries.TryGetValue(onAll, out Entry? entry)) entries[onAll] = entry = new Entry(onAll, entries.Count);
            byTest[test] = entry;
            rows.Add(test);
        }

        return rowsOf[cone] = [.. rows];
    }

    public void Add(VerdictResult result, ModelCone? cone)
    {
        if (cone is null) return;
        foreach (RowResult row in result.Rows)
        {
            Entry entry = byTest[row.Row];
            entry.PValues.Add(row.PValue);
            if (row.IsViolated) entry.Failing.Add((result.Observation.Id, row.Adjusted, row.PValue));
            if (entry.Worst is { } worst && Order(worst).CompareTo(Order(row)) <= 0) continue;
            (entry.Worst, entry.WorstObservation) = (row, result.Observation.Id);
        }
    }

    public IReadOnlyList<CheckedRow> Rows(int observations)
    {
        var rows = new List<(CheckedRow Row, int Order)>();
        foreach (Entry entry in entries.Values)
        {
            if (entry.Worst is null) continue;
            int tested = entry.PValues.Count;
            int adjusted = MultipleTests.BenjaminiHochberg([.. entry.PValues]).Count(p => p <= level);
            string[] failing = [.. entry.Failing.OrderBy(f => f.Adjusted).ThenBy(f => f.PValue).Select(f => f.Id)];
            rows.Add((new CheckedRow(entry.Row, tested - failing.Length, failing, observations - tested, adjusted,
                entry.Worst, entry.WorstObservation),
                entry.Order));
        }

        return [.. rows.OrderByDescending(r => r.Row.Failing.Count).ThenBy(r => r.Row.Worst.PValue).ThenBy(r => r.Order).Select(r => r.Row)];
    }

    /// <summary>Smaller is worse. The values decide between exact observations, whose statistics are all infinite.</summary>
    private static (double, double, double) Order(RowResult row) => row.Row.IsEquality
        ? (row.PValue, -Math.Abs(row.Statistic), -Math.Abs(row.Value)) : (row.PValue, -row.Statistic, -row.Value);

    private ConeRow On(ConeRow row)
    {
        var coefficients = new BigInteger[axes.Count];
        foreach ((string counter, BigInteger coefficient) in row.Named()) coefficients[axes.IndexOf(counter)] = coefficient;
        return new ConeRow(axes, coefficients, row.IsEquality);
    }

    private sealed class Entry(ConeRow row, int order)
    {
        public ConeRow Row { get; } = row;

        public int Order { get; } = order;

        public List<double> PValues { get; } = [];

        public List<(string Id, double Adjusted, double PValue)> Failing { get; } = [];

        public RowResult? Worst { get; set; }

        public string WorstObservation { get; set; } = "";
    }
}
