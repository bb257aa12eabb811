using System.Text.Json;
using KernelSuite.Counters.Cones;
using KernelSuite.Counters.Models;
using Xunit;

namespace KernelSuite.Counters.Tests.Samples;

/// <summary>The Haswell MMU: what the published study says about its base model, and which feature explains which broken row.</summary>
public class HaswellTests
{
    private const string Reads = "page_walker_loads";

    private static readonly FlowModel Mmu = CounterSamples.Model("haswell/mmu.fdl");
    private static readonly CounterSet All = CounterSamples.Counters("haswell/counters-23.txt");
    private static readonly ModelCone Base = ModelCone.Of(CounterSamples.Model("haswell/base.fdl").Enumerate().Signatures.On(All));

    [Fact]
    public void The_base_model_has_44_signatures_and_31_rows()
    {
        Assert.Equal(23, Base.Counters.Count);
        Assert.Equal(44, Base.Signatures.Count);
        Assert.Equal(19, Base.Rank);
        Assert.True(Base.FacetsComplete);
        Assert.Equal(4, Base.Equalities.Count);
        Assert.Equal(27, Base.Inequalities.Count);
        Assert.Single(Upper());
        Assert.Equal(4, Lower().Count);
    }

    [Theory]
    [InlineData("haswell/counters-4.txt", 4, 0, 4)]
    [InlineData("haswell/counters-10.txt", 12, 2, 8)]
    [InlineData("haswell/counters-22.txt", 30, 4, 22)]
    [InlineData("haswell/counters-23.txt", 44, 4, 27)]
    public void Counter_sets_are_cumulative(string file, int signatures, int equalities, int inequalities)
    {
        CounterSet counters = CounterSamples.Counters(file);
        Assert.Equal(counters.Count, All.Intersect(counters).Count);
        ModelCone cone = ModelCone.Of(CounterSamples.Model("haswell/base.fdl").Enumerate().Signatures.On(counters));
        Assert.Equal((signatures, equalities, inequalities), (cone.Signatures.Count, cone.Equalities.Count, cone.Inequalities.Count));
    }

    [Fact]
    public void The_equalities_are_the_counter_groups()
    {
        Assert.Equal(Base.Equalities.Count, Mmu.CounterGroups.Count);
        foreach (CounterGroup group in Mmu.CounterGroups)
        {
            string parts = string.Join(" + ", group.Parts);
            Assert.True(Base.Signatures.Implies(Row(group.Total, parts)), group.Total);
            Assert.True(Base.Signatures.Implies(Row(parts, group.Total)), group.Total);
        }
    }

    [Fact]
    public void Without_features_the_full_model_is_the_base_model()
    {
        SignatureSet full = Mmu.Enumerate([]).Signatures.On(All), plain = Base.Signatures;
        Assert.Equal(Vectors(plain), Vectors(full));
    }

    /// <summary>All 1,024 selections of features, against the rows of the base model that they break.</summary>
    [Fact]
    public void Each_broken_row_points_to_its_features()
    {
        ConeRow[] early = [.. Kinds().Select(k => Row($"dtlb_{k}_misses.pde_cache_miss", $"dtlb_{k}_misses.miss_causes_a_walk"))];
        ConeRow[] retired = [.. Kinds().Select(k => Row($"mem_uops_retired.stlb_miss_{k}s", $"dtlb_{k}_misses.walk_completed"))];
        ConeRow upper = Upper().Single();
        IReadOnlyList<ConeRow> lower = Lower();
        Assert.All(early.Concat(retired), row => Assert.True(Base.Signatures.Implies(row), row.ToString()));
        Assert.Equal(10, Mmu.Features.Count);
        for (int selection = 0; selection < 1 << Mmu.Features.Count; selection++)
        {
            string[] on = [.. Mmu.Features.Where((_, i) => (selection >> i & 1) != 0)];
            SignatureSet signatures = Mmu.Enumerate(on).Signatures.On(All);
            bool tickWithoutWalk = Has("EarlyPsc") && (Has("Merging") || Has("AbortBeforeWalk"));
            Assert.All(early, row => Expect(tickWithoutWalk, row));
            Assert.All(retired, row => Expect(Has("Merging"), row));
            Expect(Has("PfSpecT") || Has("WalkReplay"), upper);
            // A replay is a walk that was given up and begun again, so it counts among the aborts here.
            bool walkWithoutReads = Has("Pml4eCache") || Has("WalkBypass") || Has("PmhAbort") || Has("WalkReplay");
            if (walkWithoutReads) Assert.All(lower, row => Expect(true, row));
            else Assert.Equal(tickWithoutWalk ? 3 : 0, lower.Count(row => !signatures.Implies(row)));

            bool Has(string feature) => on.Contains(feature);
            void Expect(bool broken, ConeRow row) => Assert.True(signatures.Implies(row) != broken, $"[{string.Join(", ", on)}] {row}");
        }
    }

    /// <summary>
    /// What the study says of rows of page_walker_loads, over its own models: there Merging comes with EarlyPsc or with a feature that breaks lower
    /// bounds by itself, and WalkReplay comes with aborts.
    /// </summary>
    [Fact]
    public void In_the_models_of_the_study_reads_are_bounded_as_it_says()
    {
        foreach ((string name, string[] on) in Listed())
        {
            SignatureSet signatures = Mmu.Enumerate(on).Signatures.On(All);
            Assert.True(signatures.Implies(Upper().Single()) == !on.Intersect(["PfSpecT", "WalkReplay"]).Any(), name);
            Assert.True(Lower().All(signatures.Implies) == !on.Intersect(["Merging", "Pml4eCache", "WalkBypass", "PmhAbort"]).Any(), name);
        }
    }

