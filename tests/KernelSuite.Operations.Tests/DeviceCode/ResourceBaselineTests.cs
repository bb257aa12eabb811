namespace KernelSuite.Operations.Tests.DeviceCode;

public sealed class ResourceBaselineTests
{
    private static readonly string BaselinePath = CudaPrograms.RepositoryPath("kernels", "resources-baseline.json");

    /// <summary>What the build compiled is no worse than what was committed. The message names each kernel that is.</summary>
    [SkippableFact]
    public void No_embedded_kernel_is_worse_than_the_baseline()
    {
        BaselineComparison comparison = BaselineComparison.Of(ResourceBaseline.Read(BaselinePath), CudaPrograms.Embedded());
        Skip.IfNot(comparison.Compared, comparison.Summary);
        Assert.True(
            comparison.Findings.Count == 0,
            $"{string.Join('\n', comparison.Findings.Select(f => f.Message))}\nIf this is meant: artifacts/ksuite kernels --write-baseline kernels/resources-baseline.json (spills also need an allowance with a reason in it).");
    }

    [SkippableFact]
    public void Kernels_that_only_tests_launch_spill_nothing()
    {
        KernelResources[] spilling = [.. CudaPrograms.OfTests().SelectMany(b => b.Programs).SelectMany(p => p.Kernels).Where(k => k.SpillBytes > 0)];
        Assert.True(spilling.Length == 0, string.Join('\n', spilling.Select(k => $"{k.Title} on {k.Target} spills {k.SpillBytes} bytes")));
    }

    [Fact]
    public void The_same_kernels_are_no_worse()
    {
        BaselineComparison comparison = BaselineComparison.Of(ResourceBaseline.Of(Programs(), []), Programs());
        Assert.True(comparison.Compared);
        Assert.Empty(comparison.Findings);
    }

    [Fact]
    public void A_new_spill_is_found_by_name() => Found(BaselineFindingKind.NewSpill, Programs(spills: "8"), "family/kernel.cu -DA=1 -DB=2: k on sm_80 spills 8 bytes");

    [Fact]
    public void Lost_occupancy_is_found_by_name() =>
        Found(BaselineFindingKind.LostOccupancy, Programs(registers: "80"), "family/kernel.cu -DA=1 -DB=2: k on sm_80 has 24 resident warps, and had 48");

    [Fact]
    public void A_bound_on_threads_that_is_gone_is_lost_occupancy() => Found(BaselineFindingKind.LostOccupancy, Programs(threads: "0"), "k on sm_80 has 0");

