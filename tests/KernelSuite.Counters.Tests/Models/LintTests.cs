using KernelSuite.Counters.Models;

namespace KernelSuite.Counters.Tests.Models;

/// <summary>What is found in models, and where.</summary>
public class LintTests
{
    private const FlowSeverity Error = FlowSeverity.Error;
    private const FlowSeverity Warning = FlowSeverity.Warning;

    [Theory]
    [InlineData("falls-off", Warning, "FLOW {\n incr a;\n}", 3, 1, "without 'done'")]
    [InlineData("undeclared-action", Warning, "ACTIONS { walk; }\nFLOW { do wlak; done; }", 2, 11, "'wlak'")]
    [InlineData("unknown-label", Error, "FLOW { l: incr a;\n next k; }", 2, 7, "'k'")]
    [InlineData("duplicate-label", Error, "FLOW { l: incr a;\n l: done; }", 2, 2, "1:8")]
    [InlineData("duplicate-case", Error, "FLOW { switch p { A => pass; B => pass;\n A => done; } done; }", 2, 2, "1:19")]
    [InlineData("unreachable", Warning, "FLOW { incr a; done;\n  incr b; l: incr a; done; }", 2, 3, "No path")]
    [InlineData("unreachable", Warning, "FLOW { switch p { A => done;\n incr a; B => done; } }", 2, 2, "No path")]
    [InlineData("cycle", Error, "FLOW { l: incr a;\n next l; }", 2, 2, "'l'")]
    [InlineData("cycle", Error, "FLOW { l: next k; k:\n next l; }", 2, 2, "'l'")]
    [InlineData("cycle", Error, "FLOW { l: switch p { A =>\n next l; B => done; } }", 2, 2, "l -> l")]
    [InlineData("unknown-group-counter", Warning, "COUNTER_GROUPS { t: a,\n b; } FLOW { incr t; incr a; done; }", 2, 2, "'b'")]
    [InlineData("unknown-group-counter", Warning, "COUNTER_GROUPS {\nt: a; } FLOW { incr a; done; }", 2, 1, "'t'")]
    [InlineData("repeated-group-counter", Warning, "COUNTER_GROUPS { t: a,\n a; } FLOW { incr t; incr a; done; }", 2, 2, "'a'")]
    [InlineData("silent-counter", Warning, "FLOW { done;\n incr a; }", 2, 7, "'a'")]
    [InlineData("unused-feature", Warning, "feature\n f; FLOW { incr a; done; }", 2, 2, "'f'")]
    [InlineData("undeclared-feature", Error, "FLOW { if\n f { incr a; } done; }", 2, 2, "'f'")]
    [InlineData("duplicate-feature", Warning, "feature f,\nf; FLOW { if f { incr a; } done; }", 2, 1, "'f'")]
    [InlineData("never-holds", Warning, "feature f; FLOW { if\n f & !f { incr a; } done; }", 2, 2, "both")]
    [InlineData("single-case", Warning, "FLOW { switch\n p { A => incr a; } done; }", 2, 2, "'p'")]
    [InlineData("dropped-paths", Warning, "FLOW { switch p { A => ; B => ; C => ; }\nswitch p { A => incr a; C => ; } done; }", 2, 1, "'B'")]
    [InlineData("no-paths", Warning, "feature f; FLOW { switch p { A if f => incr a; B if f => done; } done;\n}", 2, 1, "No path")]
    [InlineData("empty-flow", Error, "FLOW {\n}", 2, 1, "no statement")]
    [InlineData("empty-flow", Error, "ACTIONS { a; }\n", 2, 1, "no statement")]
    public void A_finding_has_a_code_a_place_and_a_next_step(string code, FlowSeverity severity, string text, int line, int column, string part)
    {
        FlowLintReport report = FlowLintReport.Of(FlowModel.Parse(text.Replace("=> ;", "=>", StringComparison.Ordinal)));
        FlowDiagnostic found = Assert.Single(report.Diagnostics, d => d.Code == code);
        Assert.Equal((severity, line, column), (found.Severity, found.Line, found.Column));
        Assert.Contains(part, found.Message, StringComparison.Ordinal);
        Assert.Equal(report.Diagnostics.Count(d => d.Severity == Error), report.Errors);
        Assert.Equal(report.Diagnostics.Count, report.Errors + report.Warnings);
    }

    [Fact]
    public void A_sound_model_has_no_findings()
    {
        FlowModel model = FlowModel.Parse(
            """
            feature PfSpecT, Merging;
            ACTIONS { walk; }
            COUNTER_GROUPS { all: hits, misses; }
            FLOW {
              incr all;
              switch Tlb { Hit => incr hits; done; Miss => incr misses; }
              do walk;
              if Merging { switch Merged { Yes => done; No => pass; } }
              walker:
              incr refs;
              switch Extra { None => pass; One if PfSpecT => incr refs; Two => incr refs; incr refs; };
              done;
            }
            """);
        Assert.Empty(FlowLintReport.Of(model, []).Diagnostics);
        Assert.Empty(FlowLintReport.Of(model, ["PfSpecT", "Merging"]).Diagnostics);
    }

    [Fact]
    public void A_model_with_errors_has_no_paths()
    {
        FlowModel model = FlowModel.Parse("FLOW {\n next k; }");
        Assert.True(model.HasErrors);
        FlowPathException error = Assert.Throws<FlowPathException>(() => model.Enumerate());
        Assert.Equal(("unknown-label", 2, 7), (error.Code, error.Line, error.Column));
    }

    [Fact]
    public void Too_many_paths_are_a_warning_of_lint()
    {
        FlowModel model = FlowModel.Parse("FLOW { switch p { A => incr a; B => pass; } switch q { A => incr a; B => pass; } done; }");
        FlowDiagnostic found = Assert.Single(FlowLintReport.Of(model, limits: new PathLimits { MostPaths = 3 }).Diagnostics);
        Assert.Equal(("too-many-paths", Warning), (found.Code, found.Severity));
    }

    [Fact]
    public void Findings_are_bounded()
    {
        FlowModel model = FlowModel.Parse($"ACTIONS {{ }} FLOW {{ {string.Concat(Enumerable.Range(0, 5000).Select(i => $"do a{i};"))} next k; }}");
        Assert.Equal(FlowLimits.MostDiagnostics, model.Diagnostics.Count);
        Assert.True(model.HasErrors);
        Assert.Throws<FlowPathException>(() => model.Enumerate());
    }
}
