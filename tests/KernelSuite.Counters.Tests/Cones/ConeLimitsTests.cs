using KernelSuite.Counters.Cones;

namespace KernelSuite.Counters.Tests.Cones;

public class ConeLimitsTests
{
    [Fact]
    public void Past_a_bound_there_are_no_facets_but_a_reason_equalities_and_membership()
    {
        SignatureSet signatures = RandomCones.Sparse(new Random(3), 23, 44, zeros: 0.7, most: 3);
        ModelCone cone = ModelCone.Of(signatures, new ConeLimits { MostRays = 500 });
        Assert.False(cone.FacetsComplete);
        Assert.Contains("500 intermediate rays", cone.FacetsMissing, StringComparison.Ordinal);
        Assert.Empty(cone.Inequalities);
        Assert.Equal(23, cone.Rank + cone.Equalities.Count);
        Assert.True(cone.Membership(signatures[5]).IsMember);
        long[] outside = new long[23];
        outside[4] = 1;
        Assert.False(cone.FindBroken(outside)!.Holds(outside));
    }

    [Fact]
    public void Facets_are_counted_too()
    {
        ModelCone cone = ModelCone.Of(new SignatureSet(RandomCones.Names(3), [[1, 0, 0], [0, 1, 0], [0, 0, 1]]), new ConeLimits { MostFacets = 2 });
        Assert.Equal("more than 2 facets", cone.FacetsMissing);
        Assert.Empty(cone.Inequalities);
    }

    [Fact]
    public void It_can_be_cancelled()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        SignatureSet signatures = RandomCones.Sparse(new Random(3), 6, 9, zeros: 0.5, most: 3);
        Assert.Throws<OperationCanceledException>(() => ModelCone.Of(signatures, cancellation: cancelled.Token));
        Assert.Throws<OperationCanceledException>(() => ConeMembership.Of(signatures, new long[6], cancelled.Token));
    }

    [Fact]
    public void Too_many_counters_are_refused()
    {
        SignatureSet signatures = RandomCones.Sparse(new Random(3), ModelCone.MostCounters + 1, 2, zeros: 0.5, most: 1);
        Assert.Contains("project", Assert.Throws<ArgumentException>(() => ModelCone.Of(signatures)).Message, StringComparison.Ordinal);
    }
}
