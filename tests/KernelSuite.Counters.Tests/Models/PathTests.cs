using KernelSuite.Counters.Models;

namespace KernelSuite.Counters.Tests.Models;

/// <summary>What the paths of small models are.</summary>
public class PathTests
{
    [Fact]
    public void One_optional_tick_gives_two_signatures()
    {
        PathSet set = Flow("incr a; switch h { Hit => pass; Miss => incr b; };").Enumerate();
        Assert.Equal(["a", "b"], set.Counters);
        Assert.Equal(2, set.Count);
        Assert.Equal([[1, 0], [1, 1]], Counts(set));
        Assert.Equal([1L, 0L], set.Signatures[0].ToArray());
        Assert.Equal([1L, 1L], set.Signatures[1].ToArray());
    }

    [Fact]
    public void Exclusive_ticks_with_and_without_a_third_case()
    {
        PathSet three = Flow("incr a; switch kind { B => incr b; C => incr c; Neither => };").Enumerate();
        Assert.Equal([[1, 1, 0], [1, 0, 1], [1, 0, 0]], Counts(three));
        PathSet two = Flow("incr a; switch kind { B => incr b; C => incr c; };").Enumerate();
        Assert.Equal([[1, 1, 0], [1, 0, 1]], Counts(two));
        Assert.Equal(2, two.Signatures.Count);
    }

    [Fact]
    public void A_second_switch_over_a_property_follows_the_first()
    {
        PathSet set = Flow("switch p { X => incr a; Y => pass; }; switch p { Y => incr b; X => incr a; }; done;").Enumerate();
        Assert.Equal([[2, 0], [0, 1]], Counts(set));
        Assert.Equal("p=X", Decisions(set.Paths.First()));
        Assert.Equal(2, set.Paths.Count());
    }

    [Fact]
    public void Control_falls_through_labels()
    {
        PathSet set = Flow("switch depth { Two => next p2; One => next p1; Zero => next p0; } p2: incr x; p1: incr x; p0: done;").Enumerate();
        Assert.Equal([[2], [1], [0]], Counts(set));
        Assert.Equal(3, set.Count);
        Assert.Equal(3, set.DistinctCounts);
        Assert.Equal(1, set.Signatures.Count);
    }

    [Fact]
    public void Cases_rejoin_after_the_switch_unless_they_leave()
    {
        PathSet set = Flow("switch p { In => incr a; Out => incr b; done; Far => next end; } incr c; end: incr d; done;").Enumerate();
        Assert.Equal([[1, 0, 1, 1], [0, 1, 0, 0], [0, 0, 0, 1]], set.Paths.Select(p => Named(set, p, "a", "b", "c", "d")));
    }

    [Theory]
    [InlineData(18, 2, 3, 3)]
    [InlineData(10, 2, 5)]
    [InlineData(40, 10, 2, 2)]
    public void Every_assignment_is_a_path_even_where_counts_coincide(int paths, params int[] sizes)
    {
        IEnumerable<string> switches = sizes.Select((size, i) =>
            $"switch p{i} {{ {string.Concat(Enumerable.Range(0, size).Select(v => $"v{v} => pass; "))}}};");
        PathSet set = Flow($"incr a; {string.Concat(switches)} done;").Enumerate();
        Assert.Equal(paths, set.Count);
        Assert.Equal(1, set.Signatures.Count);
    }

    [Fact]
    public void Decisions_and_actions_come_in_the_order_of_the_path()
    {
        FlowPath[] paths = [.. Flow("do start; switch p { A => do a; switch q { C => do c; D => } B => do b; } do end; done;").Enumerate().Paths];
        Assert.Equal(["p=A q=C", "p=A q=D", "p=B"], paths.Select(Decisions));
        Assert.Equal(["start a c end", "start a end", "start b end"], paths.Select(p => string.Join(' ', p.Actions)));
    }

