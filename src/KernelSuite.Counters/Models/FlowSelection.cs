namespace KernelSuite.Counters.Models;

/// <summary>A program under a selection of features: the cases that are left of every switch.</summary>
internal sealed class FlowSelection
{
    /// <summary>From this many cases on a decided value is looked up instead of searched.</summary>
    private const int SearchedCases = 8;

    private readonly FlowBranch[][] branches;
    private readonly Dictionary<int, int>?[] targets;

    public FlowSelection(FlowProgram program, ulong features)
    {
        Program = program;
        Features = features;
        branches = new FlowBranch[program.Switches.Length][];
        targets = new Dictionary<int, int>?[program.Switches.Length];
        for (int i = 0; i < branches.Length; i++)
        {
            branches[i] = Array.FindAll(program.Switches[i].Branches, b => b.Guard.Holds(features));
            if (branches[i].Length > SearchedCases) targets[i] = branches[i].ToDictionary(b => b.Value, b => b.Target);
        }
    }

    public FlowProgram Program { get; }

    public ulong Features { get; }

    /// <summary>The cases of a switch.</summary>
    public FlowBranch[] Branches(int place) => branches[place];

    /// <summary>Where a switch leads with a decided value; -1 where it has no case for it.</summary>
    public int TargetOf(int place, int value)
    {
        if (targets[place] is { } table) return table.GetValueOrDefault(value, -1);
        foreach (ref readonly FlowBranch branch in branches[place].AsSpan())
            if (branch.Value == value) return branch.Target;
        return -1;
    }
}
