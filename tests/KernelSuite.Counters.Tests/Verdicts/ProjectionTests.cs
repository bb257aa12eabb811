using KernelSuite.Counters.Cones;
using KernelSuite.Counters.Models;
using KernelSuite.Counters.Statistics;
using KernelSuite.Counters.Tests.Samples;
using KernelSuite.Counters.Verdicts;
using Xunit;

namespace KernelSuite.Counters.Tests.Verdicts;

/// <summary>T8: counters that were not measured are free, which is to leave out their columns.</summary>
public class ProjectionTests
{
    [Theory]
    [InlineData("page_walker_loads")]
    [InlineData("dtlb_load_misses.pde_cache_miss")]
    [InlineData("mem_uops_retired.all_loads")]
    public void A_model_that_never_counts_an_event_is_the_model_without_its_column(string counter)
    {
        string text = File.ReadAllText(CounterSamples.PathOf("haswell/base.fdl"));
        string without = text.Replace($"incr {counter};", "pass;", StringComparison.Ordinal);
        Assert.NotEqual(text, without);
        SignatureSet all = FlowModel.Parse(text, "base").Enumerate().Signatures;
        var rest = new CounterSet(all.Counters.Where(name => name != counter));
        Assert.Equal(Vectors(all.Project(rest)), Vectors(FlowModel.Parse(without, "without").Enumerate().Signatures.On(rest)));
    }

    [Fact]
    public void What_is_feasible_stays_feasible_on_fewer_counters()
    {
        var random = new Random(32);
        int consistent = 0, freed = 0;
        for (int trial = 0; trial < 500; trial++)
        {
            SignatureSet signatures = RandomCases.Signatures(random, random.Next(2, 7), random.Next(2, 10));
            CounterSet counters = signatures.Counters;
            var point = new double[counters.Count];
            for (int j = 0; j < signatures.Count; j++)
            {
                int weight = random.Next(0, 50);
                for (int i = 0; i < point.Length; i++) point[i] += weight * signatures[j][i];
            }

            if (trial % 3 != 0) point[random.Next(point.Length)] += random.Next(0, 80);
            var test = new ConeTest(signatures);
            Verdict whole = test.Check(Observation.Exact("all", counters, point)).Verdict;
            Assert.NotEqual(Verdict.Inconclusive, whole);
            if (whole == Verdict.Consistent) consistent++;
            for (int left = 0; left < point.Length; left++)
            {
                int[] kept = [.. Enumerable.Range(0, point.Length).Where(i => i != left)];
                double[] values = [.. kept.Select(i => point[i])];
                var some = new CounterSet(kept.Select(i => counters[i]));
                Verdict verdict = test.Check(Observation.Exact("some", some, values)).Verdict;
                if (whole == Verdict.Consistent) Assert.Equal(Verdict.Consistent, verdict);
                else if (verdict == Verdict.Consistent) freed++;

                // A counter that was not measured is one whose column is gone.
                Assert.Equal(verdict, new ConeTest(signatures.Project(some)).Check(Observation.Exact("some", some, values)).Verdict);
            }
        }

        Assert.True(consistent > 100 && freed > 20, $"{consistent} consistent; {freed} times a counter was what refuted");
    }

    private static SortedSet<string> Vectors(SignatureSet set) =>
        new(Enumerable.Range(0, set.Count).Select(i => string.Join(' ', set[i].ToArray())), StringComparer.Ordinal);
}
