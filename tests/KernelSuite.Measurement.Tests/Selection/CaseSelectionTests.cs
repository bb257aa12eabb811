using KernelSuite.Measurement;
using KernelSuite.Operations;
using KernelSuite.Runtime;

namespace KernelSuite.Tests;

public sealed class CaseSelectionTests
{
    private static readonly FakeOperation Twice = new();

    [Fact]
    public void Without_a_pattern_the_suite_decides()
    {
        Assert.Equal(["small"], Names(new CaseSelection(), CaseSuite.Validate));
        Assert.Equal(["timed"], Names(new CaseSelection(), CaseSuite.Bench));
    }

    [Fact]
    public void A_pattern_reaches_every_suite_but_long_cases_only_by_name()
    {
        Assert.Equal(["timed"], Names(new CaseSelection { Cases = ["timed*"] }, CaseSuite.Validate));
        Assert.Equal(["timed-long"], Names(new CaseSelection { Cases = ["timed-long"] }, CaseSuite.Bench));
        Assert.Equal(["small", "timed"], Names(new CaseSelection { Cases = ["*"] }, CaseSuite.Bench));
        Assert.Empty(Names(new CaseSelection { Cases = ["nothing*"] }, CaseSuite.Bench));
    }

    [Fact]
    public void Dtypes_filter_and_unknown_ones_are_named()
    {
        Assert.Empty(Names(new CaseSelection { DTypes = ["float16"] }, CaseSuite.Bench));
        Assert.Equal(["timed"], Names(new CaseSelection { DTypes = ["Float32"] }, CaseSuite.Bench));
        ArgumentException error = Assert.Throws<ArgumentException>(() => Names(new CaseSelection { DTypes = ["fp8"] }, CaseSuite.Bench));
        Assert.Contains("bfloat16", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Unknown_operations_and_implementations_are_named()
    {
        Assert.Contains("twice", Assert.Throws<ArgumentException>(() => new CaseSelection { Operations = ["thrice"] }.SelectOperations([Twice])).Message, StringComparison.Ordinal);
        var selection = new CaseSelection { Implementations = ["fast"] };
        Assert.Contains("slow", Assert.Throws<ArgumentException>(() => selection.CheckImplementations([Twice], DeviceCatalog.Default.Enumerate())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Baselines_run_where_wanted()
    {
        IReadOnlyList<Implementation> all = Twice.Implementations(DeviceCatalog.Default.Choose().Device);
        Assert.Equal(["plain"], new CaseSelection().SelectImplementations(all, withBaselines: false).Select(i => i.Name));
        Assert.Equal(["plain", "slow"], new CaseSelection().SelectImplementations(all, withBaselines: true).Select(i => i.Name));
        Assert.Equal(["slow"], new CaseSelection { Implementations = ["slow"] }.SelectImplementations(all, withBaselines: true).Select(i => i.Name));
        Assert.Equal(["plain", "slow"], new CaseSelection { Implementations = ["all"] }.SelectImplementations(all, withBaselines: false).Select(i => i.Name));
    }

    private static IEnumerable<string> Names(CaseSelection selection, CaseSuite suite) => selection.SelectCases(Twice, suite).Select(c => c.Name);
}
