using KernelSuite.Counters.Models;

namespace KernelSuite.Counters.Tests.Models;

/// <summary>Decision diagrams.</summary>
public class DrawingTests
{
    private const string Text = "feature f; FLOW { do look; switch Tlb { Hit => done; \"Mi\\ss\" => next walk; } l: pass; walk: incr a; if f { "
        + "incr b; } done; incr dead; }";

    [Fact]
    public void Decisions_ticks_actions_and_ends_are_nodes()
    {
        string dot = FlowDrawing.Dot(FlowModel.Parse(Text, "a \"model\""), ["f"]);
        Assert.StartsWith("digraph \"a \\\"model\\\"\" {", dot, StringComparison.Ordinal);
        foreach (string part in (string[])["shape=ellipse, label=\"look\"", "label=\"Tlb\"", "[label=\"Hit\"]", "[label=\"Mi\\\\ss\"]",
            "label=\"a\", xlabel=\"l, walk\"", "label=\"b\"", "label=\"done\""])
            Assert.Contains(part, dot, StringComparison.Ordinal);
        Assert.DoesNotContain("dead", dot, StringComparison.Ordinal);
        Assert.DoesNotContain("label=\"b\"", FlowDrawing.Dot(FlowModel.Parse(Text), []), StringComparison.Ordinal);
    }

    [Fact]
    public void Cycles_are_drawn()
    {
        Assert.Contains("n0 -> n0", FlowDrawing.Dot(FlowModel.Parse("FLOW { l: incr a; next l; }")), StringComparison.Ordinal);
        Assert.Contains("\"loop\"", FlowDrawing.Dot(FlowModel.Parse("FLOW { incr a; l: next l; }")), StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Graphviz_makes_a_picture()
    {
        Skip.IfNot(LoadTests.IsInstalled("dot"), "Graphviz is not installed.");
        string svg = Graphviz.Svg(FlowDrawing.Dot(FlowModel.Parse(Text), ["f"]));
        Assert.Contains("Tlb", svg, StringComparison.Ordinal);
        Assert.StartsWith("<?xml", svg, StringComparison.Ordinal);
        Assert.Contains("</svg>", svg, StringComparison.Ordinal);
    }
}
