using System.Text.Json;
using KernelSuite.Counters.Cones;
using KernelSuite.Counters.Models;
using KernelSuite.Counters.Refinement;
using KernelSuite.Counters.Reports;
using KernelSuite.Counters.Statistics;
using KernelSuite.Counters.Tests.Reports;
using KernelSuite.Counters.Verdicts;
using Xunit;

namespace KernelSuite.Counters.Tests.Refinement;

/// <summary>Small models whose answers are known.</summary>
public class FeatureSearchTests
{
    // Without features x == y. More ticks x alone, Less ticks y alone, Also does what More does, Noise adds nothing.
    private const string Additive =
        """
        feature More, Less, Also, Noise;
        FLOW {
          switch item {
            Plain => incr x; incr y; done;
            More if More => incr x; done;
            Less if Less => incr y; done;
            Also if Also => incr x; done;
            Noise if Noise => incr x; incr y; done;
          };
        }
        """;

    private static readonly FlowModel Model = FlowModel.Parse(Additive);
    private static readonly CounterSet Counters = new(["x", "y"]);

    [Fact]
    public void Every_minimal_set_is_found()
    {
        FeatureSearchResult found = FeatureSearch.Run(Model, [Exact("over", 5, 3), Exact("under", 3, 5)]);
        Assert.Equal([["More", "Less"], ["Less", "Also"]], found.Minimal.Select(m => m.Features));
        Assert.True(found.MinimalComplete);
        Assert.Null(found.Stopped);
        Assert.Equal(["Less"], found.Needed);
        Assert.Equal(["Noise"], found.Unneeded);
        Assert.Equal((16L, 16), (found.AllSets, found.Sets.Count));
        Assert.Equal(16, found.Solved + found.PrunedByCertificate + found.PrunedByInclusion);
        Assert.Equal(6, found.Sets.Count(s => s.IsFeasible));
        Assert.True(found.PrunedByCertificate > 0 && found.PrunedByInclusion > 0);
    }

    [Fact]
    public void Rows_name_the_features_that_repair_them()
    {
        FeatureSearchResult found = FeatureSearch.Run(Model, [Exact("over", 5, 3), Exact("under", 3, 5)]);
        RowRepair over = Assert.Single(found.Repairs, r => r.Row.ToString() == "x <= y");
        RowRepair under = Assert.Single(found.Repairs, r => r.Row.ToString() == "y <= x");
        Assert.Equal(["More", "Also"], over.Features);
        Assert.Equal(["over"], over.Observations);
        Assert.Equal(["Less"], under.Features);
        Assert.All(found.Repairs, r => Assert.Empty(r.Pairs));
    }

    [Fact]
    public void Survivors_that_no_data_can_tell_apart_are_one_class()
    {
        FeatureSearchResult found = FeatureSearch.Run(Model, [Exact("over", 5, 3)]);
        Assert.Equal([["More"], ["Also"]], found.Minimal.Select(m => m.Features));
        EquivalenceClass minimal = Assert.Single(found.Classes, c => c.IsMinimal);
        Assert.Equal(6, minimal.Sets.Count);
        EquivalenceClass larger = Assert.Single(found.Classes, c => !c.IsMinimal);
        Assert.All(larger.Sets, set => Assert.Contains("Less", set));
        SeparatingExperiment experiment = Assert.Single(found.Experiments);
        Assert.Contains("Less", experiment.Has);
        Assert.Equal("Less", experiment.Decisions["item"]);
        Assert.Equal("y <= x", experiment.Broken.ToString());
        Assert.Contains("item=Less", experiment.ToString(), StringComparison.Ordinal);
    }

    /// <summary>
    /// Moved takes the tick of x away, so that supersets of a feasible set can be refuted, and the full set says nothing of the smaller ones.
    /// </summary>
    [Fact]
    public void Features_that_replace_behaviour_are_not_pruned_as_if_they_added()
    {
        FlowModel model = FlowModel.Parse(
            """
            feature Moved, Extra;
            FLOW {
              if !Moved { incr x; }
              incr y;
              if Extra { switch more { No => pass; Yes => incr y; }; }
              done;
            }
            """);
        FeatureSearchResult plain = FeatureSearch.Run(model, [Exact("o", 4, 4)]);
        Assert.Equal([[]], plain.Minimal.Select(m => m.Features));
        Assert.Equal([[], ["Extra"]], plain.Sets.Where(s => s.IsFeasible).Select(s => s.Features).OrderBy(f => f.Count));
        FeatureSearchResult moved = FeatureSearch.Run(model, [Exact("o", 0, 4)]);
        Assert.Equal([["Moved"]], moved.Minimal.Select(m => m.Features));
        Assert.Equal(2, moved.Sets.Count(s => s.IsFeasible));
    }

