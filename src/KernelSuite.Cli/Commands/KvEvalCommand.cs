using System.CommandLine;
using KernelSuite.Cli.Output;
using KernelSuite.KvCache;
using KernelSuite.Measurement;

namespace KernelSuite.Cli.Commands;

/// <summary><c>ksuite kv eval</c>.</summary>
internal static class KvEvalCommand
{
    private const int MaxPrompts = 10_000;

    public static Command Create(CliHost host)
    {
        Option<string> model = KvCommand.Model(), device = KvCommand.Device();
        Option<string[]> policies = SharedOptions.List("--policy", "p,…", $"Policies: {string.Join(", ", KvPolicies.All.Select(p => p.Name))}. full runs in any case; the first other one is compared with the rest (default arkv,snapkv)");
        Option<string[]> budgets = SharedOptions.List("--budget", "b,…", "Shares of what full holds (25%) or bytes (64KiB) (default 100%,50%,25%,12.5%)");
        var text = new Option<string?>("--text") { Description = "Text for bits per byte (default: text.txt of the model, where neither --text nor --recall is given)", HelpName = "file" };
        var recall = new Option<string?>("--recall") { Description = "Recall prompts, a JSON object with prompt and answer a line (default: recall.jsonl of the model, likewise)", HelpName = "file" };
        var prompts = new Option<int>("--prompts") { Description = "Recall prompts to generate from --seed besides, with filler from the text", HelpName = "n", DefaultValueFactory = _ => 0 };
        var windows = new Option<int>("--windows") { Description = "Windows of text", HelpName = "n", DefaultValueFactory = _ => 8 };
        var prefill = new Option<int>("--prefill") { Description = "Bytes of a window that are prefilled at once", HelpName = "n", DefaultValueFactory = _ => 512 };
        var scored = new Option<int>("--scored") { Description = "Bytes behind them that are fed one by one and scored", HelpName = "n", DefaultValueFactory = _ => 256 };
        var picture = new Option<string?>("--output") { Description = "Write a picture of accuracy against bytes to this SVG file", HelpName = "picture.svg" };
        Option<ulong> seed = SharedOptions.Seed();
        Option<string> format = SharedOptions.Format();
        var command = new Command("eval", $"Compares cache policies at equal bytes: bits per byte, recall, bytes held, tokens by state, time.\n\n{ExitCode.Help}")
        {
            model, policies, budgets, text, recall, prompts, windows, prefill, scored, device, seed, picture, format,
        };
        command.SetAction(parsed =>
        {
            string directory = parsed.GetValue(model)!;
            (string? textFile, string? recallFile) = Files(host, directory, parsed.GetValue(text), parsed.GetValue(recall));
            byte[] bytes = textFile is null ? [] : KvCommand.ReadText(textFile);
            var options = new KvEvaluationOptions
            {
                ModelDirectory = directory,
                Text = bytes,
                Recall = Prompts(recallFile, parsed.GetValue(prompts), parsed.GetValue(seed), bytes),
                Windows = parsed.GetValue(windows),
                PrefillBytes = parsed.GetValue(prefill),
                ScoredBytes = parsed.GetValue(scored),
                Seed = parsed.GetValue(seed),
                Command = host.CommandLine,
            };
            if (SharedOptions.Split(parsed.GetValue(policies)) is { Count: > 0 } names) options = options with { Policies = [.. names.Select(KvPolicies.Find)] };
            if (SharedOptions.Split(parsed.GetValue(budgets)) is { Count: > 0 } stated) options = options with { Budgets = [.. stated.Select(KvBudget.Parse)] };
            return Run(host, options, parsed.GetValue(device)!, parsed.GetValue(picture), parsed.GetValue(format) == SharedOptions.Json);
        });
        return command;
    }

    private static int Run(CliHost host, KvEvaluationOptions options, string device, string? picture, bool json)
    {
        if (picture is not null && !Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(picture))))
            throw new ArgumentException($"The folder of '{picture}' does not exist. Create it first.", nameof(picture));
        var evaluator = new KvEvaluator(host.Catalog, SharedOptions.SelectDevices(host, [device]).Single(), options);
        KvEvaluationReport report = ProgressView.Run(host, progress => evaluator.Run(progress, host.Cancellation));
        if (picture is not null) ReportFile.Write(picture, KvEvaluationPicture.Svg(report));
        if (json)
        {
            host.Output.WriteLine(ReportJson.Write(report));
        }
        else
        {
            TableView.Show(host.Console, KvEvaluationText.Results(report));
            TextTable differences = KvEvaluationText.Differences(report);
            if (differences.Rows.Count > 0) TableView.Show(host.Console, differences);
            TableView.Show(host.Console, KvEvaluationText.Layers(report));
            foreach (string line in KvEvaluationText.Notes(report)) host.Output.WriteLine(line);
        }

        foreach (KvRefusal refusal in report.Refused) host.Note($"{refusal.Policy} at {refusal.Budget} did not run: {refusal.Reason}");
        return report.Refused.Count == 0 ? ExitCode.Ok : ExitCode.Failed;
    }

    /// <summary>What was named, or, where nothing was, what lies beside the model.</summary>
    private static (string? Text, string? Recall) Files(CliHost host, string directory, string? text, string? recall)
    {
        if (text is not null || recall is not null) return (text, recall);
        string besideText = Path.Combine(directory, "text.txt"), besideRecall = Path.Combine(directory, "recall.jsonl");
        (text, recall) = (File.Exists(besideText) ? besideText : null, File.Exists(besideRecall) ? besideRecall : null);
        if (text is null && recall is null) throw new ArgumentException($"No --text and no --recall, and '{directory}' has neither text.txt nor recall.jsonl. Name one of them.", nameof(text));
        host.Note($"evaluating on {string.Join(" and ", new[] { text, recall }.Where(f => f is not null))}");
        return (text, recall);
    }

    private static List<RecallPrompt> Prompts(string? file, int generated, ulong seed, byte[] text)
    {
        if (generated is < 0 or > MaxPrompts) throw new ArgumentException($"--prompts is {generated}. Expected 0 to {MaxPrompts}.", nameof(generated));
        List<RecallPrompt> prompts = file is null ? [] : [.. RecallFile.Read(file)];
        if (generated > 0) prompts.AddRange(RecallPromptGenerator.Generate(generated, seed, text));
        return prompts;
    }
}
