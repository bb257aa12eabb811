using System.Globalization;
using KernelSuite.Counters.Cones;
using Xunit;

namespace KernelSuite.Counters.Tests.Samples;

/// <summary>
/// Cachegrind's own simulation, on counts of real programs. A simulator's counts carry no noise, so each sample is a point: in the cone or outside,
/// in whole numbers.
/// </summary>
public class CachegrindTests
{
    private static readonly CounterSet Events = new(["Ir", "I1mr", "ILmr", "Dr", "D1mr", "DLmr", "Dw", "D1mw", "DLmw", "Bc", "Bcm", "Bi", "Bim"]);
    private static readonly ModelCone Right = Cone("cachegrind");
    private static readonly Sample[] Samples =
        [.. Directory.EnumerateFiles(CounterSamples.PathOf("cachegrind"), "*.csv").Order(StringComparer.Ordinal).SelectMany(Read)];

    [Fact]
    public void There_are_nine_programs_with_thirty_samples_each()
    {
        Assert.Equal(9, Samples.Select(s => s.Program).Distinct().Count());
        Assert.All(Samples.GroupBy(s => s.Program), program => Assert.Equal(30, program.Count()));
    }

    [Fact]
    public void The_model_has_fourteen_facets_and_no_equality()
    {
        Assert.Empty(Right.Equalities);
        Assert.Equal(14, Right.Inequalities.Count);
        Assert.Contains("Bc + 2 Bi <= 2 Ir", Right.Inequalities.Select(row => row.ToString()));
    }

    [Fact]
    public void No_sample_refutes_the_model() => Assert.All(Samples, sample => Assert.Empty(Right.Broken(sample.Counts)));

    [Fact]
    public void One_miss_too_many_would_refute_it()
    {
        (string Miss, string Of)[] pairs =
        [
            ("ILmr", "I1mr"), ("I1mr", "Ir"), ("DLmr", "D1mr"), ("D1mr", "Dr"),
            ("DLmw", "D1mw"), ("D1mw", "Dw"), ("Bcm", "Bc"), ("Bim", "Bi"),
        ];
        foreach ((string miss, string of) in pairs)
        {
            long[] counts = [.. Samples[0].Counts];
            counts[Events.IndexOf(miss)] = counts[Events.IndexOf(of)] + 1;
            Assert.Contains($"{miss} <= {of}", Right.Broken(counts).Select(row => row.ToString()));
        }
    }

    /// <summary>Each wrong model falls by the row that says what it got wrong, and by no other.</summary>
    [Theory]
    [InlineData("wrong-write-buffer", 270, "DLmw == 0")]
    [InlineData("wrong-disjoint-levels", 76, "D1mr + DLmr <= Dr", "D1mw + DLmw <= Dw")]
    [InlineData("wrong-prefetch", 176, "2 ILmr <= I1mr")]
    [InlineData("wrong-one-operand", 36, "Dr + Dw <= Ir")]
    public void Each_wrong_model_is_refuted(string name, int refuting, params string[] rows)
    {
        ModelCone wrong = Cone(name);
        string[][] broken = [.. Samples.Select(sample => wrong.Broken(sample.Counts).Select(row => row.ToString()).ToArray())];
        Assert.Equal(rows, broken.SelectMany(b => b).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(refuting, broken.Count(b => b.Length > 0));
    }

    /// <summary>A sum of samples is a point of the cone too, so that pooled data cannot refute the right model either.</summary>
    [Fact]
    public void Sums_of_samples_stay_inside()
    {
        var sum = new long[Events.Count];
        foreach (Sample sample in Samples)
        {
            for (int i = 0; i < sum.Length; i++) sum[i] += sample.Counts[i];
        }

        Assert.Empty(Right.Broken(sum));
    }

    private static ModelCone Cone(string name) => ModelCone.Of(CounterSamples.Model($"cachegrind/{name}.fdl").Enumerate().Signatures.On(Events));

    private static IEnumerable<Sample> Read(string file) => File.ReadLines(file).Skip(1).Select(line => line.Split(','))
        .GroupBy(f => string.Join('/', f[..4]))
        .Select(rows =>
        {
            var counts = rows.ToDictionary(f => f[4], f => long.Parse(f[5], CultureInfo.InvariantCulture));
            return new Sample(rows.First()[0], rows.Key, [.. Events.Select(counter => counts[counter])]);
        });

    private sealed record Sample(string Program, string Id, long[] Counts)
    {
        public override string ToString() => Id;
    }
}