    /// <summary>
    /// Alone the two cannot be otherwise. A miss that joins a walk counts none, and all counters of the lower bounds tick from there on. A second
    /// walk without reads after one with a single read is two walks for one read.
    /// </summary>
    [Fact]
    public void Merging_alone_breaks_no_lower_bound_and_a_replay_alone_does()
    {
        SignatureSet merging = Mmu.Enumerate(["Merging"]).Signatures.On(All);
        Assert.All(Lower(), row => Assert.True(merging.Implies(row)));
        int[] bounded = [.. Lower().SelectMany(row => Enumerable.Range(0, All.Count).Where(i => row[All[i]] != 0)).Distinct()];
        HashSet<string> known = [.. Vectors(Base.Signatures)];
        for (int j = 0; j < merging.Count; j++)
        {
            if (known.Contains(string.Join(' ', merging[j].ToArray()))) continue;
            foreach (int i in bounded) Assert.Equal(0, merging[j][i]);
        }

        SignatureSet replay = Mmu.Enumerate(["WalkReplay"]).Signatures.On(All);
        int walks = All.IndexOf("dtlb_load_misses.miss_causes_a_walk"), reads = All.IndexOf(Reads);
        Assert.Contains(Enumerable.Range(0, replay.Count), j => replay[j][walks] == 2 && replay[j][reads] == 1);
    }

    [Theory]
    [InlineData("m0", 31)]
    [InlineData("m1", 30)]
    [InlineData("m2", 23)]
    [InlineData("m4", 23)]
    [InlineData("m6", 25)]
    [InlineData("m7", 27)]
    [InlineData("a0", 23)]
    [InlineData("r0", 35)]
    public void The_listed_models_have_these_rows(string name, int rows)
    {
        ModelCone cone = Cone(name);
        Assert.Equal(rows, cone.Equalities.Count + cone.Inequalities.Count);
    }

    /// <summary>No data on the 23 counters can tell these apart, and the base model is the strictest.</summary>
    [Fact]
    public void Where_walks_may_bypass_a_root_cache_cannot_be_told()
    {
        Assert.True(Same("m4", "m8"));
        Assert.True(Same("m5", "m9"));
        Assert.True(Same("m6", "m10"));
        Assert.True(Same("m7", "m11"));
        Assert.True(Same("a0", "a3"));
        Assert.False(Same("m2", "m3"));
        Assert.All(Listed().Keys, name => Assert.True(Inside("m0", name), name));
        static bool Same(string a, string b) => Inside(a, b) && Inside(b, a);
        static bool Inside(string inner, string outer)
        {
            ModelCone cone = Cone(outer);
            return cone.Equalities.Concat(cone.Inequalities).All(row => Cone(inner).Signatures.Implies(row));
        }
    }

    /// <summary>
    /// A prefetch as a side trip: whichever speculative access triggers it, one that leaves no other tick can, so the cone is that of a prefetch by
    /// itself. Only a trigger that retires can be told, and then who and when.
    /// </summary>
    [Fact]
    public void A_speculative_side_trip_is_an_item_of_its_own()
    {
        FlowModel sides = CounterSamples.Model("haswell/prefetch.fdl");
        Dictionary<string, string[]> listed = Listed("haswell/models-prefetch.json");
        Assert.Equal(18 + 8, listed.Count);
        ModelCone own = ModelCone.Of(Mmu.Enumerate(["PfSpecT", "EarlyPsc", "Merging", "Pml4eCache"]).Signatures.On(All));
        var told = new List<ModelCone>();
        foreach ((string name, string[] features) in listed)
        {
            ModelCone side = ModelCone.Of(sides.Enumerate(features).Signatures.On(All));
            if (!name.StartsWith("t-", StringComparison.Ordinal)) Assert.True(Equivalent(side, Cone(name)), name);
            else if (name.EndsWith("-speculative", StringComparison.Ordinal)) Assert.True(Equivalent(side, own), name);
            else
            {
                Assert.True(Inside(side, own), name);
                Assert.All(told.Append(own), other => Assert.False(Equivalent(other, side), name));
                told.Add(side);
            }
        }

        Assert.Equal(9, told.Count);
        Assert.Equal(Vectors(Base.Signatures), Vectors(sides.Enumerate([]).Signatures.On(All)));
        static bool Equivalent(ModelCone a, ModelCone b) => Inside(a, b) && Inside(b, a);
        static bool Inside(ModelCone inner, ModelCone outer) => outer.Equalities.Concat(outer.Inequalities).All(row => inner.Signatures.Implies(row));
    }

    private static ConeRow Row(string atMost, string atLeast) => CounterSamples.Row(Base.Counters, atMost, atLeast);

    private static string[] Kinds() => ["load", "store"];

    // A row is sum <= 0: with a positive coefficient the counter is bounded from above.
    private static IEnumerable<ConeRow> Upper() => Base.Inequalities.Where(row => row[Reads] > 0);

    private static List<ConeRow> Lower() => [.. Base.Inequalities.Where(row => row[Reads] < 0)];

    private static Dictionary<string, string[]> Listed(string file = "haswell/models.json")
    {
        using JsonDocument text = JsonDocument.Parse(File.ReadAllText(CounterSamples.PathOf(file)));
        return text.RootElement.EnumerateArray().ToDictionary(
            m => m.GetProperty("name").GetString()!, m => m.GetProperty("features").EnumerateArray().Select(f => f.GetString()!).ToArray());
    }

    private static ModelCone Cone(string name) => ModelCone.Of(Mmu.Enumerate(Listed()[name]).Signatures.On(All));

    private static SortedSet<string> Vectors(SignatureSet set) =>
        new(Enumerable.Range(0, set.Count).Select(i => string.Join(' ', set[i].ToArray())), StringComparer.Ordinal);
}
