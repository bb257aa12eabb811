using KernelSuite.Counters.Cones;
using KernelSuite.Counters.Models;
using KernelSuite.Counters.Reports;

namespace KernelSuite.Counters.Refinement;

/// <summary>
/// Feasible sets by their cones. Signatures have no negative entry, so a cone holds no line and is known by its extreme rays: two cones are the same
/// where these are.
/// </summary>
internal sealed class Survivors
{
    private readonly FeatureSpace space;
    private readonly RefineOptions options;
    private readonly CancellationToken cancellation;
    private readonly List<SeparatingExperiment> experiments = [];

    private Survivors(FeatureSpace space, RefineOptions options, CancellationToken cancellation) =>
        (this.space, this.options, this.cancellation) = (space, options, cancellation);

    public IReadOnlyList<EquivalenceClass> Classes { get; private set; } = [];

    public bool Complete { get; private set; }

    public IReadOnlyList<SeparatingExperiment> Experiments => experiments;

    public static Survivors Compare(FeatureSpace space, SetWalk walk, RefineOptions options, CancellationToken cancellation)
    {
        var survivors = new Survivors(space, options, cancellation);
        List<Member> members = survivors.Group(walk);
        survivors.Classes = [.. members.Select(m => new EquivalenceClass([.. m.Masks.Select(space.Names)], m.Extreme.Count, m.IsMinimal))];
        survivors.Separate(members);
        return survivors;
    }

    private List<Member> Group(SetWalk walk)
    {
        var minimal = walk.Minimal.ToHashSet();
        var byIds = new OrderedDictionary<string, List<uint>>();
        foreach (uint mask in walk.Minimal.Concat(walk.Feasible.Except(walk.Minimal)))
        {
            string key = string.Join(',', space.Ids(mask));
            if (byIds.TryGetValue(key, out List<uint>? same)) same.Add(mask);
            else byIds.Add(key, [mask]);
        }

        Complete = byIds.Count <= options.MostCompared;
        var byRays = new OrderedDictionary<string, Member>();
        foreach (List<uint> masks in byIds.Values.Take(options.MostCompared))
        {
            int[] ids = space.Ids(masks[0]);
            var cone = ModelCone.Of(space.Pool.Set(ids), options.Cones, cancellation);
            IReadOnlyList<int> extreme = cone.ExtremeSignatures(cancellation);
            string key = string.Join(',', extreme.Select(i => ids[i]).Order());
            if (!byRays.TryGetValue(key, out Member? member)) byRays.Add(key, member = new Member(cone, extreme, []));
            member.Masks.AddRange(masks);
            member.Minimal.AddRange(masks.Where(minimal.Contains));
        }

        foreach (Member member in byRays.Values)
            member.Masks.Sort((a, b) => (space.Names(a).Count, a).CompareTo((space.Names(b).Count, b)));
        return [.. byRays.Values.OrderByDescending(m => m.IsMinimal)];
    }

    /// <summary>Minimal classes against one another, then what larger classes have that minimal ones lack.</summary>
    private void Separate(List<Member> members)
    {
        Member[] minimal = [.. members.Where(m => m.IsMinimal)];
        foreach (Member has in minimal)
            foreach (Member lacks in minimal)
                if (has != lacks) Propose(has, lacks);
        foreach (Member has in members.Where(m => !m.IsMinimal))
            foreach (Member lacks in minimal)
                if (lacks.Minimal.Exists(small => has.Masks.Exists(large => (small & large) == small))) Propose(has, lacks);
    }

    /// <summary>The signature that breaks the shortest row.</summary>
    private void Propose(Member has, Member lacks)
    {
        if (experiments.Count >= options.MostExperiments) return;
        (int Signature, ConeRow Row)? best = null;
        foreach (int i in has.Extreme)
        {
            if (lacks.Cone.FindBroken(has.Cone.Signatures[i], cancellation) is not { } row) continue;
            if (best is null || row.Terms < best.Value.Row.Terms) best = (i, row);
        }

        if (best is not { } found) return;
        long[] vector = has.Cone.Signatures[found.Signature].ToArray();
        IReadOnlyDictionary<string, string> decisions =
            SignaturePaths.Decisions(space.Paths(has.Masks[0]), space.Pool.Counters, [vector], cancellation)[0];
        experiments.Add(new SeparatingExperiment(
            space.Names(has.Masks[0]), space.Names(lacks.Masks[0]), ReportRows.Of(space.Pool.Counters, vector), decisions, found.Row));
    }

    private sealed class Member(ModelCone cone, IReadOnlyList<int> extreme, List<uint> masks)
    {
        public ModelCone Cone { get; } = cone;

        public IReadOnlyList<int> Extreme { get; } = extreme;

        public List<uint> Masks { get; } = masks;

        public List<uint> Minimal { get; } = [];

        public bool IsMinimal => Minimal.Count > 0;
    }
}