    [Fact]
    public void Pairs_that_repair_together_are_told()
    {
        FlowModel model = FlowModel.Parse("feature A, B; FLOW { incr y; if A&B { switch more { No => pass; Yes => incr x; incr x; }; } done; }");
        FeatureSearchResult found = FeatureSearch.Run(model, [Exact("o", 2, 4)]);
        RowRepair repair = Assert.Single(found.Repairs);
        Assert.Equal("x <= 0", repair.Row.ToString());
        Assert.Empty(repair.Features);
        Assert.Equal([("A", "B")], repair.Pairs);
        Assert.Equal([["A", "B"]], found.Minimal.Select(m => m.Features));
    }

    [Fact]
    public void Where_nothing_helps_no_set_is_named()
    {
        FlowModel model = FlowModel.Parse("feature A; FLOW { incr y; if A { switch more { No => pass; Yes => incr y; }; } incr x; done; }");
        FeatureSearchResult found = FeatureSearch.Run(model, [Exact("o", 5, 4)]);
        Assert.Empty(found.Minimal);
        Assert.Empty(found.Classes);
        Assert.True(found.MinimalComplete);
        Assert.Empty(Assert.Single(found.Repairs).Features);
        Assert.Contains(RefineText.Lines(found), line => line.Contains("lacks something", StringComparison.Ordinal));
    }

    /// <summary>
    /// Violations of three to five standard deviations: the conditional test of one set may refute by a certificate that does not suffice for a set
    /// with more active constraints. What certificates prune, a test of that set alone must refute.
    /// </summary>
    [Fact]
    public void Close_certificates_prune_nothing_that_a_solver_would_keep()
    {
        FlowModel model = FlowModel.Parse(
            """
            feature A, B, C;
            FLOW {
              switch item {
                Plain => incr x; incr y; incr z; incr w; done;
                Pair => incr z; incr w; done;
                A if A => incr x; incr z; done;
                B if B => incr y; incr w; done;
                C if C => incr z; done;
              };
            }
            """);
        var counters = new CounterSet(["x", "y", "z", "w"]);
        var random = new Random(11);
        int pruned = 0;
        for (int trial = 0; trial < 1000; trial++)
        {
            double[] means = [10 + Off(), 10 + Off(), 20 + Off(), 20 + Off()];
            Observation observation = CheckTests.Seen("o", trial, means, counters, samples: 60);
            FeatureSearchResult found = FeatureSearch.Run(model, [observation]);
            foreach (FeatureSetResult set in found.Sets.Where(s => s.Outcome == FeatureSetOutcome.RefutedByCertificate))
            {
                pruned++;
                Assert.Equal(Verdict.Refuted, new ConeTest(model.Enumerate(set.Features).Signatures).Check(observation).Verdict);
            }
        }

        Assert.True(pruned > 100, $"{pruned}");

        double Off() => .25 * (random.NextDouble() - .5);
    }

    /// <summary>
    /// With A one constraint is active, x == y, and 3.1 standard deviations refute it. With B two are (the cone is a ray), so that the same distance
    /// does not. The certificate of the first, y &lt;= x, holds for the second, but must not be used on it.
    /// </summary>
    [Fact]
    public void A_certificate_of_one_constraint_does_not_refute_a_model_of_two()
    {
        FlowModel model = FlowModel.Parse(
            """
            feature A, B;
            FLOW {
              switch item {
                Bare if !A & !B => incr x; done;
                Plain if A => incr x; incr y; incr z; done;
                Ray if B => incr x; incr y; incr z; done;
                Less if A => incr x; incr y; done;
              };
            }
            """);
        const double Sd = .1, Delta = 3.1 * 1.41421356 * Sd;
        double variance = 60 * Sd * Sd;
        var moments = SampleMoments.FromCovariance(60, [100, 100 + Delta, 100 + Delta / 2 - .05], [variance, 0, 0, 0, variance, 0, 0, 0, variance]);
        FeatureSearchResult found = FeatureSearch.Run(model, [Observation.FromMoments("o", new CounterSet(["x", "y", "z"]), moments)]);
        Assert.Equal([["B"]], found.Minimal.Select(m => m.Features));
        FeatureSetResult one = found.Sets.Single(s => s.Features.SequenceEqual(["A"]));
        Assert.Equal((FeatureSetOutcome.Refuted, "y <= x"), (one.Outcome, one.Broken!.ToString()));
    }

