using System.Text.Json;
using System.Xml.Linq;
using KernelSuite.Cli;

namespace KernelSuite.Tests;

/// <summary><c>ksuite kv</c> on the small model.</summary>
public sealed class KvCommandTests
{
    private static readonly string Model = Path.Combine(AppContext.BaseDirectory, "tinylm");

    [Fact]
    public void Eval_gives_one_document_and_a_picture()
    {
        using var folder = new TemporaryFolder();
        string recall = Recall(folder, 2);
        CliResult result = CliResult.Run("kv", "eval", "--model", Model, "--policy", "arkv,snapkv", "--budget", "50%,300KiB", "--recall", recall, "--output", folder["picture.svg"], "--format", "json");
        Assert.True(result.Code == ExitCode.Ok, result.Error);
        JsonElement[] rows = [.. result.Json.GetProperty("results").EnumerateArray()];
        Assert.Equal(["full", "arkv", "snapkv", "arkv", "snapkv"], rows.Select(r => r.GetProperty("policy").GetString()));
        Assert.Equal(["100%", "50%", "50%", "300KiB", "300KiB"], rows.Select(r => r.GetProperty("budget").GetString()));
        Assert.All(rows.Skip(3), r => Assert.InRange(r.GetProperty("bytes_held").GetDouble(), 1, 300 << 10));
        Assert.Equal(JsonValueKind.Null, rows[0].GetProperty("bits_per_byte").ValueKind);
        Assert.StartsWith("ksuite kv eval", result.Json.GetProperty("context").GetProperty("command").GetString(), StringComparison.Ordinal);
        Assert.Equal("svg", XDocument.Load(folder["picture.svg"]).Root!.Name.LocalName);
    }

    [Fact]
    public void Eval_shows_tables_and_generates_prompts_from_the_seed()
    {
        string[] args = ["kv", "eval", "--model", Model, "--policy", "snapkv", "--budget", "50%", "--text", Path.Combine(Model, "text.txt"), "--windows", "1", "--prefill", "400", "--scored", "8", "--prompts", "2", "--seed", "5"];
        CliResult result = CliResult.Run(args);
        Assert.True(result.Code == ExitCode.Ok, result.Error);
        foreach (string part in (string[])["snapkv", "bits/byte", "2 prompts", "1 windows", "evicted"]) Assert.Contains(part, result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Explain_lists_the_layers()
    {
        string text = Path.Combine(Model, "text.txt");
        CliResult result = CliResult.Run("kv", "explain", "--model", Model, "--text", text, "--tokens", "400", "--format", "json");
        Assert.True(result.Code == ExitCode.Ok, result.Error);
        Assert.Equal(4, result.Json.GetProperty("layers").GetArrayLength());
        Assert.Contains("entropy", CliResult.Run("kv", "explain", "--model", Model, "--text", text, "--tokens", "400").Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("quarter", "--budget", "quarter")]
    [InlineData("There is no policy 'magic'", "--policy", "magic")]
    [InlineData("gone.jsonl", "--recall", "gone.jsonl")]
    [InlineData("--prompts is -1", "--prompts", "-1")]
    [InlineData("Windows", "--windows", "0")]
    [InlineData("no_such_folder", "--output", "no_such_folder/picture.svg")]
    public void A_bad_option_is_named(string part, params string[] option)
    {
        CliResult result = CliResult.Run(["kv", "eval", "--model", Model, .. option]);
        Assert.Equal(ExitCode.BadInput, result.Code);
        Assert.Contains(part, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bad_model_or_prompt_file_is_bad_input()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["recall.jsonl"], "{}");
        Assert.Contains("recall.jsonl, line 1", CliResult.Run("kv", "eval", "--model", Model, "--recall", folder["recall.jsonl"]).Error, StringComparison.Ordinal);
        File.WriteAllText(folder["config.json"], "{\"model_type\": \"other\"}");
        CliResult other = CliResult.Run("kv", "eval", "--model", folder.Path, "--recall", Recall(folder, 1));
        Assert.Equal(ExitCode.BadInput, other.Code);
        Assert.Contains("config.json", other.Error, StringComparison.Ordinal);
        using var empty = new TemporaryFolder();
        CliResult nothing = CliResult.Run("kv", "eval", "--model", empty.Path);
        Assert.Equal(ExitCode.BadInput, nothing.Code);
        Assert.Contains("recall.jsonl", nothing.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_budget_too_small_is_said_and_ends_with_a_failure()
    {
        using var folder = new TemporaryFolder();
        CliResult result = CliResult.Run("kv", "eval", "--model", Model, "--policy", "arkv", "--budget", "64B", "--recall", Recall(folder, 1));
        Assert.Equal(ExitCode.Failed, result.Code);
        Assert.Contains("arkv at 64B did not run", result.Error, StringComparison.Ordinal);
        CliResult explain = CliResult.Run("kv", "explain", "--model", Model, "--budget", "64B", "--text", Path.Combine(Model, "text.txt"));
        Assert.Equal(ExitCode.BadInput, explain.Code);
    }

    private static string Recall(TemporaryFolder folder, int count)
    {
        File.WriteAllLines(folder["some.jsonl"], File.ReadLines(Path.Combine(Model, "recall.jsonl")).Where(line => line.Length > 550).Take(count));
        return folder["some.jsonl"];
    }
}
