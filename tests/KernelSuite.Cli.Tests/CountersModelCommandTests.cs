using System.Text.Json;
using KernelSuite.Cli;

namespace KernelSuite.Tests;

/// <summary><c>ksuite counters paths</c>, <c>lint</c> and <c>draw</c>.</summary>
public sealed class CountersModelCommandTests
{
    private const string Text = "feature f; FLOW {\n do look; incr a; switch h { Hit => done; Miss => incr b; incr b; }\n if f { incr c; } done; }\n";

    [Fact]
    public void Paths_are_listed_and_counted()
    {
        using var folder = new TemporaryFolder();
        string model = Model(folder, Text);
        CliResult result = CliResult.Run("counters", "paths", model, "--format", "json", "--features", "f");
        Assert.True(result.Code == ExitCode.Ok, result.Error);
        Assert.Equal(2, result.Json.GetProperty("paths").GetInt64());
        Assert.Equal(2, result.Json.GetProperty("signatures").GetInt32());
        Assert.Equal(["a", "b", "c"], Strings(result.Json.GetProperty("counters")));
        Assert.Equal(["f"], Strings(result.Json.GetProperty("features")));
        JsonElement miss = result.Json.GetProperty("listed")[1];
        Assert.Equal("{\"h\":\"Miss\"}", JsonSerializer.Serialize(miss.GetProperty("decisions")));
        Assert.Equal("{\"a\":1,\"b\":2,\"c\":1}", JsonSerializer.Serialize(miss.GetProperty("counts")));
        Assert.Equal(["look"], Strings(miss.GetProperty("actions")));
        Assert.Empty(result.Json.GetProperty("diagnostics").EnumerateArray());
    }

    [Fact]
    public void Paths_as_text_end_with_the_numbers()
    {
        using var folder = new TemporaryFolder();
        CliResult result = CliResult.Run("counters", "paths", Model(folder, Text), "--limit", "1");
        Assert.True(result.Code == ExitCode.Ok, result.Error);
        Assert.Equal(["path 1: h=Hit", "  does look", "  counts a", "2 paths (1 listed), 2 distinct signatures, 3 counters; features on: none"],
            Lines(result.Output));
        Assert.Contains("m.fdl:3:14: warning silent-counter: ", result.Error, StringComparison.Ordinal);
        Assert.Contains("counts a, 2 b", CliResult.Run("counters", "paths", Model(folder, Text)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_sidecar_chooses_and_an_empty_list_turns_all_off()
    {
        using var folder = new TemporaryFolder();
        string model = Model(folder, Text);
        File.WriteAllText(folder["m.json"], "{\"name\": \"small\", \"features\": [\"f\"]}");
        Assert.Contains("features on: f", CliResult.Run("counters", "paths", model).Output, StringComparison.Ordinal);
        Assert.Contains("features on: none", CliResult.Run("counters", "paths", model, "--features", "").Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ExitCode.Ok, "0 errors, 1 warning", "FLOW { incr a; }")]
    [InlineData(ExitCode.Failed, "m.fdl:1:13: error unknown-label: ", "FLOW { next l; }")]
    [InlineData(ExitCode.Failed, "m.fdl:1:11: error cycle: ", "FLOW { l: next l; }")]
    [InlineData(ExitCode.Failed, "m.fdl:1:13: error syntax: found ';'; expected the name of a counter", "FLOW { incr ; }")]
    public void Lint_ends_with_1_on_errors(int code, string part, string text)
    {
        using var folder = new TemporaryFolder();
        string model = Model(folder, text);
        CliResult result = CliResult.Run("counters", "lint", model);
        Assert.Equal(code, result.Code);
        Assert.Contains(part, result.Output, StringComparison.Ordinal);
        CliResult json = CliResult.Run("counters", "lint", model, "--format", "json");
        Assert.Equal(code, json.Code);
        Assert.Equal(code, json.Json.GetProperty("errors").GetInt32());
        Assert.Equal(code == ExitCode.Ok ? "warning" : "error", json.Json.GetProperty("diagnostics")[0].GetProperty("severity").GetString());
    }

    [Fact]
    public void Draw_writes_dot_text_to_a_file_or_standard_output()
    {
        using var folder = new TemporaryFolder();
        string model = Model(folder, Text);
        Assert.Equal(ExitCode.Ok, CliResult.Run("counters", "draw", model, "-o", folder["m.dot"]).Code);
        string dot = File.ReadAllText(folder["m.dot"]);
        Assert.StartsWith("digraph ", dot, StringComparison.Ordinal);
        Assert.Equal(dot, CliResult.Run("counters", "draw", model, "-o", "-").Output);
        CliResult svg = CliResult.Run("counters", "draw", model, "-o", folder["m.svg"]);
        Assert.Equal(svg.Code == ExitCode.Ok, File.Exists(folder["m.svg"]));
        if (svg.Code != ExitCode.Ok) Assert.Contains("install the package graphviz", svg.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("has no feature 'g'. Expected one of f", "paths", "--features", "g")]
    [InlineData("The limit is -1", "paths", "--limit", "-1")]
    [InlineData("Expected a file *.svg or *.dot", "draw", "-o", "m.png")]
    public void A_bad_option_is_named(string part, string verb, params string[] option)
    {
        using var folder = new TemporaryFolder();
        CliResult result = CliResult.Run(["counters", verb, Model(folder, Text), .. option]);
        Assert.Equal(ExitCode.BadInput, result.Code);
        Assert.Contains(part, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bad_model_is_bad_input_with_its_place()
    {
        using var folder = new TemporaryFolder();
        string model = Model(folder, "FLOW { frob; }");
        foreach (string verb in (string[])["paths", "draw"])
        {
            CliResult result = CliResult.Run("counters", verb, model);
            Assert.Equal(ExitCode.BadInput, result.Code);
            Assert.Contains("m.fdl:1:8: found 'frob'; expected", result.Error, StringComparison.Ordinal);
        }

        Assert.Equal(ExitCode.BadInput, CliResult.Run("counters", "lint", folder["none.fdl"]).Code);
        Assert.Contains("for ever", CliResult.Run("counters", "paths", Model(folder, "FLOW { l: next l; }")).Error, StringComparison.Ordinal);
    }

    private static string Model(TemporaryFolder folder, string text)
    {
        File.WriteAllText(folder["m.fdl"], text);
        return folder["m.fdl"];
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static IEnumerable<string?> Strings(JsonElement array) => array.EnumerateArray().Select(e => e.GetString());
}
