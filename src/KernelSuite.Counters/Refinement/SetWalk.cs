using System.Diagnostics;
using System.Numerics;
using KernelSuite.Counters.Cones;
using KernelSuite.Counters.Verdicts;

namespace KernelSuite.Counters.Refinement;

/// <summary>
/// Goes through the sets of features. First those without a feasible subset, by size: what is feasible there is minimal. Then the others, by size,
/// most of which contain the cone of a feasible subset. Within a size, sets come first that have a feature from more of the certificates' repairs:
/// they are the likelier hits.
/// </summary>
internal sealed class SetWalk(FeatureSpace space, SetTester tester, RefineOptions options, CancellationToken cancellation)
{
    private readonly Dictionary<uint, FeatureSetResult> results = [];
    private readonly List<uint> tried = [];
    private readonly List<uint> feasible = [];
    private readonly long started = Stopwatch.GetTimestamp();

    public List<uint> Minimal { get; } = [];

    public bool MinimalComplete { get; private set; }

    public string? Stopped { get; private set; }

    public IReadOnlyList<FeatureSetResult> Tried => [.. tried.Select(mask => results[mask])];

    public IReadOnlyList<uint> Feasible => feasible;

    public FeatureSetResult Of(uint mask) => results[mask];

    public void Run()
    {
        int count = space.Features.Count;
        for (int size = 0; size <= count && Stopped is null; size++)
        {
            int before = Minimal.Count;
            foreach (uint mask in OfSize(size, count))
            {
                if (HasSubset(mask, before)) continue;
                if (!May()) break;
                if (Try(mask).IsFeasible) Minimal.Add(mask);
            }

            // Every larger set contains a feasible one.
            if (Minimal.Count > 0 && Minimal.Contains(0)) break;
        }

        MinimalComplete = Stopped is null;
        if (Minimal.Count == 0) return;
        for (int size = 1; size <= count && Stopped is null; size++)
        {
            foreach (uint mask in OfSize(size, count))
            {
                if (results.ContainsKey(mask)) continue;
                if (!May()) break;
                Try(mask);
            }
        }
    }

    private bool HasSubset(uint mask, int among)
    {
        for (int i = 0; i < among; i++)
            if ((Minimal[i] & mask) == Minimal[i]) return true;
        return false;
    }

    private bool May()
    {
        cancellation.ThrowIfCancellationRequested();
        if (tried.Count >= options.MostSets) Stopped = $"{options.MostSets} sets were tried, the most allowed";
        else if (options.MostTime is { } most && Stopwatch.GetElapsedTime(started) > most) Stopped = $"{most} went by, the most allowed";
        else if (space.Kept > FeatureSpace.MostKept)
            Stopped = $"the sets have more than {FeatureSpace.MostKept} signatures together, the most that are kept";
        return Stopped is null;
    }

    private FeatureSetResult Try(uint mask)
    {
        int[] ids = space.Ids(mask);
        FeatureSetResult result = Decide(mask, ids);
        tried.Add(mask);
        results.Add(mask, result);
        if (result.IsFeasible) feasible.Add(mask);
        return result;
    }

    private FeatureSetResult Decide(uint mask, int[] ids)
    {
        IReadOnlyList<string> names = space.Names(mask);
        if (tester.Known(ids) is { } known) return new(names, FeatureSetOutcome.RefutedByCertificate, ids.Length, known.Observation, known.Row, 0);
        if (ContainsFeasible(mask, ids)) return new(names, FeatureSetOutcome.FeasibleByInclusion, ids.Length, null, null, 0);
        (VerdictResult? refutation, ConeRow? row, int inconclusive) = tester.Solve(ids);
        return refutation is null
            ? new(names, FeatureSetOutcome.Feasible, ids.Length, null, null, inconclusive)
            : new(names, FeatureSetOutcome.Refuted, ids.Length, refutation.Observation.Id, row, 0);
    }

    /// <summary>Whether a feasible set with one feature less has only signatures that this one has too, or can combine.</summary>
    private bool ContainsFeasible(uint mask, int[] ids)
    {
        for (uint rest = mask; rest != 0; rest &= rest - 1)
        {
            uint smaller = mask & ~(rest & (0 - rest));
            if (results.TryGetValue(smaller, out FeatureSetResult? one) && one.IsFeasible && Contains(ids, space.Ids(smaller))) return true;
        }

        return false;
    }

    private bool Contains(int[] outer, int[] inner)
    {
        SignatureSet? set = null;
        foreach (int id in inner)
        {
            if (Array.BinarySearch(outer, id) >= 0) continue;
            set ??= space.Pool.Set(outer);
            if (!ConeMembership.Of(set, space.Pool[id], cancellation).IsMember) return false;
        }

        return true;
    }

    /// <summary>The masks with so many bits, those first whose features, each alone, repair the most certificates.</summary>
    private IEnumerable<uint> OfSize(int size, int count)
    {
        uint[] masks = [.. Enumerable.Range(0, 1 << count).Select(i => (uint)i).Where(mask => BitOperations.PopCount(mask) == size)];
        uint[] repairs = size < 2 ? [] : [.. tester.Certificates.Select(Repairs)];
        return repairs.Length == 0 ? masks : masks.OrderByDescending(mask => repairs.Count(r => (r & mask) != 0));
    }

    private uint Repairs(KnownRow row)
    {
        uint mask = 0;
        for (int i = 0; i < space.Features.Count; i++)
            if (results.ContainsKey(1u << i) && !row.HoldsFor(space.Ids(1u << i))) mask |= 1u << i;
        return mask;
    }
}