    [Fact]
    public void Bounds_are_kept_and_told()
    {
        FeatureSearchResult few = FeatureSearch.Run(Model, [Exact("over", 5, 3), Exact("under", 3, 5)], new RefineOptions { MostSets = 3 });
        Assert.Equal(3, few.Sets.Count);
        Assert.False(few.MinimalComplete);
        Assert.Contains("3 sets", few.Stopped, StringComparison.Ordinal);
        FeatureSearchResult late = FeatureSearch.Run(Model, [Exact("over", 5, 3)], new RefineOptions { MostTime = TimeSpan.FromTicks(1) });
        Assert.NotNull(late.Stopped);
        Assert.Throws<OperationCanceledException>(() => FeatureSearch.Run(Model, [Exact("over", 5, 3)], cancellation: new CancellationToken(true)));
        Assert.Throws<ArgumentException>(() => FeatureSearch.Run(Model, [Exact("over", 5, 3)], new RefineOptions { MostSets = 0 }));
    }

    [Fact]
    public void Bad_requests_are_named()
    {
        Assert.Contains("Nope", Refused(new RefineOptions { Features = ["Nope"] }), StringComparison.Ordinal);
        Assert.Contains("twice", Refused(new RefineOptions { Features = ["More", "More"] }), StringComparison.Ordinal);
        Assert.Contains("magic", Refused(new RefineOptions { Counters = new CounterSet(["magic"]) }), StringComparison.Ordinal);
        string many = string.Join(", ", Enumerable.Range(0, RefineOptions.MostFeatures + 1).Select(i => $"F{i}"));
        string uses = string.Concat(Enumerable.Range(0, RefineOptions.MostFeatures + 1).Select(i => $"if F{i} {{ incr x; }} "));
        FlowModel large = FlowModel.Parse($"feature {many}; FLOW {{ {uses} incr y; done; }}");
        ArgumentException refused = Assert.Throws<ArgumentException>(() => FeatureSearch.Run(large, [Exact("o", 1, 1)]));
        Assert.Contains("at most 20", refused.Message, StringComparison.Ordinal);
        FeatureSearchResult some = FeatureSearch.Run(large, [Exact("o", 2, 1)], new RefineOptions { Features = ["F0", "F1", "F2"] });
        Assert.Equal([["F0", "F1"], ["F0", "F2"], ["F1", "F2"]], some.Minimal.Select(m => m.Features));
        Observation other = Observation.Exact("o", new CounterSet(["z"]), [1]);
        refused = Assert.Throws<ArgumentException>(() => FeatureSearch.Run(Model, [other]));
        Assert.Contains("No observation", refused.Message, StringComparison.Ordinal);

        static string Refused(RefineOptions options) =>
            Assert.Throws<ArgumentException>(() => FeatureSearch.Run(Model, [Exact("o", 1, 1)], options)).Message;
    }

    [Fact]
    public void Json_has_the_documented_shape()
    {
        using JsonDocument json = JsonDocument.Parse(RefineJson.Write(FeatureSearch.Run(Model, [Exact("over", 5, 3), Exact("under", 3, 5)])));
        JsonElement root = json.RootElement, search = root.GetProperty("search");
        Assert.Equal("Less", root.GetProperty("minimal")[0].GetProperty("features")[1].GetString());
        Assert.True(root.GetProperty("minimal_complete").GetBoolean());
        Assert.Equal(16, search.GetProperty("tried").GetInt32());
        Assert.Equal(JsonValueKind.Null, search.GetProperty("stopped").ValueKind);
        Assert.Equal(16, root.GetProperty("sets").GetArrayLength());
        Assert.Contains(root.GetProperty("sets").EnumerateArray(), s => s.GetProperty("outcome").GetString() == "refuted_by_certificate");
        Assert.Equal(2, root.GetProperty("repairs").GetArrayLength());
        Assert.Equal(.995, root.GetProperty("confidence_per_observation").GetDouble(), 12);
    }

    private static Observation Exact(string id, double x, double y) => Observation.Exact(id, Counters, [x, y]);
}
