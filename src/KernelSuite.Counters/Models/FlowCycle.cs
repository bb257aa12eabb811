namespace KernelSuite.Counters.Models;

/// <summary>Says which labels a path goes round for ever.</summary>
internal static class FlowCycle
{
    private const int MostShown = 16;

    /// <summary>The error of a path that has come to a step twice: from there on every switch follows what is decided.</summary>
    public static FlowPathException Error(string file, FlowSelection selection, int[] decided, int step)
    {
        FlowProgram program = selection.Program;
        var visited = new HashSet<int>();
        var labels = new List<string>();
        ILookup<int, string> labelsAt = program.Labels.ToLookup(l => l.Target, l => l.Name.Text);
        FlowPosition back = default;
        while (visited.Add(step))
        {
            labels.AddRange(labelsAt[step]);
            FlowInstruction at = program.Code[step];
            if (at.Op == FlowOp.Jump && at.Target <= step) back = at.Position;
            step = at.Op switch
            {
                FlowOp.Jump => at.Target,
                FlowOp.Guard => program.Guards[at.Operand].Holds(selection.Features) ? step + 1 : at.Target,
                FlowOp.Switch => selection.TargetOf(at.Operand, decided[program.Switches[at.Operand].Property]),
                _ => step + 1,
            };
        }

        string shown = string.Join(" -> ", labels.Take(MostShown).Append(labels.Count > MostShown ? "…" : labels[0]));
        return new FlowPathException(file, back, "cycle",
            $"A path goes round {shown} for ever: nothing is left to decide on the way. End it with 'done', or decide about going on with a "
                + "property of its own in every round.");
    }
}
