using System.Diagnostics;

namespace KernelSuite.Counters.Models;

/// <summary>
/// Walks the paths of a program in depth-first order with a stack of its own: a frame for each decision. Nothing is allocated per path once the
/// stacks have grown, and their length is bounded by the length of the code: a path that comes to the same step twice has decided every property
/// that it met since, so it repeats itself for ever, and is reported as a cycle.
/// </summary>
internal sealed class FlowWalker
{
    private const int StepsBetweenChecks = 1 << 16;

    private readonly string file;
    private readonly FlowSelection selection;
    private readonly PathLimits limits;
    private readonly CancellationToken cancellation;
    private readonly FlowInstruction[] code;
    private readonly int[] decided;
    private readonly long[] counts;
    private readonly List<Frame> frames = [];
    private readonly List<int> ticks = [];
    private readonly List<int> acts = [];
    private int step;
    private int length;
    private long dropped;
    private long left;
    private long nextCheck;
    private bool started;

    public FlowWalker(string file, FlowSelection selection, PathLimits limits, CancellationToken cancellation)
    {
        limits.Check();
        this.file = file;
        this.selection = selection;
        this.limits = limits;
        this.cancellation = cancellation;
        FlowProgram program = selection.Program;
        code = program.Code;
        counts = new long[program.Counters.Length];
        decided = new int[program.Properties.Length];
        Array.Fill(decided, -1);
        left = limits.MostSteps;
        nextCheck = left - StepsBetweenChecks;
        Dropped = new DroppedPaths[program.Switches.Length];
    }

    /// <summary>Complete paths so far.</summary>
    public long Paths { get; private set; }

    /// <summary>Paths that a switch dropped, by switch.</summary>
    public DroppedPaths[] Dropped { get; }

    /// <summary>Counts of the current path.</summary>
    public ReadOnlySpan<long> Counts => counts;

    /// <summary>Goes to the next path; false when there is none.</summary>
    /// <exception cref="FlowPathException">A limit is reached, or a path never ends.</exception>
    public bool MoveNext()
    {
        if (started && !Backtrack()) return false;
        started = true;
        do
        {
            if (!Walk()) continue;
            Paths++;
            return true;
        }
        while (Backtrack());
        return false;
    }

    /// <summary>The current path.</summary>
    public FlowPath Current()
    {
        FlowProgram program = selection.Program;
        var decisions = new FlowDecision[frames.Count];
        for (int i = 0; i < decisions.Length; i++)
        {
            FlowProperty property = program.Properties[program.Switches[frames[i].Switch].Property];
            decisions[i] = new FlowDecision(property.Name, property.Values[selection.Branches(frames[i].Switch)[frames[i].Case].Value]);
        }

        return new FlowPath(decisions, [.. acts.Select(a => program.Actions[a])], (long[])counts.Clone());
    }

    /// <summary>Walks on to the end of a path; false where a switch drops it.</summary>
    private bool Walk()
    {
        while (true)
        {
            if (++length > code.Length) throw FlowCycle.Error(file, selection, decided, step);
            if (length > limits.MostStepsPerPath) throw LimitError($"A path has more than {limits.MostStepsPerPath} steps");
            if (--left <= nextCheck) Check();
            ref readonly FlowInstruction at = ref code[step];
            switch (at.Op)
            {
                case FlowOp.Pass:
                    step++;
                    break;
                case FlowOp.Tick:
                    counts[at.Operand]++;
                    ticks.Add(at.Operand);
                    step++;
                    break;
                case FlowOp.Act:
                    acts.Add(at.Operand);
                    step++;
                    break;
                case FlowOp.Guard:
                    step = selection.Program.Guards[at.Operand].Holds(selection.Features) ? step + 1 : at.Target;
                    break;
                case FlowOp.Jump:
                    step = at.Target;
                    break;
                case FlowOp.Switch:
                    if (!Decide(at.Operand)) return false;
                    break;
                case FlowOp.Done or FlowOp.End:
                    if (Paths + dropped >= limits.MostPaths) throw PathsError();
                    return true;
                default:
                    throw new UnreachableException();
            }
        }
    }

    /// <summary>The first switch over a property forks, every later one follows.</summary>
    private bool Decide(int place)
    {
        int property = selection.Program.Switches[place].Property, value = decided[property];
        if (value >= 0)
        {
            int target = selection.TargetOf(place, value);
            if (target < 0) return Drop(place, value);
            step = target;
            return true;
        }

        if (selection.Branches(place).Length == 0) return Drop(place, -1);
        frames.Add(new Frame(place, 0, ticks.Count, acts.Count, length));
        Take(place, 0);
        return true;
    }

    private void Take(int place, int number)
    {
        ref readonly FlowBranch branch = ref selection.Branches(place)[number];
        decided[selection.Program.Switches[place].Property] = branch.Value;
        step = branch.Target;
    }

    private bool Drop(int place, int value)
    {
        DroppedPaths before = Dropped[place];
        Dropped[place] = new DroppedPaths(before.Count + 1, before.Count == 0 ? value : before.FirstValue);
        if (dropped + Paths >= limits.MostPaths) throw PathsError();
        dropped++;
        return false;
    }

    /// <summary>Undoes what followed the last decision that has another case, and takes that; false where none has.</summary>
    private bool Backtrack()
    {
        while (frames.Count > 0)
        {
            Frame frame = frames[^1];
            for (int i = frame.Ticks; i < ticks.Count; i++) counts[ticks[i]]--;
            ticks.RemoveRange(frame.Ticks, ticks.Count - frame.Ticks);
            acts.RemoveRange(frame.Acts, acts.Count - frame.Acts);
            length = frame.Length;
            int next = frame.Case + 1;
            if (next < selection.Branches(frame.Switch).Length)
            {
                frames[^1] = frame with { Case = next };
                Take(frame.Switch, next);
                return true;
            }

            decided[selection.Program.Switches[frame.Switch].Property] = -1;
            frames.RemoveAt(frames.Count - 1);
        }

        return false;
    }

    private void Check()
    {
        cancellation.ThrowIfCancellationRequested();
        if (left <= 0) throw LimitError($"The paths have more than {limits.MostSteps} steps together");
        nextCheck = Math.Max(0, left - StepsBetweenChecks);
    }

    private FlowPathException PathsError() => LimitError($"There are more than {limits.MostPaths} paths ({dropped} of them dropped)");

    private FlowPathException LimitError(string what) =>
        new(file, code[step].Position.Line > 0 ? code[step].Position : code[^1].Position, "too-many-paths",
        $"{what}. Fewer properties that are decided independently, fewer features, or a higher limit would help.");

    private readonly record struct Frame(int Switch, int Case, int Ticks, int Acts, int Length);
}

/// <summary>Paths that a switch dropped.</summary>
/// <param name="Count">How many.</param>
/// <param name="FirstValue">The decided value that the first of them came with; -1 where the switch has no case at all.</param>
internal readonly record struct DroppedPaths(long Count, int FirstValue);
