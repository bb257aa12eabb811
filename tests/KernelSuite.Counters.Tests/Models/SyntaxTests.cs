using KernelSuite.Counters.Models;

namespace KernelSuite.Counters.Tests.Models;

/// <summary>What the language takes, and where it says what it does not.</summary>
public class SyntaxTests
{
    [Fact]
    public void Sections_come_in_any_order_and_several_times()
    {
        FlowModel model = FlowModel.Parse(
            """
            # a comment with { and ;
            FLOW { do probe; incr l2.hits; next rest; }   # until the end of the line
            COUNTER_GROUPS { l2.all: l2.hits, l2.misses; total: l2.all; }
            ACTIONS { probe; walk; }
            FLOW {
              rest:
              switch Hit { 1G => incr l2.all; True => incr l2.misses; };
              done;
            }
            ACTIONS { }
            """);
        Assert.Equal(["l2.hits", "l2.all", "l2.misses"], model.Counters);
        Assert.Equal(2, model.Enumerate().Count);
        Assert.Equal("l2.all", model.CounterGroups[0].Total);
        Assert.Equal(["l2.hits", "l2.misses"], model.CounterGroups[0].Parts);
        Assert.Equal(["unknown-group-counter"], model.Diagnostics.Select(d => d.Code));
    }

    [Fact]
    public void Words_of_the_language_are_names_where_names_stand()
    {
        FlowModel model = FlowModel.Parse(
            "ACTIONS { if; done; } FLOW { do: do if; incr incr; switch switch { do => incr done; done => pass; pass => next do2; if => incr next; "
                + "} if: done; do2: incr feature; done; }");
        Assert.Equal(["incr", "done", "next", "feature"], model.Counters);
        Assert.Equal(4, model.Enumerate().Count);
        Assert.Empty(model.Diagnostics);
    }

    [Fact]
    public void Quoted_names_hold_what_bare_ones_cannot()
    {
        FlowModel model = FlowModel.Parse("FLOW { incr \"system.l2.misses::total\"; \"a label\": incr L1-dcache-loads; switch \"if\" { \"=>\" => "
            + "pass; \"no\" => done; } done; }");
        Assert.Equal(["system.l2.misses::total", "L1-dcache-loads"], model.Counters);
        Assert.Equal("=>", model.Enumerate().Paths.First().Decisions[0].Value);
    }

    [Fact]
    public void Line_ends_and_a_byte_order_mark_do_not_matter()
    {
        FlowModel model = FlowModel.Parse("\uFEFFFLOW {\r\n incr a;\r done;\n\tincr b; }");
        FlowDiagnostic unreachable = model.Diagnostics[0];
        Assert.Equal(("unreachable", 4, 2), (unreachable.Code, unreachable.Line, unreachable.Column));
    }