    [Fact]
    public void A_vanished_kernel_and_a_new_one_are_found_by_name()
    {
        BaselineComparison comparison = BaselineComparison.Of(ResourceBaseline.Of(Programs(), []), Programs(source: "family/renamed.cu"));
        Assert.Equal([BaselineFindingKind.Unlisted, BaselineFindingKind.Vanished], comparison.Findings.Select(f => f.Kind));
        Assert.Contains("renamed.cu", comparison.Findings[0].Message, StringComparison.Ordinal);
        Assert.Contains("kernel.cu", comparison.Findings[1].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_kernel_for_an_architecture_that_was_not_compiled_has_not_vanished()
    {
        ResourceBaseline baseline = ResourceBaseline.Of(Programs(), []);
        var targets = new Dictionary<string, BaselineTarget>(baseline.Kernels[0].Targets) { ["sm_90"] = new(40, 48) };
        baseline = baseline with { Kernels = [baseline.Kernels[0] with { Targets = targets }] };
        Assert.Empty(BaselineComparison.Of(baseline, Programs()).Findings);
    }

    [Fact]
    public void An_allowance_covers_its_bytes_and_no_more()
    {
        var allowance = new SpillAllowance(BundleMaker.Program, null, "k", null, 8, "a reason");
        ResourceBaseline baseline = ResourceBaseline.Of(Programs(), [allowance]);
        Assert.Empty(BaselineComparison.Of(baseline, Programs(spills: "8")).Findings);
        Assert.Equal(BaselineFindingKind.NewSpill, Assert.Single(BaselineComparison.Of(baseline, Programs(spills: "12")).Findings).Kind);
        Assert.Equal(BaselineFindingKind.UnusedAllowance, Assert.Single(BaselineComparison.Of(baseline, Programs()).Findings).Kind);
        ResourceBaseline other = baseline with { Allowances = [allowance with { Target = "sm_90" }] };
        Assert.Equal(BaselineFindingKind.NewSpill, Assert.Single(BaselineComparison.Of(other, Programs(spills: "8")).Findings).Kind);
    }

    [Fact]
    public void Programs_of_another_compiler_are_not_compared_and_it_says_so()
    {
        BaselineComparison comparison = BaselineComparison.Of(ResourceBaseline.Of(Programs(), []), Programs(compiler: "nvcc 12.4.131", spills: "8"));
        Assert.False(comparison.Compared);
        Assert.Contains("nvcc 12.4", comparison.Summary, StringComparison.Ordinal);
        Assert.Contains("nvcc 11.8", comparison.Summary, StringComparison.Ordinal);
        Assert.True(BaselineComparison.Of(ResourceBaseline.Of(Programs(), []), Programs(compiler: "nvcc 11.8.12")).Compared);
    }

    [Fact]
    public void A_file_reads_back_as_it_was_written()
    {
        ResourceBaseline written = ResourceBaseline.Of(Programs(), [new SpillAllowance("a/b.cu", "-DX=\"1\"", "k", "sm_90", 16, "it is \"so\"")]);
        ResourceBaseline read = Reread(written.ToJson());
        Assert.Equal(written.Allowances, read.Allowances);
        Assert.Equal(written.ToJson(), read.ToJson());
        Assert.Equal(new BaselineTarget(40, 48), Assert.Single(read.Kernels).Targets["sm_80"]);
    }

    [Theory]
    [InlineData("{ \"registers\": -1, \"warps\": 8 }", "\"registers\" is -1")]
    [InlineData("{ \"registers\": 256, \"warps\": 8 }", "from 0 to 255")]
    [InlineData("{ \"registers\": 40, \"warps\": \"8\" }", "\"warps\" is \"8\"")]
    [InlineData("{ \"registers\": 40, \"warps\": 1e99 }", "\"warps\" is 1e99")]
    [InlineData("{ \"registers\": 40, \"warps\": 8 } } }, { \"program\": \"p\", \"options\": \"\", \"kernel\": \"k\", \"targets\": { \"sm_80\": { \"registers\": 40, \"warps\": 8 }", "p: k is listed twice")]
    public void A_doctored_kernel_is_refused_with_what_was_expected(string target, string words)
    {
        string kernel = $"{{ \"program\": \"p\", \"options\": \"\", \"kernel\": \"k\", \"targets\": {{ \"sm_80\": {target} }} }}";
        var error = Assert.Throws<ResourceBaselineException>(() => Reread($"{{ \"schema\": 1, \"compiler\": \"x\", \"kernels\": [{kernel}], \"allowances\": [] }}"));
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.Contains("delete it", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("..", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_there_and_a_folder_are_told_apart()
    {
        string folder = CudaPrograms.RepositoryPath("kernels");
        Assert.Contains("it is a folder", Assert.Throws<ResourceBaselineException>(() => ResourceBaseline.Read(folder)).Message, StringComparison.Ordinal);
        Assert.Contains(
            "there is no such file", Assert.Throws<ResourceBaselineException>(() => ResourceBaseline.Read(Path.Combine(folder, "gone.json"))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{ "schema": 9, "compiler": "x", "kernels": [], "allowances": [] }""")]
    [InlineData("""{ "schema": 1, "compiler": "x", "kernels": [{}], "allowances": [] }""")]
    [InlineData("""{ "schema": 1, "compiler": "x", "kernels": [], "allowances": [{ "program": "p", "kernel": "k", "bytes": 4, "reason": " " }] }""")]
    public void A_damaged_file_is_refused(string json) => Assert.Throws<ResourceBaselineException>(() => Reread(json));

    private static void Found(BaselineFindingKind kind, IReadOnlyList<BundledProgram> programs, string words)
    {
        BaselineFinding finding = Assert.Single(BaselineComparison.Of(ResourceBaseline.Of(Programs(), []), programs).Findings);
        Assert.Equal(kind, finding.Kind);
        Assert.Contains(words, finding.Message, StringComparison.Ordinal);
    }

    private static IReadOnlyList<BundledProgram> Programs(
        string registers = "40", string spills = "0", string threads = "128", string source = BundleMaker.Program, string compiler = "nvcc 11.8.89") =>
        BundleMaker.Read(BundleMaker.Bundle(BundleMaker.Index(registers: registers, spills: spills, threads: threads, source: source, compiler: compiler))).Programs;

    private static ResourceBaseline Reread(string json)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, json);
            return ResourceBaseline.Read(path);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
