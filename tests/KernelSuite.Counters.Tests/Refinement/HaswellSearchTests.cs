using System.Diagnostics;
using KernelSuite.Counters.Cones;
using KernelSuite.Counters.Models;
using KernelSuite.Counters.Refinement;
using KernelSuite.Counters.Statistics;
using KernelSuite.Counters.Tests.Samples;
using Xunit;
using Xunit.Abstractions;

namespace KernelSuite.Counters.Tests.Refinement;

/// <summary>The search on the Haswell model, with observations made from a known set of features.</summary>
public class HaswellSearchTests(ITestOutputHelper output)
{
    [Fact]
    public void Scratch()
    {
        FlowModel model = CounterSamples.Model("haswell/mmu.fdl");
        CounterSet counters = CounterSamples.Counters("haswell/counters-23.txt");
        foreach (string[] truth in (string[][])[[], ["Merging"], ["PfSpecT", "EarlyPsc", "Merging"], ["PfSpecT", "EarlyPsc", "Merging", "Pml4eCache", "PmhAbort"]])
        {
            SignatureSet signatures = model.Enumerate(truth).Signatures.Project(counters);
            Observation[] observations = Workloads.Of(signatures, 40, 6, 1);
            long start = Stopwatch.GetTimestamp();
            FeatureSearchResult found = FeatureSearch.Run(model, observations, new RefineOptions());
            output.WriteLine($"{string.Join("+", truth)}: {Stopwatch.GetElapsedTime(start).TotalSeconds:F2} s; {found.Sets.Count} sets, {found.Solved} solved, {found.PrunedByCertificate} cert, {found.PrunedByInclusion} incl, {found.Verdicts} verdicts, {found.Stopped}");
            foreach (FeatureSetResult m in found.Minimal) output.WriteLine("  minimal " + string.Join(",", m.Features) + " " + m.Inconclusive);
            foreach (RowRepair r in found.Repairs.Take(12)) output.WriteLine($"  {r.IsFacet} {r.Observations.Count} {r.Row} <- {string.Join(",", r.Features)} | {string.Join(",", r.Pairs)}");
            foreach (EquivalenceClass c in found.Classes.Take(10)) output.WriteLine($"  class {c.IsMinimal} {c.ExtremeSignatures} {c.Sets.Count}: {string.Join(" ", c.Sets.Take(3).Select(s => "{" + string.Join(",", s) + "}"))}");
            foreach (SeparatingExperiment e in found.Experiments.Take(4)) output.WriteLine("  " + e);
        }
    }
}
