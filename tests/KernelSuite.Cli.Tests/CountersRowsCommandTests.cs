using System.Text.Json;
using KernelSuite.Cli;

namespace KernelSuite.Tests;

/// <summary><c>ksuite counters rows</c> and <c>compare</c>.</summary>
public sealed class CountersRowsCommandTests
{
    private const string Walks = "FLOW { incr access; switch tlb { Hit =>
        done; Miss => incr miss; }; switch walk { Done => incr walked; Merged => pass; }; done; }";
    private const string NoMerging = "FLOW { incr access; switch tlb { Hit => done; Miss => incr miss; }; incr walked; done; }";

    [Fact]
    public void Rows_as_text_and_as_json()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["m.fdl"], Walks);
        CliResult text = CliResult.Run("counters", "rows", folder["m.fdl"]);
        Assert.True(text.Code == ExitCode.Ok, text.Error);
        foreach (string row in (string[])["0 <= walked", "miss <= access", "walked <= miss", "3 paths"])
            Assert.Contains(row, text.Output, StringComparison.Ordinal);
        CliResult json = CliResult.Run("counters", "rows", folder["m.fdl"], "--counters", "access,walked", "--format", "json");
        Assert.True(json.Code == ExitCode.Ok, json.Error);
        Assert.Equal(["access", "walked"], json.Json.GetProperty("counters").EnumerateArray().Select(c => c.GetString()));
        JsonElement[] rows = [.. json.Json.GetProperty("inequalities").EnumerateArray()];
        Assert.Equal(2, rows.Length);
        Assert.Contains(rows, r => r.TryGetProperty("access", out JsonElement a) && a.GetInt32() == -1 && r.GetProperty("walked").GetInt32() == 1);
    }

    [Fact]
    public void Compare_says_how_the_models_lie_to_each_other()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["a.fdl"], NoMerging);
        File.WriteAllText(folder["b.fdl"], Walks);
        CliResult json = CliResult.Run("counters", "compare", folder["a.fdl"], folder["b.fdl"], "--format", "json");
        Assert.True(json.Code == ExitCode.Ok, json.Error);
        Assert.Equal("subset", json.Json.GetProperty("relation").GetString());
        Assert.Equal("Merged", json.Json.GetProperty("second_outside")[0].GetProperty("decisions").GetProperty("walk").GetString());
        CliResult text = CliResult.Run("counters", "compare", folder["a.fdl"], folder["b.fdl"], "--counters", "access,miss");
        Assert.StartsWith("equivalent", text.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rows", "--counters", "access,magic")]
    [InlineData("rows", "--counters", "access,access")]
    public void Bad_counters_are_named(string verb, params string[] options)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["m.fdl"], Walks);
        CliResult result = CliResult.Run(["counters", verb, folder["m.fdl"], .. options]);
        Assert.Equal(ExitCode.BadInput, result.Code);
        Assert.Contains(options[^1].Split(',')[^1], result.Error, StringComparison.Ordinal);
    }
}
