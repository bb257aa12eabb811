using KernelSuite.Cli;

namespace KernelSuite.Tests;

/// <summary><c>ksuite counters record</c>.</summary>
public sealed class CountersRecordCommandTests
{
    [Theory]
    [InlineData("--output")]
    [InlineData("command after '--' or '--pid'", "-o", "t.csv")]
    [InlineData("command after '--' or '--pid'", "-o", "t.csv", "--pid", "1", "--", "true")]
    [InlineData("not both", "-o", "t.csv", "--events", "a", "--groups", "b;c", "--", "true")]
    [InlineData("are perf's", "-o", "t.csv", "--events", "a", "--simulator", "cachegrind", "--", "true")]
    [InlineData("whole runs", "-o", "t.csv", "--interval", "5", "--simulator", "cachegrind", "--", "true")]
    [InlineData("Expected --events or --groups", "-o", "t.csv", "--", "true")]
    [InlineData("in two groups", "-o", "t.csv", "--groups", "a;a", "--", "true")]
    [InlineData("--duration is -1", "-o", "t.csv", "--pid", "1", "--duration", "-1")]
    public void Wrong_usage_is_named_and_leaves_no_file(string says, params string[] options)
    {
        using var folder = new TemporaryFolder();
        string[] placed = [.. options.Select(o => o == "t.csv" ? folder[o] : o)];
        CliResult result = CliResult.Run(["counters", "record", .. placed]);
        Assert.Equal(ExitCode.BadInput, result.Code);
        Assert.Contains(says, result.Error, StringComparison.Ordinal);
        Assert.Empty(folder.Files);
    }

    [SkippableFact]
    public void A_program_is_recorded_with_cachegrind()
    {
        Skip.IfNot(File.Exists("/usr/bin/valgrind") && File.Exists("/bin/true"), "valgrind is not in /usr/bin.");
        using var folder = new TemporaryFolder();
        CliResult result = CliResult.Run(
            "counters", "record", "-o", folder["t.csv"], "--simulator", "cachegrind", "--workload", "w", "--format", "json", "--", "/bin/true",
            "--interval");
        Assert.True(result.Code == ExitCode.Ok, result.Error);
        Assert.Equal(1, result.Json.GetProperty("samples").GetInt64());
        string[] lines = File.ReadAllLines(folder["t.csv"]);
        Assert.Equal(lines.Length - 1, result.Json.GetProperty("rows").GetInt64());
        Assert.StartsWith("w,0,Ir,", lines[1], StringComparison.Ordinal);
        Assert.Equal(["t.csv"], folder.Files);
    }
}
