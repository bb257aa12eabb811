using KernelSuite.Counters.Models;

namespace KernelSuite.Counters.Tests.Models;

/// <summary>The language of the published tool, construct by construct: what is written for it loads and means the same.</summary>
public class PublishedLanguageTests
{
    [Theory]
    // Sections: none but FLOW is needed; empty ones, and ones of one line, are sections.
    [InlineData("FLOW { incr a; done; }", 1, "a")]
    [InlineData("ACTIONS { } COUNTER_GROUPS { } FLOW{incr a;done;}", 1, "a")]
    [InlineData("ACTIONS { LookUp; } COUNTER_GROUPS { t: a, b; } FLOW { do LookUp; incr t; incr a; done; }", 1, "t a")]
    // A comment ends with its line and may hold anything; so does one at the end of the text, without a line end.
    [InlineData("# FLOW { incr b; }\nFLOW { # it's \"=>\" `quoted'\n incr a; done; } # end", 1, "a")]
    // Names hold dots, digits, and may begin with a digit; repeated ticks count.
    [InlineData("FLOW { incr dtlb_load_misses.walk_completed_2m_4m; incr dtlb_load_misses.walk_completed_2m_4m; done; }", 1,
        "2 dtlb_load_misses.walk_completed_2m_4m")]
    [InlineData("FLOW { switch Size { 4K => incr a; 2M => pass; 1G => done; }; incr b; done; }", 3, "a b|b|")]
    // A case may be empty, and goes on behind the switch; one that leaves does not.
    [InlineData("FLOW { switch P { A => B => incr a; }; incr b; done; }", 2, "b|a b")]
    [InlineData("FLOW { switch P { A => incr a; done; B => next end; C => pass; }; incr b; end: incr c; done; }", 3, "a|c|b c")]
    // Switches nest; a case rejoins behind its own switch, not behind the outer one.
    [InlineData("FLOW { switch P { A => switch Q { X => incr x; Y => pass; }; incr a; B => pass; }; incr b; done; }", 3, "x a b|a b|b")]
    // A property is decided once: a later switch follows, in another order, nested in another property, or behind a label.
    [InlineData("FLOW { switch P { A => incr a; B => pass; }; switch P { B => incr b; A => pass; }; done; }", 2, "a|b")]
    [InlineData("FLOW { switch P { A => pass; B => pass; }; switch Q { X => switch P { A => incr a; B => incr b; }; Y => pass; }; done; }", 4, "a||b|")]
    [InlineData("FLOW { switch P { A => next l; B => incr b; }; l: switch P { A => incr a; B => pass; }; done; }", 2, "a|b")]
    // A later switch without the value drops the path.
    [InlineData("FLOW { switch P { A => pass; B => pass; C => pass; }; switch P { A => incr a; B => incr b; }; done; }", 2, "a|b")]
    // Control falls through labels, of which several may stand together or at the end; next goes forwards and backwards.
    [InlineData("FLOW { switch P { 2 => next two; 1 => next one; 0 => next none; }; two: incr x; one: incr x; none: done; }", 3, "2 x|x|")]
    [InlineData("FLOW { incr a; first: second: incr b; done; last: }", 1, "a b")]
    [InlineData("FLOW { next b; a: incr a; done; b: incr b; next a; }", 1, "a b")]
    // Full assignments are paths though their counts coincide.
    [InlineData("FLOW { switch P { A => pass; B => pass; }; switch Q { A => pass; B => pass; C => incr c; }; done; }", 6, "||c|||c")]
    // What an item is, is a switch at the root: populations add.
    [InlineData("FLOW { switch Item { Load => incr l; Store => incr s; Prefetch => next p; }; incr all; done; p: incr r; done; }", 3, "l all|s all|r")]
    // Words in capitals are names where a name stands; the names of the language's own sections, too.
    [InlineData("ACTIONS { FLOW; } FLOW { do FLOW; switch ACTIONS { COUNTER_GROUPS => incr FLOW; No => pass; }; done; }", 2, "FLOW|")]
    public void A_construct_has_these_paths(string text, int paths, string counts)
    {
        FlowModel model = FlowModel.Parse(text);
        PathSet set = model.Enumerate();
        Assert.Equal(paths, set.Count);
        Assert.Equal(counts.Split('|'), set.Paths.Select(path => string.Join(' ', path.Counts.Select((count, i) =>
            count == 0 ? "" : count == 1 ? model.Counters[i] : $"{count} {model.Counters[i]}").Where(c => c.Length > 0)
            .OrderBy(c => Order(text, c)))));
    }

    /// <summary>What the published language has not is refused rather than read as something else.</summary>
    [Theory]
    [InlineData("FLOW { incr a, b; done; }")]
    [InlineData("FLOW { switch P { A: incr a; } done; }")]
    [InlineData("FLOW { switch P { A => l: incr a; } done; }")]
    [InlineData("FLOW { goto l; l: done; }")]
    [InlineData("FLOW { incr a 2; done; }")]
    [InlineData("FLOW { done; } }")]
    [InlineData("// a comment\nFLOW { done; }")]
    public void Other_languages_are_refused(string text) => Assert.Throws<FlowSyntaxException>(() => FlowModel.Parse(text));

    // In the order of the last place in the text, which is that of the ticks in these models.
    private static int Order(string text, string count) => text.LastIndexOf($"incr {count.Split(' ')[^1]};", StringComparison.Ordinal);
}
