using KernelSuite.Counters.Models;

namespace KernelSuite.Counters.Tests.Models;

/// <summary>Guards and selections of features.</summary>
public class FeatureTests
{
    private const string Text =
        """
        FLOW {
          feature f, g;
          incr a;
          switch p { A => pass; B if f => incr b; C if !f & g => incr c; }
          if g { incr b; } else { incr d; }
          if !f { incr e; };
          done;
        }
        """;

    [Theory]
    [InlineData("", "a d e")]
    [InlineData("f", "a d|a b d")]
    [InlineData("g", "a b e|a b c e")]
    [InlineData("g,f,f", "a b|a 2b")]
    public void A_selection_keeps_what_its_guards_allow(string features, string expected)
    {
        FlowModel model = FlowModel.Parse(Text);
        Assert.Equal(["f", "g"], model.Features);
        PathSet set = model.Enumerate(features.Split(',', StringSplitOptions.RemoveEmptyEntries));
        IEnumerable<string> paths = set.Paths.Select(p => string.Join(' ',
            set.Counters.Order(StringComparer.Ordinal).Select(c => (c, p.Counts[set.Counters.IndexOf(c)])).Where(c => c.Item2 > 0)
                .Select(c => c.Item2 == 1 ? c.c : $"{c.Item2}{c.c}")));
        Assert.Equal(expected.Split('|'), paths);
        Assert.Equal(features.Split(',', StringSplitOptions.RemoveEmptyEntries).Distinct().Order(StringComparer.Ordinal), set.Features);
    }

    [Fact]
    public void Counters_do_not_depend_on_the_selection()
    {
        FlowModel model = FlowModel.Parse(Text);
        Assert.Equal(model.Enumerate(["f"]).Counters, model.Enumerate(["g"]).Counters);
        Assert.Contains(model.Enumerate([]).Diagnostics, d => d.Code == "silent-counter" && d.Message.Contains("'c'", StringComparison.Ordinal));
    }

    [Fact]
    public void Cases_of_one_value_may_exclude_each_other()
    {
        FlowModel model = FlowModel.Parse("feature f; FLOW { switch p { A if f => incr a; A if !f => incr b; B => pass; } done; }");
        Assert.Empty(model.Diagnostics);
        Assert.Equal([0L, 1L], model.Enumerate().Paths.First().Counts);
        Assert.Equal([1L, 0L], model.Enumerate(["f"]).Paths.First().Counts);
    }

    [Fact]
    public void A_feature_may_be_declared_after_its_use()
    {
        FlowModel model = FlowModel.Parse("FLOW { if f { incr a; } else { done; } done; } feature f;");
        Assert.Equal(2, model.Enumerate(["f"]).Count + model.Enumerate().Count);
    }

    [Fact]
    public void An_unknown_feature_is_named_with_the_known_ones()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => FlowModel.Parse(Text).Enumerate(["h"]));
        Assert.Contains("'h'. Expected one of f, g", error.Message, StringComparison.Ordinal);
        Assert.Contains("declares no feature", Assert.Throws<ArgumentException>(() => FlowModel.Parse("FLOW { done; }").Enumerate(["h"])).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_feature_may_make_a_cycle()
    {
        FlowModel model = FlowModel.Parse("feature f; FLOW { l: incr a; if f { next l; } done; }");
        Assert.Equal(1, model.Enumerate().Count);
        Assert.Equal("cycle", Assert.Throws<FlowPathException>(() => model.Enumerate(["f"])).Code);
    }

    [Fact]
    public void A_switch_with_many_cases_follows_what_is_decided()
    {
        string cases = string.Concat(Enumerable.Range(0, 40).Select(i => $"v{i} => incr c{i}; "));
        PathSet set = FlowModel.Parse($"FLOW {{ switch p {{ {cases} }} switch p {{ {cases} }} done; }}").Enumerate();
        Assert.Equal(40, set.Count);
        Assert.All(set.Paths.Index(), p => Assert.Equal(2, p.Item.Counts[p.Index]));
    }
}
