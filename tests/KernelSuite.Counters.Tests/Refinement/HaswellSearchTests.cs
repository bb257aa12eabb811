using KernelSuite.Counters.Cones;
using KernelSuite.Counters.Models;
using KernelSuite.Counters.Refinement;
using KernelSuite.Counters.Reports;
using KernelSuite.Counters.Statistics;
using KernelSuite.Counters.Tests.Samples;
using KernelSuite.Counters.Verdicts;
using Xunit;

namespace KernelSuite.Counters.Tests.Refinement;

/// <summary>The search on the Haswell model, with observations made from a known set of features.</summary>
public class HaswellSearchTests
{
    private static readonly FlowModel Mmu = CounterSamples.Model("haswell/mmu.fdl");
    private static readonly CounterSet Counters = CounterSamples.Counters("haswell/counters-23.txt");

    /// <summary>
    /// The truth survives, a smallest set is within it, and where the programs reach all its paths a minimal set has its cone.
    /// </summary>
    [Theory]
    [InlineData("")]
    [InlineData("Merging")]
    [InlineData("PfSpecT,EarlyPsc,Merging")]
    [InlineData("EarlyPsc,Merging,WalkBypass")]
    [InlineData("PfSpecT,EarlyPsc,Merging,Pml4eCache,PmhAbort")]
    public void The_features_that_made_the_data_are_found(string features)
    {
        string[] truth = features.Split(',', StringSplitOptions.RemoveEmptyEntries);
        FeatureSearchResult found = FeatureSearch.Run(Mmu, Workloads.Of(Signatures(truth), 40, 6, seed: 1));
        Assert.True(found.MinimalComplete);
        Assert.Null(found.Stopped);
        Assert.Equal(1024, found.Sets.Count);
        Assert.True(Assert.Single(found.Sets, s => s.Features.ToHashSet().SetEquals(truth)).IsFeasible);
        Assert.Contains(found.Minimal, m => Same(Signatures([.. m.Features]), Signatures(truth)));
        Assert.True(found.Solved <= 20, $"{found.Solved} sets were solved");
    }

    /// <summary>
    /// Every outcome is what a test of that set alone says, and every certificate holds for its set and is broken by its observation.
    /// </summary>
    [Fact]
    public void Pruning_changes_no_answer()
    {
        Observation[] observations = Workloads.Of(Signatures(["EarlyPsc", "Merging", "WalkReplay"]), 10, 5, seed: 3);
        FeatureSearchResult found = FeatureSearch.Run(Mmu, observations);
        var options = new VerdictOptions { Confidence = found.ConfidencePerObservation };
        Assert.Equal(.999, found.ConfidencePerObservation, 12);
        Assert.Equal(1024, found.Sets.Count);
        foreach (FeatureSetResult set in found.Sets.Where((_, i) => i % 5 == 0 || i < 60))
        {
            SignatureSet signatures = Signatures([.. set.Features]);
            bool refuted = observations.Any(o => new ConeTest(signatures, options).Check(o).Verdict == Verdict.Refuted);
            Assert.True(refuted != set.IsFeasible, $"[{string.Join(", ", set.Features)}] {set.Outcome}");
            if (set.IsFeasible) continue;
            Assert.True(signatures.On(set.Broken!.Counters).Implies(set.Broken));
            Observation by = observations.Single(o => o.Id == set.RefutedBy);
            int[] places = set.Broken.Counters.PlacesIn(by.Counters);
            Assert.True(set.Broken.Evaluate([.. places.Select(p => by.Moments.Mean[p])]) > 0);
        }
    }

    [Fact]
    public void Broken_rows_name_the_features_of_the_study()
    {
        FeatureSearchResult found = FeatureSearch.Run(Mmu, Workloads.Of(Signatures(["PfSpecT", "EarlyPsc", "Merging"]), 40, 6, seed: 1));
        RowRepair retired = Assert.Single(
            found.Repairs, r => r.Row.ToString() == "mem_uops_retired.stlb_miss_loads <= dtlb_load_misses.walk_completed");
        Assert.Equal(["Merging"], retired.Features);
        RowRepair early = Assert.Single(
            found.Repairs, r => r.Row.ToString() == "dtlb_load_misses.pde_cache_miss <= dtlb_load_misses.miss_causes_a_walk");
        Assert.Empty(early.Features);
        Assert.Equal([("EarlyPsc", "Merging"), ("EarlyPsc", "AbortBeforeWalk")], early.Pairs);
        Assert.Equal(["PfSpecT", "EarlyPsc", "Merging"], found.Needed);
        Assert.All(found.Experiments,
            e => Assert.True(e.Broken.Evaluate([.. e.Broken.Counters.Select(c => e.Signature.GetValueOrDefault(c))]).Sign > 0));
    }

    /// <summary>On the retired counters alone many features cannot be seen: the same data leave more, and smaller, survivors.</summary>
    [Fact]
    public void Fewer_counters_leave_more_survivors()
    {
        Observation[] observations = Workloads.Of(Signatures(["PfSpecT", "EarlyPsc", "Merging"]), 40, 6, seed: 1);
        FeatureSearchResult all = FeatureSearch.Run(Mmu, observations);
        FeatureSearchResult few = FeatureSearch.Run(Mmu, observations,
            new RefineOptions { Counters = CounterSamples.Counters("haswell/counters-4.txt") });
        Assert.True(few.Sets.Count(s => s.IsFeasible) > all.Sets.Count(s => s.IsFeasible));
        Assert.Equal(4, few.Counters.Count);
        EquivalenceClass only = Assert.Single(few.Classes);
        Assert.Equal(1024, only.Sets.Count);
    }

    private static SignatureSet Signatures(string[] features) => Mmu.Enumerate(features).Signatures.Project(Counters);

    private static bool Same(SignatureSet a, SignatureSet b) => ConeComparison.Between(a, b).Relation == ConeRelation.Equivalent;
}
