namespace KernelSuite.Counters.Models;

/// <summary>Findings that need the paths: what was dropped, and which counters never tick.</summary>
internal static class PathLint
{
    public static IReadOnlyList<FlowDiagnostic> Find(FlowSelection selection, FlowWalker walker, CountVectors vectors)
    {
        var findings = new FlowFindings();
        FindDropped(selection.Program, walker, findings);
        FindSilentCounters(selection.Program, vectors, findings);
        if (walker.Paths > 0) return findings.Sorted;
        findings.Warn("no-paths", selection.Program.Code[^1].Position,
            "No path reaches an end: every count must be zero. See the dropped paths.");
        return findings.Sorted;
    }

    private static void FindDropped(FlowProgram program, FlowWalker walker, FlowFindings findings)
    {
        foreach (FlowInstruction at in program.Code)
        {
            if (at.Op != FlowOp.Switch || walker.Dropped[at.Operand] is not { Count: > 0 } dropped) continue;
            FlowProperty property = program.Properties[program.Switches[at.Operand].Property];
            string paths = dropped.Count == 1 ? "1 path is" : $"{dropped.Count} paths are";
            findings.Warn("dropped-paths", at.Position, dropped.FirstValue < 0
                ? $"The switch over '{property.Name}' has no case under these features: {paths} dropped. Give it a case without a guard."
                : $"The switch over '{property.Name}' has no case for a value that was decided before ('{property.Values[dropped.FirstValue]}'): "
                    + $"{paths} dropped. Add the case.");
        }
    }

    private static void FindSilentCounters(FlowProgram program, CountVectors vectors, FlowFindings findings)
    {
        var ticks = new bool[program.Counters.Length];
        foreach (long[] vector in vectors.All)
            for (int i = 0; i < ticks.Length; i++) ticks[i] |= vector[i] > 0;
        for (int i = 0; i < ticks.Length; i++)
        {
            if (!ticks[i])
            {
                findings.Warn("silent-counter", program.Counters[i].Position,
                    $"The counter '{program.Counters[i].Text}' is incremented on no path: the model says that it is always 0. Remove it, or check "
                        + "the way there.");
            }
        }
    }
}