    [Fact]
    public void A_later_switch_without_the_decided_value_drops_the_path_and_says_so()
    {
        PathSet set = Flow("switch p { A => incr a; B => incr b; C => pass; }\nswitch p { A => pass; } done;").Enumerate();
        Assert.Equal([[1, 0]], Counts(set));
        Assert.Equal(1, set.Count);
        FlowDiagnostic dropped = set.Diagnostics[^1];
        Assert.Equal(("dropped-paths", 2, FlowSeverity.Warning), (dropped.Code, dropped.Line, dropped.Severity));
        Assert.Contains("'B'", dropped.Message, StringComparison.Ordinal);
        Assert.Contains("2 paths", dropped.Message, StringComparison.Ordinal);
        Assert.Contains(set.Diagnostics, d => d.Code == "silent-counter" && d.Message.Contains("'b'", StringComparison.Ordinal));
    }

    [Fact]
    public void A_cycle_is_named_by_its_labels()
    {
        FlowModel model = Flow("switch p { A => pass; B => done; }\nagain: incr a;\nhalf: switch p { A => next again; B => done; }");
        FlowPathException error = Assert.Throws<FlowPathException>(() => model.Enumerate());
        Assert.Equal(("cycle", 3, 23), (error.Code, error.Line, error.Column));
        Assert.Contains("again -> half -> again", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_loop_in_the_text_that_no_path_goes_round_is_none()
    {
        PathSet set = Flow("top: switch p { A => next other; B => incr b; done; } other: switch p { A => incr a; done; B => next top; }").Enumerate();
        Assert.Equal(2, set.Count);
    }

    [Fact]
    public void Limits_end_an_enumeration_that_would_not()
    {
        FlowModel model = Flow(string.Concat(Enumerable.Range(0, 60).Select(i => $"switch p{i} {{ A => pass; B => incr c{i}; }}")) + "done;");
        FlowPathException paths = Assert.Throws<FlowPathException>(() => model.Enumerate(limits: new PathLimits { MostPaths = 1000 }));
        Assert.Equal("too-many-paths", paths.Code);
        Assert.Contains("more than 1000 paths", paths.Message, StringComparison.Ordinal);
        Assert.Contains("5000 steps", Assert.Throws<FlowPathException>(() => model.Enumerate(limits: new PathLimits { MostSteps = 5000 })).Message,
            StringComparison.Ordinal);
        Assert.Contains("50 steps",
            Assert.Throws<FlowPathException>(() => model.Enumerate(limits: new PathLimits { MostStepsPerPath = 50 })).Message,
            StringComparison.Ordinal);
        Assert.Contains("600 entries",
            Assert.Throws<FlowPathException>(() => model.Enumerate(limits: new PathLimits { MostSignatureEntries = 600 })).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => model.Enumerate(limits: new PathLimits { MostPaths = 0 }));
        using var stopped = new CancellationTokenSource();
        stopped.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => model.Enumerate(cancellation: stopped.Token));
    }

    [Fact]
    public void Exactly_the_most_paths_are_allowed()
    {
        FlowModel model = Flow("switch p { A => incr a; B => pass; C => pass; } done;");
        Assert.Equal(3, model.Enumerate(limits: new PathLimits { MostPaths = 3 }).Count);
        Assert.Throws<FlowPathException>(() => model.Enumerate(limits: new PathLimits { MostPaths = 2 }));
    }

    [Fact]
    public void A_long_chain_needs_no_stack()
    {
        string chain = string.Concat(Enumerable.Range(0, 20_000).Select(i => $"switch p{i} {{ A => incr a; }} l{i}: "));
        PathSet set = Flow(chain + "done;").Enumerate();
        Assert.Equal(1, set.Count);
        Assert.Equal([20_000L], set.Paths.Single().Counts);
    }

    private static FlowModel Flow(string statements) => FlowModel.Parse($"FLOW {{ {statements} }}");

    private static IEnumerable<IReadOnlyList<long>> Counts(PathSet set) => set.Paths.Select(p => p.Counts);

    private static IReadOnlyList<long> Named(PathSet set, FlowPath path, params string[] counters) =>
        [.. counters.Select(c => path.Counts[set.Counters.IndexOf(c)])];

    private static string Decisions(FlowPath path) => string.Join(' ', path.Decisions.Select(d => $"{d.Property}={d.Value}"));
}
