using System.Text.Json;
using KernelSuite.Cli;
using KernelSuite.Measurement;

namespace KernelSuite.Tests;

/// <summary>validate and bench.</summary>
public sealed class SuiteCommandTests
{
    private static readonly string[] QuickBench = ["bench", "--device", "cpu", "--time-budget", "0.02"];

    [SkippableTheory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Validate_gives_one_record_a_case(string device)
    {
        TestDevices.Shared(device);
        CliResult result = CliResult.Run("validate", "attention", "--device", device, "--case", "one*,tile-d64", "--dtype", "float32", "--format", "json");
        Assert.True(result.Code == ExitCode.Ok, result.Output + result.Error);
        JsonElement[] cases = [.. result.Json.GetProperty("cases").EnumerateArray()];
        Assert.Equal(4, cases.Length);
        Assert.All(cases, c => Assert.Equal("pass", c.GetProperty("status").GetString()));
        Assert.All(cases, c => Assert.True(c.GetProperty("worst_error").GetDouble() <= c.GetProperty("allowed").GetDouble()));
    }

    [Fact]
    public void Validate_as_text_sums_up()
    {
        CliResult result = CliResult.Run("validate", "attention", "--device", "cpu", "--case", "one", "--verbose");
        Assert.Equal(ExitCode.Ok, result.Code);
        Assert.Contains("3 passed, 0 failed, 0 unsupported", result.Output, StringComparison.Ordinal);
        Assert.All(result.Output.Split('\n'), line => Assert.True(line.Length <= 120, line));
        Assert.DoesNotContain('\x1b', result.Output);
        Assert.Empty(result.Error);
    }

    [Theory]
    [InlineData(Fault.Zeros)]
    [InlineData(Fault.Overrun)]
    [InlineData(Fault.BlindCheck)]
    internal void A_broken_operation_fails_validation_and_gets_no_number(Fault fault)
    {
        FakeOperation[] broken = [new FakeOperation(fault)];
        CliResult validate = CliResult.RunWith(broken, default, "validate", "--device", "cpu", "--format", "json");
        Assert.Equal(ExitCode.Failed, validate.Code);
        Assert.Equal("fail", validate.Json.GetProperty("cases")[0].GetProperty("status").GetString());
        CliResult bench = CliResult.RunWith(broken, default, [.. QuickBench, "--format", "json"]);
        Assert.Equal(ExitCode.Failed, bench.Code);
        foreach (JsonElement row in bench.Json.GetProperty("results").EnumerateArray())
        {
            Assert.Equal("fail", row.GetProperty("status").GetString());
            foreach (string name in new[] { "median_s", "gflops", "gbytes_per_s", "peak_gflops", "peak_share", "copy_share" }) Assert.Equal(JsonValueKind.Null, row.GetProperty(name).ValueKind);
        }
    }

    [Fact]
    public void A_run_without_a_kernel_is_not_green()
    {
        foreach (string[] args in new string[][] { ["validate", "--device", "cpu"], QuickBench })
        {
            CliResult none = CliResult.Run([.. args, "--case", "no-such-case*"]);
            Assert.Equal(ExitCode.NothingRun, none.Code);
            Assert.Contains("nothing was run", none.Error, StringComparison.Ordinal);
            CliResult unsupported = CliResult.RunWith([new FakeOperation(Fault.Unsupported)], default, args);
            Assert.Equal(ExitCode.NothingRun, unsupported.Code);
            Assert.Contains("no device supports", unsupported.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Bench_as_text_is_a_table_with_its_context()
    {
        CliResult result = CliResult.RunWith([new FakeOperation()], default, QuickBench);
        Assert.Equal(ExitCode.Ok, result.Code);
        foreach (string word in new[] { "GFLOP/s", "% peak", "% copy", "timed", "seed", "twice-1", "copy", "repeat: ksuite bench" }) Assert.Contains(word, result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Bench_as_markdown_and_into_a_file()
    {
        using var folder = new TemporaryFolder();
        CliResult result = CliResult.RunWith([new FakeOperation()], default, [.. QuickBench, "--format", "markdown", "--out", folder["bench.json"]]);
        Assert.Equal(ExitCode.Ok, result.Code);
        Assert.StartsWith("| case ", result.Output, StringComparison.Ordinal);
        BenchReport report = ReportJson.ReadBench(File.ReadAllText(folder["bench.json"]));
        Assert.Equal(2, report.Timed);
        Assert.True(report.Results[0].SamplesS.Count >= TimingOptions.FewestSamples);
    }

    [Theory]
    [InlineData("no operation 'nope'", "validate", "nope")]
    [InlineData("no operation 'nope'", "bench", "nope")]
    [InlineData("no operation 'nope'", "list", "nope")]
    [InlineData("no dtype 'fp4'", "validate", "--dtype", "fp4")]
    [InlineData("no implementation 'fast'", "validate", "--implementation", "fast")]
    [InlineData("no implementation 'fast'", "bench", "--implementation", "fast")]
    [InlineData("time-budget", "bench", "--time-budget", "-1")]
    [InlineData("--time-budget", "bench", "--time-budget", "soon")]
    [InlineData("--seed", "validate", "--seed", "-3")]
    [InlineData("not a device id", "validate", "--device", "::")]
    [InlineData("no folder", "validate", "--data", "/nonexistent/folder")]
    [InlineData("does not exist", "bench", "--out", "/nonexistent/folder/x.json")]
    [InlineData("'xml'", "devices", "--format", "xml")]
    [InlineData("'fly'", "fly")]
    public void Bad_requests_are_named_on_standard_error(string expected, params string[] args)
    {
        CliResult result = CliResult.Run(args);
        Assert.Equal(ExitCode.BadInput, result.Code);
        Assert.Contains(expected, result.Error, StringComparison.Ordinal);
        Assert.Empty(result.Output);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_device_has_its_own_code()
    {
        foreach (string command in new[] { "validate", "bench" }) Assert.Equal(ExitCode.DeviceUnavailable, CliResult.Run(command, "--device", "cpu,opencl:999").Code);
    }

    [Fact]
    public void Cancellation_has_its_own_code_and_prints_no_result()
    {
        foreach (string command in new[] { "validate", "bench" })
        {
            using var source = new CancellationTokenSource();
            CliResult result = CliResult.RunWith([new FakeOperation(Fault.Hangs) { OnLaunch = source }], source.Token, command, "--device", "cpu", "--format", "json");
            Assert.Equal((ExitCode.Cancelled, string.Empty), (result.Code, result.Output));
        }
    }
}
