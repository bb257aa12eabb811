using KernelSuite.Counters.Cones;

namespace KernelSuite.Counters.Tests.Cones;

public class ModelConeTests
{
    [Fact]
    public void T1_a_counter_that_ticks_on_some_of_the_others_ticks()
    {
        ModelCone cone = Of(["a", "b"], [1, 0], [1, 1]);
        Assert.Equal(["0 <= b", "b <= a"], Texts(cone));
        Assert.True(cone.FacetsComplete);
        Assert.Equal(2, cone.Rank);
        Assert.True(cone.Inequalities.All(row => row.Holds([10, 10])));
        Assert.Equal("b <= a", Assert.Single(cone.Inequalities, row => !row.Holds([10, 11])).ToString());
    }

    [Fact]
    public void T2_two_exclusive_ticks_are_at_most_the_total_and_equal_it_without_a_third_case()
    {
        Assert.Equal(["0 <= b", "0 <= c", "b + c <= a"], Texts(Of(["a", "b", "c"], [1, 1, 0], [1, 0, 1], [1, 0, 0])));
        Assert.Equal(["a == b + c", "0 <= b", "0 <= c"], Texts(Of(["a", "b", "c"], [1, 1, 0], [1, 0, 1])));
    }

    [Fact]
    public void Degenerate_cones()
    {
        Assert.Equal(["a == 0", "b == 0"], Texts(Of(["a", "b"])));
        Assert.Empty(Texts(Of([])));
        Assert.Equal(["0 <= a"], Texts(Of(["a"], [3])));
        Assert.Equal(["b == 0", "0 <= a"], Texts(Of(["a", "b"], [1, 0])));
        Assert.Equal(["a == b", "a == c", "0 <= a"], Texts(Of(["a", "b", "c"], [2, 2, 2])));
        Assert.Equal(["3 a == 2 b", "0 <= a"], Texts(Of(["a", "b"], [2, 3])));
        Assert.Equal(["0 <= a", "0 <= b", "0 <= c"], Texts(Of(["a", "b", "c"], [1, 0, 0], [0, 1, 0], [0, 0, 1])));
    }

    /// <summary>A total, its parts and parts of these: each identity comes out as itself, not as a mixture.</summary>
    [Fact]
    public void Counter_groups_come_out_as_themselves()
    {
        ModelCone cone = Of(
            ["walks", "walks_4k", "walks_2m", "walks_1g", "hits", "hits_4k", "hits_2m"],
            [1, 1, 0, 0, 0, 0, 0], [1, 0, 1, 0, 0, 0, 0], [1, 0, 0, 1, 0, 0, 0], [0, 0, 0, 0, 1, 1, 0], [0, 0, 0, 0, 1, 0, 1], [2, 1, 0, 1, 1, 1, 0]);
        Assert.Equal(["hits == hits_4k + hits_2m", "walks == walks_4k + walks_2m + walks_1g"], cone.Equalities.Select(row => row.ToString()));
        Assert.All(cone.Inequalities, row => Assert.Equal(1, row.Terms));
    }

    [Fact]
    public void Inequalities_are_shortened_by_the_equalities()
    {
        // all = p1 + p2 + p3, and never more parts than starts: "all <= starts", not the sum of the parts.
        ModelCone cone = Of(["p1", "p2", "p3", "all", "starts"], [1, 0, 0, 1, 1], [0, 1, 0, 1, 1], [0, 0, 1, 1, 1], [0, 0, 0, 0, 1]);
        Assert.Contains("all <= starts", Texts(cone));
    }

    /// <summary>T8: on fewer counters everything that was feasible still is, and the rows are those of the other columns.</summary>
    [Fact]
    public void T8_projection_keeps_what_is_feasible()
    {
        var random = new Random(8);
        for (int trial = 0; trial < 10; trial++)
        {
            SignatureSet all = RandomCones.Flow(random, 8, 3, 2, 2, 14);
            ModelCone cone = ModelCone.Of(all.Project(new CounterSet(["c1", "c2", "c4", "c7"])));
            Assert.Equal(["c1", "c2", "c4", "c7"], cone.Counters);
            for (int i = 0; i < all.Count; i++) Assert.Null(cone.FindBroken([all[i][1], all[i][2], all[i][4], all[i][7]]));
        }

        Assert.Equal(["0 <= a", "0 <= b"],
            Texts(ModelCone.Of(new SignatureSet(new CounterSet(["a", "b", "c"]), [[1, 0, 1], [0, 1, 1]]).Project(new CounterSet(["a", "b"])))));
    }

    /// <summary>
    /// Products of entries near 2^40 leave 64 bits, and 128 bits from four dimensions on: the answer is that of small numbers, scaled.
    /// </summary>
    [Fact]
    public void Large_entries_give_the_rows_of_the_same_cone_with_scaled_axes()
    {
        long[] scale = [(1L << 39) - 7, (1L << 38) - 45, (1L << 38) - 107, (1L << 39) - 67, (1L << 38) - 153];
        SignatureSet small = RandomCones.Sparse(new Random(12), 5, 9, zeros: 0.3, most: 2);
        var large = new SignatureSet(small.Counters,
            Enumerable.Range(0, small.Count).Select(i => small[i].ToArray().Select((v, c) => v * scale[c]).ToArray()));
        ModelCone expected = ModelCone.Of(small), actual = ModelCone.Of(large);
        string[] Tight(ModelCone cone) => [.. cone.Inequalities
            .Select(row => string.Join(' ', Enumerable.Range(0, small.Count).Where(i => row.Evaluate(cone.Signatures[i]).IsZero)))
                .Order(StringComparer.Ordinal)];
        Assert.Equal(small.Count, large.Count);
        Assert.Equal(expected.Rank, actual.Rank);
        Assert.Equal(Tight(expected), Tight(actual));
    }

    private static ModelCone Of(string[] counters, params long[][] signatures) =>
        ModelCone.Of(new SignatureSet(new CounterSet(counters), signatures));

    private static string[] Texts(ModelCone cone) => [.. cone.Equalities.Concat(cone.Inequalities).Select(row => row.ToString())];
}