    [Theory]
    [InlineData("FLOW { incr a }", 1, 15, "'}'", "';'")]
    [InlineData("FLOW {\n  incr ;\n}", 2, 8, "';'", "the name of a counter")]
    [InlineData("FLOW { do ; }", 1, 11, "';'", "the name of an action")]
    [InlineData("FLOW { next }", 1, 13, "'}'", "a label")]
    [InlineData("FLOW { pass }", 1, 13, "'}'", "';'")]
    [InlineData("FLOW { done", 1, 12, "the end of the text", "';'")]
    [InlineData("FLOW { frob a; }", 1, 8, "'frob'", "a label, a statement or '}'")]
    [InlineData("FLOW incr a; }", 1, 6, "'incr'", "'{' after FLOW")]
    [InlineData("FLOW { incr a;", 1, 15, "the end of the text", "'}' of FLOW")]
    [InlineData("FLOW { } ;", 1, 10, "';'", "ACTIONS, COUNTER_GROUPS, FLOW or feature")]
    [InlineData("flow { }", 1, 1, "'flow'", "ACTIONS, COUNTER_GROUPS, FLOW or feature")]
    [InlineData("FLOW { switch { A => pass; } }", 1, 15, "'{'", "the name of a property")]
    [InlineData("FLOW { switch p A => pass; }", 1, 17, "'A'", "'{' after the property 'p'")]
    [InlineData("FLOW { switch p { } }", 1, 19, "'}'", "a value of 'p'")]
    [InlineData("FLOW { switch p { A pass; } }", 1, 21, "'pass'", "'=>' after the value 'A'")]
    [InlineData("FLOW { switch p { A => incr a; B; } }", 1, 32, "'B'", "a value and '=>'")]
    [InlineData("FLOW { switch p { A => l: pass; } }", 1, 24, "'l'", "Labels stand at the top level")]
    [InlineData("FLOW { switch p { A => feature f; } }", 1, 24, "'feature'", "top level")]
    [InlineData("FLOW { switch p { A = pass; } }", 1, 21, "'='", "'=>'")]
    [InlineData("FLOW { if { pass; } }", 1, 11, "'{'", "the name of a feature")]
    [InlineData("FLOW { if ! { pass; } }", 1, 13, "'{'", "after '!'")]
    [InlineData("FLOW { if f pass; }", 1, 13, "'pass'", "'{' or '&'")]
    [InlineData("FLOW { if f { pass; ", 1, 21, "the end of the text", "'}'")]
    [InlineData("FLOW { \"incr\" a; }", 1, 8, "the name \"incr\"", "a statement")]
    [InlineData("ACTIONS { a, b; }", 1, 12, "','", "';' after the action 'a'")]
    [InlineData("ACTIONS { a; ", 1, 14, "the end of the text", "'}' of ACTIONS")]
    [InlineData("COUNTER_GROUPS { a; }", 1, 19, "';'", "':' after the total 'a'")]
    [InlineData("COUNTER_GROUPS { a: ; }", 1, 21, "';'", "the name of a part")]
    [InlineData("COUNTER_GROUPS { a: b c; }", 1, 23, "'c'", "';' or ','")]
    [InlineData("feature ;", 1, 9, "';'", "the name of a feature")]
    [InlineData("feature a b;", 1, 11, "'b'", "';' or ','")]
    [InlineData("FLOW { incr a@b; }", 1, 14, "'@'", "a name or one of")]
    [InlineData("FLOW { incr \u0007; }", 1, 13, "U+0007", "a name or one of")]
    [InlineData("FLOW { incr \"a\n\"; }", 1, 15, "U+000A", "begun at 1:13")]
    [InlineData("FLOW { incr \"a", 1, 15, "the end of the text", "begun at 1:13")]
    [InlineData("FLOW { incr \"\"; }", 1, 13, "\"\"", "a name between the quotes")]
    [InlineData("FLOW { incr \" \"; }", 1, 13, "blanks", "a name between the quotes")]
    public void An_error_says_where_it_is_what_was_found_and_what_was_expected(string text, int line, int column, string found, string expected)
    {
        FlowSyntaxException error = Assert.Throws<FlowSyntaxException>(() => FlowModel.Parse(text, "m.fdl"));
        Assert.Equal((line, column), (error.Line, error.Column));
        Assert.Contains(found, error.Found, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.StartsWith($"m.fdl:{line}:{column}: found ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Sizes_are_bounded()
    {
        Refused("at most 4194304", new string(' ', FlowLimits.MostCharacters + 1));
        Refused("at most 131072 statements", $"FLOW {{ {string.Concat(Enumerable.Repeat("pass;", FlowLimits.MostStatements + 1))} }}");
        Refused("at most 64", $"FLOW {{ {Nested(FlowLimits.MostNesting + 1)} }}");
        Refused("a name of at most 256", $"FLOW {{ incr {new string('a', FlowLimits.MostNameLength + 1)}; }}");
        Refused("a name of at most 256", $"FLOW {{ incr \"{new string('a', FlowLimits.MostNameLength + 1)}\"; }}");
        Refused("at most 1024 cases", $"FLOW {{ switch p {{ {Many(FlowLimits.MostCases + 1, "v{0} => ")} }} }}");
        Refused("at most 64 features", Many(FlowLimits.MostFeatures + 1, "feature f{0};"));
        Refused("at most 65536 in ACTIONS", $"ACTIONS {{ {Many(FlowLimits.MostDeclarations + 1, "a{0};")} }}");
        Refused("at most 4096 counters", $"FLOW {{ {Many(CounterSet.MostCounters + 1, "incr c{0};")} }}");
        Refused("a statement inside 65", $"FLOW {{ {string.Concat(Enumerable.Repeat("if f { ", 100_000))}");
    }

    [Fact]
    public void The_bounds_themselves_are_allowed()
    {
        Assert.Equal(1, FlowModel.Parse($"FLOW {{ {Nested(FlowLimits.MostNesting)} done; }}").Enumerate().Count);
        string name = new('a', FlowLimits.MostNameLength);
        Assert.Equal([name], FlowModel.Parse($"FLOW {{ incr {name}; done; }}").Counters);
        string features = Many(FlowLimits.MostFeatures, "feature f{0};")
            + $"FLOW {{ {Many(FlowLimits.MostFeatures, "if f{0} {{ incr a; }}")} done; }}";
        Assert.Equal([64L], FlowModel.Parse(features).Enumerate(Enumerable.Range(0, 64).Select(i => $"f{i}")).Paths.Single().Counts);
    }

    private static string Nested(int depth) =>
        string.Concat(Enumerable.Range(0, depth).Select(i => $"switch p{i} {{ A => ")) + "incr a;" + new string('}', depth);

    private static string Many(int count, string format) =>
        string.Concat(Enumerable.Range(0, count).Select(i => string.Format(System.Globalization.CultureInfo.InvariantCulture, format, i)));

    private static void Refused(string part, string text) =>
        Assert.Contains(part, Assert.Throws<FlowSyntaxException>(() => FlowModel.Parse(text)).Message, StringComparison.Ordinal);
}
