using System.Globalization;
using KernelSuite.Counters.Cones;
using KernelSuite.Counters.Models;

namespace KernelSuite.Counters.Tests.Samples;

/// <summary>The files of samples/counters, which the build copies beside the tests.</summary>
internal static class CounterSamples
{
    private static readonly string Root = Path.Combine(AppContext.BaseDirectory, "counters");

    public static string PathOf(string name) => Path.Combine(Root, name);

    public static FlowModel Model(string name) => FlowModel.Load(PathOf(name));

    public static CounterSet Counters(string name) => new(File.ReadAllLines(PathOf(name)).Where(line => line.Length > 0));

    /// <summary>Every model, as a path below samples/counters.</summary>
    public static IEnumerable<string> Models() => Directory.EnumerateFiles(Root, "*.fdl", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(Root, file)).Order(StringComparer.Ordinal);

    /// <summary>
    /// "positive terms &lt;= positive terms" over a set of counters, as a row; a number and a blank before a counter are its
    /// coefficient. "0" is no term.
    /// </summary>
    public static ConeRow Row(CounterSet counters, string atMost, string atLeast)
    {
        var row = new System.Numerics.BigInteger[counters.Count];
        Add(atMost, 1);
        Add(atLeast, -1);
        return new ConeRow(counters, row, isEquality: false);

        void Add(string side, int sign)
        {
            foreach (string term in side.Split(" + ").Where(t => t != "0"))
            {
                string[] parts = term.Split(' ');
                row[counters.IndexOf(parts[^1])] += sign * (parts.Length == 1 ? 1 : int.Parse(parts[0], CultureInfo.InvariantCulture));
            }
        }
    }

    /// <summary>Signatures with the counters of a set in its order: models of one machine name theirs in different orders.</summary>
    public static SignatureSet On(this SignatureSet signatures, CounterSet counters)
    {
        int[] places = counters.PlacesIn(signatures.Counters);
        return new SignatureSet(counters, Enumerable.Range(0, signatures.Count).Select(i => Reordered(signatures[i])));

        long[] Reordered(ReadOnlySpan<long> signature)
        {
            var vector = new long[places.Length];
            for (int c = 0; c < places.Length; c++) vector[c] = signature[places[c]];
            return vector;
        }
    }

    /// <summary>Whether a row holds at every signature, and so on the whole cone.</summary>
    public static bool Implies(this SignatureSet signatures, ConeRow row)
    {
        for (int i = 0; i < signatures.Count; i++)
        {
            if (!row.Holds(signatures[i])) return false;
        }

        return true;
    }

    /// <summary>The rows of a cone that a point breaks.</summary>
    public static IEnumerable<ConeRow> Broken(this ModelCone cone, long[] point) =>
        cone.Equalities.Concat(cone.Inequalities).Where(row => !row.Holds(point));
}
