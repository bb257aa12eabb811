using System.Collections;

namespace KernelSuite.Counters.Models;

/// <summary>
/// Findings about the flow of control, with every guard taken both ways: unreachable code, paths that end by accident, loops without a decision.
/// </summary>
internal static class FlowReach
{
    public static void Find(FlowProgram program, FlowFindings findings)
    {
        BitArray reached = Reached(program);
        FindUnreachable(program, reached, findings);
        FindLoops(program, reached, findings);
        if (reached[^1])
        {
            findings.Warn("falls-off", program.Code[^1].Position,
                "A path comes to the end of FLOW without 'done' or 'next'. It ends there; write 'done;' if that is meant.");
        }
    }

    /// <summary>The steps that control may come to.</summary>
    public static BitArray Reached(FlowProgram program)
    {
        var reached = new BitArray(program.Code.Length);
        var left = new Stack<int>([0]);
        while (left.TryPop(out int step))
        {
            if (reached[step]) continue;
            reached[step] = true;
            FlowInstruction at = program.Code[step];
            if (at.Op is FlowOp.Pass or FlowOp.Tick or FlowOp.Act or FlowOp.Guard) left.Push(step + 1);
            if (at.Op is FlowOp.Jump or FlowOp.Guard) left.Push(at.Target);
            if (at.Op != FlowOp.Switch) continue;
            foreach (FlowBranch branch in program.Switches[at.Operand].Branches) left.Push(branch.Target);
        }

        return reached;
    }

    /// <summary>Reports the first statement of every stretch that no path comes to.</summary>
    private static void FindUnreachable(FlowProgram program, BitArray reached, FlowFindings findings)
    {
        bool before = false;
        for (int step = 0; step < program.Code.Length - 1; step++)
        {
            if (reached[step]) before = false;
            else if (program.Code[step].Position.Line > 0)
            {
                if (!before) WarnUnreachable(program.Code[step].Position, findings);
                before = true;
            }
        }
    }

    private static void WarnUnreachable(FlowPosition position, FlowFindings findings) =>
        findings.Warn("unreachable", position, "No path comes to this statement. Put a label before it that is used, or remove it.");

    /// <summary>Without switches and guards every step has one successor: following marks finds each loop once.</summary>
    private static void FindLoops(FlowProgram program, BitArray reached, FlowFindings findings)
    {
        int[] walk = new int[program.Code.Length];
        for (int start = 0; start < program.Code.Length; start++)
        {
            if (!reached[start] || walk[start] != 0 || program.Code[start].Op != FlowOp.Jump) continue;
            int step = start;
            while (step >= 0 && walk[step] == 0)
            {
                walk[step] = start + 1;
                step = program.Code[step].Op switch
                {
                    FlowOp.Jump => program.Code[step].Target,
                    FlowOp.Pass or FlowOp.Tick or FlowOp.Act => step + 1,
                    _ => -1,
                };
            }

            if (step >= 0 && walk[step] == start + 1) Report(program, step, findings);
        }
    }

    private static void Report(FlowProgram program, int step, FlowFindings findings)
    {
        while (program.Code[step].Op != FlowOp.Jump || program.Code[step].Target > step)
            step = program.Code[step].Op == FlowOp.Jump ? program.Code[step].Target : step + 1;
        FlowInstruction back = program.Code[step];
        findings.Error("cycle", back.Position,
            $"This goes back to '{program.Labels[back.Operand].Name.Text}' for ever: nothing is decided on the way. End the path with 'done', or "
            + "decide about going on.");
    }
}
