using System.Numerics;
using KernelSuite.Counters.Cones;

namespace KernelSuite.Counters.Tests.Cones;

public class FacetTests
{
    [Theory]
    [InlineData(2, 5, 3)]
    [InlineData(3, 9, 4)]
    [InlineData(4, 11, 2)]
    [InlineData(5, 12, 3)]
    [InlineData(6, 11, 1)]
    [InlineData(5, 10, 1L << 40)]
    public void Facets_are_those_of_the_definition(int counters, int count, long most)
    {
        var random = new Random(20 + counters);
        for (int trial = 0; trial < 6; trial++)
        {
            SignatureSet signatures = RandomCones.Sparse(random, counters, count, zeros: 0.1 + (0.1 * trial), most);
            ModelCone cone = ModelCone.Of(signatures);
            Assert.Equal(BruteForceFacets.Rank(signatures, Enumerable.Range(0, signatures.Count)), cone.Rank);
            Assert.Equal(counters - cone.Rank, cone.Equalities.Count);
            Assert.Equal(BruteForceFacets.Of(signatures, cone.Rank).Order(), cone.Inequalities.Select(row => Tight(signatures, row)).Order());
        }
    }

    [Theory]
    [InlineData(3, 2, 2)]
    [InlineData(5, 2, 3)]
    [InlineData(7, 3, 2)]
    public void Facets_within_a_subspace_are_those_of_the_definition(int counters, int decisions, int totals)
    {
        var random = new Random(50 + counters);
        for (int trial = 0; trial < 8; trial++)
        {
            SignatureSet signatures = RandomCones.Flow(random, counters, decisions, 2, totals, 12);
            ModelCone cone = ModelCone.Of(signatures);
            if (cone.Rank == 0) continue;
            Assert.Equal(counters - cone.Rank, cone.Equalities.Count);
            Assert.Equal(BruteForceFacets.Of(signatures, cone.Rank).Order(), cone.Inequalities.Select(row => Tight(signatures, row)).Order());
        }
    }

    /// <summary>T5: signatures to facets to rays. The rays of the facets are the extreme signatures, whichever way those are found.</summary>
    [Theory]
    [InlineData(4, 9, 5)]
    [InlineData(6, 14, 3)]
    [InlineData(7, 13, 2)]
    [InlineData(6, 9, 1L << 40)]
    public void T5_the_extreme_rays_of_the_facets_are_the_extreme_signatures(int counters, int count, long most)
    {
        var random = new Random(70 + counters);
        for (int trial = 0; trial < 8; trial++)
        {
            SignatureSet signatures = trial % 2 == 0 ? RandomCones.Sparse(random, counters, count, zeros: 0.6, most)
                : RandomCones.Flow(random, counters, 3, 2, 2, count);
            ModelCone cone = ModelCone.Of(signatures);
            string[] extreme = [.. cone.ExtremeSignatures().Select(i => string.Join(' ', signatures[i].ToArray())).Order(StringComparer.Ordinal)];
            Assert.Equal(RaysOfFacets(cone), extreme);
            Assert.Equal(cone.ExtremeSignatures(), ModelCone.Of(signatures, ConeLimits.EqualitiesOnly).ExtremeSignatures());
        }
    }

    [Fact]
    public void A_signature_between_others_is_redundant()
    {
        var cone = ModelCone.Of(new SignatureSet(RandomCones.Names(2), [[1, 0], [1, 1], [0, 1], [2, 1]]));
        Assert.Equal([0, 2], cone.ExtremeSignatures());
    }

    /// <summary>The rays of { v : rows of the cone }, in the coordinates of independent signatures so that equalities need no care.</summary>
    private static string[] RaysOfFacets(ModelCone cone)
    {
        SignatureSet signatures = cone.Signatures;
        int[] independent = SignatureSpan.Of(signatures, default).Independent;
        BigInteger[][] rows = [.. cone.Inequalities.Select(row => independent.Select(i => -row.Evaluate(signatures[i])).ToArray())];
        var elimination = new Elimination();
        int[] basis = [.. Enumerable.Range(0, rows.Length).Where(r => elimination.TryAdd(rows[r], independent.Length))];
        return [.. DualCone.ExtremeRays(rows, basis, ConeLimits.Default, default)!.Select(ray =>
        {
            BigInteger[] sum = [.. Enumerable.Range(0, signatures.Counters.Count).Select(c =>
                ray.Select((share, j) => share * signatures[independent[j]][c]).Aggregate(BigInteger.Zero, BigInteger.Add))];
            BigInteger divisor = sum.Aggregate(BigInteger.Zero, BigInteger.GreatestCommonDivisor);
            return string.Join(' ', sum.Select(entry => entry / divisor));
        }).Order(StringComparer.Ordinal)];
    }

    private static ulong Tight(SignatureSet signatures, ConeRow row) => Mask(signatures.Count, i => row.Evaluate(signatures[i]).IsZero);

    private static ulong Mask(int count, Func<int, bool> has) => Enumerable.Range(0, count).Where(has).Aggregate(0UL, (all, i) => all | (1UL << i));
}
