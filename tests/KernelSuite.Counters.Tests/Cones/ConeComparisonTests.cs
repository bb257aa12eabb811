using KernelSuite.Counters.Cones;

namespace KernelSuite.Counters.Tests.Cones;

public class ConeComparisonTests
{
    private static readonly CounterSet Names = new(["a", "b", "c"]);

    [Fact]
    public void Inclusion_with_a_signature_and_the_row_that_it_breaks()
    {
        SignatureSet strict = Set([1, 0, 0], [1, 1, 0], [1, 0, 1]), loose = Set([1, 0, 0], [1, 1, 0], [1, 0, 1], [1, 1, 1]);
        foreach (ConeLimits limits in (ConeLimits[])[ConeLimits.Default, ConeLimits.EqualitiesOnly])
        {
            ConeComparison comparison = ConeComparison.Between(strict, loose, limits: limits);
            Assert.Equal(ConeRelation.Subset, comparison.Relation);
            Assert.Empty(comparison.FirstOutside);
            ConeWitness witness = Assert.Single(comparison.SecondOutside);
            Assert.Equal([1L, 1L, 1L], witness.Vector);
            Assert.False(witness.Row.Holds([1, 1, 1]));
            Assert.Equal("b + c <= a", witness.Row.ToString());
            Assert.Equal(ConeRelation.Superset, ConeComparison.Between(loose, strict, limits: limits).Relation);
        }
    }

    [Fact]
    public void A_redundant_signature_changes_nothing()
    {
        Assert.Equal(ConeRelation.Equivalent, ConeComparison.Between(Set([1, 0, 0], [0, 1, 0]), Set([0, 1, 0], [1, 2, 0], [1, 0, 0])).Relation);
    }

    [Fact]
    public void An_equality_of_one_model_that_the_other_lacks()
    {
        ConeComparison comparison = ConeComparison.Between(Set([1, 1, 0], [0, 0, 1]), Set([1, 0, 0], [0, 1, 1]));
        Assert.Equal(ConeRelation.Neither, comparison.Relation);
        Assert.All(comparison.SecondOutside, w => Assert.Equal("a == b", w.Row.ToString()));
        Assert.All(comparison.FirstOutside, w => Assert.Equal("b == c", w.Row.ToString()));
    }

    [Fact]
    public void T8_fewer_counters_tell_less_apart()
    {
        SignatureSet one = Set([1, 1, 0], [1, 0, 1]), other = Set([1, 1, 0], [1, 0, 0]);
        Assert.Equal(ConeRelation.Neither, ConeComparison.Between(one, other).Relation);
        Assert.Equal(ConeRelation.Equivalent, ConeComparison.Between(one, other, new CounterSet(["b", "a"])).Relation);
        var reordered = new SignatureSet(new CounterSet(["x", "b", "a"]), [[0, 1, 1], [5, 0, 1]]);
        ConeComparison comparison = ConeComparison.Between(one, reordered);
        Assert.Equal(["a", "b"], comparison.Counters);
        Assert.Equal(ConeRelation.Equivalent, comparison.Relation);
    }

    [Fact]
    public void Counters_that_a_model_lacks_are_named()
    {
        SignatureSet one = Set([1, 0, 0]);
        Assert.Contains("no counter 'x'",
            Assert.Throws<ArgumentException>(() => ConeComparison.Between(one, one, new CounterSet(["a", "x"]))).Message, StringComparison.Ordinal);
        var strange = new SignatureSet(new CounterSet(["z"]), [[1]]);
        Assert.Contains("no counter to compare",
            Assert.Throws<ArgumentException>(() => ConeComparison.Between(one, strange)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Random_models_compare_alike_with_and_without_facets()
    {
        var random = new Random(5);
        var seen = new HashSet<ConeRelation>();
        for (int trial = 0; trial < 60; trial++)
        {
            int counters = 2 + (trial % 2);
            SignatureSet one = RandomCones.Sparse(random, counters, 2 + (trial % 3), 0.5, 1), other = RandomCones.Sparse(random, counters, 3, 0.5, 1);
            ConeComparison withFacets = ConeComparison.Between(one, other),
                without = ConeComparison.Between(one, other, limits: ConeLimits.EqualitiesOnly);
            Assert.Equal(withFacets.Relation, without.Relation);
            Assert.Equal(withFacets.FirstOutside.Select(w => w.Signature), without.FirstOutside.Select(w => w.Signature));
            seen.Add(withFacets.Relation);
        }

        Assert.Equal(4, seen.Count);
    }

    private static SignatureSet Set(params long[][] signatures) => new(Names, signatures);
}
