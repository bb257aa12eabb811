using System.Text.Json;
using KernelSuite.Cli;
using KernelSuite.Runtime;

namespace KernelSuite.Tests;

/// <summary>devices, doctor, list, help.</summary>
public sealed class MachineCommandTests
{
    [Fact]
    public void Devices_lists_the_cpu_and_says_what_auto_means()
    {
        JsonElement json = CliResult.Run("devices", "--format", "json").Json;
        JsonElement cpu = Assert.Single(json.GetProperty("devices").EnumerateArray(), d => d.GetProperty("id").GetString() == "cpu");
        Assert.Equal("cpu", cpu.GetProperty("kind").GetString());
        Assert.NotEmpty(cpu.GetProperty("name").GetString()!);
        Assert.Equal(DeviceCatalog.Default.Choose().Device.Id.ToString(), json.GetProperty("auto").GetString());
        CliResult text = CliResult.Run("devices");
        Assert.Equal(ExitCode.Ok, text.Code);
        Assert.Contains("auto:", text.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Doctor_has_every_section()
    {
        CliResult result = CliResult.Run("doctor", "--format", "json");
        Assert.Equal(ExitCode.Ok, result.Code);
        Assert.Equal(
            ["context", "processor", "memory", "backends", "auto", "auto_reason", "cache", "device_code", "problems"], result.Json.EnumerateObject().Select(p => p.Name));
        foreach (string word in new[] { "System", "Backend cpu", "Backend opencl", "Program cache", "Device code", "Environment" })
            Assert.Contains(word, CliResult.Run("doctor").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void List_shows_everything_an_operation_offers()
    {
        JsonElement operation = CliResult.Run("list", "attention", "--format", "json").Json.GetProperty("operations")[0];
        Assert.Equal(["name", "summary", "dtypes", "parameters", "implementations", "cases"], operation.EnumerateObject().Select(p => p.Name));
        Assert.Contains(operation.GetProperty("cases").EnumerateArray(), c => c.GetProperty("name").GetString() == "b1h8n2048d128");
        Assert.Contains(operation.GetProperty("parameters").EnumerateArray(), p => p.GetProperty("name").GetString() == "softcap");
        string text = CliResult.Run("list").Output;
        foreach (string word in new[] { "attention", "--q", "--softcap", "fused", "b1h1n32768d64", "long" }) Assert.Contains(word, text, StringComparison.Ordinal);
        Assert.All(text.Split('\n').Where(l => !l.StartsWith("devices:", StringComparison.Ordinal)), line => Assert.True(line.Length <= 120, line));
    }

    [Theory]
    [InlineData]
    [InlineData("validate")]
    [InlineData("bench")]
    [InlineData("run", "attention")]
    public void Help_names_the_exit_codes(params string[] command)
    {
        CliResult result = CliResult.Run([.. command, "--help"]);
        Assert.Equal(ExitCode.Ok, result.Code);
        Assert.Contains("130 cancelled", result.Output, StringComparison.Ordinal);
        Assert.Empty(result.Error);
    }

    [Fact]
    public void No_command_is_an_error_with_usage()
    {
        CliResult result = CliResult.Run();
        Assert.Equal(ExitCode.BadInput, result.Code);
        Assert.Contains("--help", result.Error, StringComparison.Ordinal);
    }
}
