using System.Numerics;
using KernelSuite.Counters.Cones;

namespace KernelSuite.Counters.Reports;

/// <summary>Rows and vectors as maps from counters to whole numbers, zeros left out.</summary>
internal static class ReportRows
{
    public static IReadOnlyDictionary<string, BigInteger> Of(ConeRow row) => new OrderedDictionary<string, BigInteger>(row.Named());

    public static IReadOnlyDictionary<string, BigInteger>[] Of(IEnumerable<ConeRow> rows) => [.. rows.Select(Of)];

    public static IReadOnlyDictionary<string, long> Of(CounterSet counters, IReadOnlyList<long> ticks)
    {
        var named = new OrderedDictionary<string, long>();
        for (int i = 0; i < counters.Count; i++)
        {
            if (ticks[i] != 0) named.Add(counters[i], ticks[i]);
        }

        return named;
    }
}
