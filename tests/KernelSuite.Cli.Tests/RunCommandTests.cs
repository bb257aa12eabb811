using System.Text.Json;
using KernelSuite.Cli;
using KernelSuite.Operations;
using KernelSuite.Runtime;

namespace KernelSuite.Tests;

public sealed class RunCommandTests
{
    [SkippableTheory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Writes_outputs_and_a_summary(string device)
    {
        TestDevices.Shared(device);
        using var folder = new TemporaryFolder();
        CliResult result = CliResult.Run(folder.Attention("--device", device, "--lse", folder["l.npy"], "--causal", "--window", "-1,0", "--softcap", "30", "--scale", "-0.1"));
        Assert.True(result.Code == ExitCode.Ok, result.Error);
        Assert.Contains("GFLOP/s", result.Output, StringComparison.Ordinal);
        Assert.Equal(["k.npy", "l.npy", "o.npy", "q.npy", "v.npy"], folder.Files);
        using HostArray o = NpyFile.Read(folder["o.npy"]);
        using HostArray l = NpyFile.Read(folder["l.npy"]);
        Assert.Equal("float32 (1, 2, 9, 16)", o.ToString());
        Assert.Equal("float32 (1, 2, 9)", l.ToString());
        Assert.Contains(o.AsSpan<float>().ToArray(), v => v != 0);
        Assert.All(o.AsSpan<float>().ToArray(), v => Assert.True(float.IsFinite(v)));
    }

    [SkippableTheory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void An_optional_output_that_nobody_wants_is_not_needed(string device)
    {
        TestDevices.Shared(device);
        using var folder = new TemporaryFolder();
        CliResult with = CliResult.Run(folder.Attention("--device", device, "--lse", folder["l.npy"]));
        byte[] expected = File.ReadAllBytes(folder["o.npy"]);
        CliResult without = CliResult.Run(folder.Attention("--device", device));
        Assert.Equal((ExitCode.Ok, ExitCode.Ok), (with.Code, without.Code));
        Assert.Equal(expected, File.ReadAllBytes(folder["o.npy"]));
    }

    [Fact]
    public void Says_which_device_auto_meant_on_standard_error()
    {
        using var folder = new TemporaryFolder();
        CliResult result = CliResult.Run(folder.Attention());
        Assert.Contains("chosen", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("chosen", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Json_is_all_there_is_on_standard_output()
    {
        using var folder = new TemporaryFolder();
        JsonElement json = CliResult.Run(folder.Attention("--device", "cpu", "--format", "json", "--implementation", "naive")).Json;
        Assert.Equal("attention", json.GetProperty("operation").GetString());
        Assert.Equal("naive", json.GetProperty("implementation").GetString());
        Assert.Equal([1, 2, 9, 16], json.GetProperty("outputs")[0].GetProperty("shape").EnumerateArray().Select(e => e.GetInt32()));
        Assert.True(json.GetProperty("seconds").GetDouble() > 0);
        Assert.StartsWith("ksuite run attention --q ", json.GetProperty("context").GetProperty("command").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--window", "3", "Expected two integers")]
    [InlineData("--window", "a,b", "Expected two integers")]
    [InlineData("--window", "-7,0", "window")]
    [InlineData("--scale", "big", "Expected a finite number")]
    [InlineData("--scale", "NaN", "Expected a finite number")]
    [InlineData("--softcap", "-1", "oft")]
    [InlineData("--implementation", "fast", "no implementation 'fast'")]
    [InlineData("--device", "gpu:x", "not a device id")]
    [InlineData("--device", "vulkan", "no known backend")]
    [InlineData("--device", "all", "Expected one")]
    [InlineData("--colour", "red", "--colour")]
    public void Bad_options_are_named(string option, string value, string expected)
    {
        using var folder = new TemporaryFolder();
        CliResult result = CliResult.Run(folder.Attention(option == "--device" ? [option, value] : ["--device", "cpu", option, value]));
        if (option == "--device" && value == "all" && result.Code == ExitCode.Ok) return; // One device only: "all" names it.
        Assert.Equal(ExitCode.BadInput, result.Code);
        Assert.Contains(expected, result.Error, StringComparison.OrdinalIgnoreCase);
        Assert.Empty(result.Output);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("(Parameter", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("o.npy", folder.Files);
    }

    [Fact]
    public void A_missing_operand_is_named()
    {
        CliResult result = CliResult.Run("run", "attention", "--q", "q.npy");
        Assert.Equal(ExitCode.BadInput, result.Code);
        Assert.Contains("--out", result.Error, StringComparison.Ordinal);
        Assert.Contains("ksuite run attention --help", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        using var folder = new TemporaryFolder();
        string[] args = folder.Attention("--device", "cpu");
        File.Delete(folder["k.npy"]);
        CliResult result = CliResult.Run(args);
        Assert.Equal(ExitCode.BadInput, result.Code);
        Assert.Contains("--k", result.Error, StringComparison.Ordinal);
        Assert.Contains(folder["k.npy"], result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_malformed_file_is_named()
    {
        using var folder = new TemporaryFolder();
        string[] args = folder.Attention("--device", "cpu");
        File.WriteAllText(folder["k.npy"], "not an array");
        CliResult result = CliResult.Run(args);
        Assert.Equal(ExitCode.BadInput, result.Code);
        Assert.Contains(folder["k.npy"], result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("o.npy", folder.Files);
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_named()
    {
        using var folder = new TemporaryFolder();
        string[] args = folder.Attention("--device", "cpu");
        folder.Write("k.npy", 1, 2, 11, 8);
        CliResult result = CliResult.Run(args);
        Assert.Equal(ExitCode.BadInput, result.Code);
        Assert.Contains("'k'", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_output_folder_that_is_not_there_is_found_before_anything_is_computed()
    {
        using var folder = new TemporaryFolder();
        string[] args = folder.Attention("--device", "cpu");
        args[Array.IndexOf(args, "--out") + 1] = folder["nowhere/o.npy"];
        CliResult result = CliResult.Run(args);
        Assert.Equal(ExitCode.BadInput, result.Code);
        Assert.Contains("nowhere", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_output_never_replaces_an_input()
    {
        using var folder = new TemporaryFolder();
        string[] args = folder.Attention("--device", "cpu");
        args[Array.IndexOf(args, "--out") + 1] = folder["q.npy"];
        byte[] before = File.ReadAllBytes(folder["q.npy"]);
        CliResult result = CliResult.Run(args);
        Assert.Equal(ExitCode.BadInput, result.Code);
        Assert.Equal(before, File.ReadAllBytes(folder["q.npy"]));
    }

    [Fact]
    public void A_device_that_is_not_here_has_its_own_code_and_the_trace()
    {
        using var folder = new TemporaryFolder();
        CliResult result = CliResult.Run(folder.Attention("--device", "opencl:999"));
        Assert.Equal(ExitCode.DeviceUnavailable, result.Code);
        Assert.Contains("What was tried", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Cancellation_in_the_middle_leaves_no_output_file()
    {
        using var source = new CancellationTokenSource();
        using var folder = new TemporaryFolder();
        var operation = new FakeOperation(Fault.Hangs) { OnLaunch = source };
        folder.Write("x.npy", 3, 8);
        CliResult result = CliResult.RunWith([operation], source.Token, "run", "twice", "--x", folder["x.npy"], "--y", folder["y.npy"], "--device", "cpu");
        Assert.Equal(ExitCode.Cancelled, result.Code);
        Assert.Equal(["x.npy"], folder.Files);
    }

    [Fact]
    public void Options_come_from_the_signature()
    {
        using var folder = new TemporaryFolder();
        folder.Write("x.npy", 3, 8);
        string[] args = ["run", "twice", "--x", folder["x.npy"], "--y", folder["y.npy"], "--device", "cpu", "--quietly", "--factor"];
        Assert.Equal(ExitCode.Ok, CliResult.RunWith([new FakeOperation()], default, [.. args, "2"]).Code);
        CliResult wrong = CliResult.RunWith([new FakeOperation()], default, [.. args, "3"]);
        Assert.Equal(ExitCode.BadInput, wrong.Code);
        Assert.Contains("--factor is 3", wrong.Error, StringComparison.Ordinal);
    }
}
