using System.Globalization;
using System.Text;

namespace KernelSuite.Counters.Models;

/// <summary>
/// The decision diagram of a model as Graphviz reads it: diamonds are decisions, filled boxes are ticks of counters, ellipses are actions, double
/// circles are ends. Jumps, guards and <c>pass</c> are edges.
/// </summary>
public static class FlowDrawing
{
    /// <summary>DOT text of a model under a selection of features. What no path comes to is left out; cycles are drawn.</summary>
    /// <param name="model">The model.</param>
    /// <param name="features">The features that are on; null for the model's own.</param>
    /// <exception cref="ArgumentException">A feature is not declared.</exception>
    public static string Dot(FlowModel model, IEnumerable<string>? features = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        var selection = new FlowSelection(model.Program, model.Mask(features ?? model.DefaultFeatures));
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"digraph {Quote(model.Sidecar?.Name ?? model.Name)} {{\n");
        text.Append("  node [fontname=\"sans-serif\", fontsize=11];\n  edge [fontname=\"sans-serif\", fontsize=10];\n  start [shape=point];\n");
        int[] settled = Settle(selection);
        int first = settled[0];
        text.Append(CultureInfo.InvariantCulture, $"  start -> n{first};\n");
        ILookup<int, string> labels = model.Program.Labels.ToLookup(l => settled[l.Target], l => l.Name.Text);
        var seen = new HashSet<int> { first };
        var left = new Queue<int>([first]);
        while (left.TryDequeue(out int step))
        {
            Node(text, model.Program, step, labels[step]);
            foreach ((int target, string label) in Edges(selection, settled, step))
            {
                text.Append(CultureInfo.InvariantCulture, $"  n{step} -> n{target}{(label.Length > 0 ? $" [label={Quote(label)}]" : "")};\n");
                if (seen.Add(target)) left.Enqueue(target);
            }
        }

        return text.Append("}\n").ToString();
    }

    private static void Node(StringBuilder text, FlowProgram program, int step, IEnumerable<string> labels)
    {
        FlowInstruction at = program.Code[step];
        (string shape, string label) = at.Op switch
        {
            FlowOp.Tick => ("box, style=filled, fillcolor=\"#dbe9f6\"", program.Counters[at.Operand].Text),
            FlowOp.Act => ("ellipse", program.Actions[at.Operand]),
            FlowOp.Switch => ("diamond, style=filled, fillcolor=\"#fdf0d5\"", program.Properties[program.Switches[at.Operand].Property].Name),
            FlowOp.Done => ("doublecircle, width=0.2", "done"),
            FlowOp.End => ("doublecircle, width=0.2", "end"),
            _ => ("plaintext", "loop"),
        };
        string names = string.Join(", ", labels);
        text.Append(CultureInfo.InvariantCulture,
            $"  n{step} [shape={shape}, label={Quote(label)}{(names.Length > 0 ? $", xlabel={Quote(names)}" : "")}];\n");
    }

    private static IEnumerable<(int Target, string Label)> Edges(FlowSelection selection, int[] settled, int step)
    {
        FlowInstruction at = selection.Program.Code[step];
        switch (at.Op)
        {
            case FlowOp.Tick or FlowOp.Act:
                yield return (settled[step + 1], "");
                break;
            case FlowOp.Switch:
                List<string> values = selection.Program.Properties[selection.Program.Switches[at.Operand].Property].Values;
                foreach (FlowBranch branch in selection.Branches(at.Operand)) yield return (settled[branch.Target], values[branch.Value]);
                break;
        }
    }

    /// <summary>
    /// For each step the one that is drawn for it: the next that is no jump, guard or pass. A loop of those alone is drawn as one of its steps.
    /// </summary>
    private static int[] Settle(FlowSelection selection)
    {
        const int Unknown = -1, OnTheWay = -2;
        FlowProgram program = selection.Program;
        int[] settled = new int[program.Code.Length];
        Array.Fill(settled, Unknown);
        var way = new List<int>();
        for (int start = 0; start < settled.Length; start++)
        {
            int step = start;
            for (way.Clear(); settled[step] == Unknown; way.Add(step), step = Next(step)) settled[step] = OnTheWay;
            int end = settled[step] == OnTheWay ? step : settled[step];
            foreach (int passed in way) settled[passed] = end;
        }

        return settled;

        int Next(int step)
        {
            FlowInstruction at = program.Code[step];
            if (at.Op is not (FlowOp.Jump or FlowOp.Guard or FlowOp.Pass)) return step;
            return at.Op == FlowOp.Jump || (at.Op == FlowOp.Guard && !program.Guards[at.Operand].Holds(selection.Features)) ? at.Target : step + 1;
        }
    }

    private static string Quote(string name) =>
        $"\"{name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
