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

    private static ModelCone Of(string[] counters, params long[][] signatures) => ModelCone.Of(new SignatureSet(new CounterSet(counters), signatures));

    private static string[] Texts(ModelCone cone) => [.. cone.Equalities.Concat(cone.Inequalities).Select(row => row.ToString())];
}
