using System.CommandLine;
using KernelSuite.Cli.Output;
using KernelSuite.KvCache;
using KernelSuite.Measurement;

namespace KernelSuite.Cli.Commands;

/// <summary><c>ksuite kv explain</c>.</summary>
internal static class KvExplainCommand
{
    public static Command Create(CliHost host)
    {
        Option<string> model = KvCommand.Model(), device = KvCommand.Device();
        var text = new Option<string>("--text") { Description = "The text", HelpName = "file", Required = true };
        var policy = new Option<string>("--policy") { Description = "Policy", HelpName = "p", DefaultValueFactory = _ => "arkv" };
        var budget = new Option<string>("--budget") { Description = "Share of what full holds (25%) or bytes (64KiB)", HelpName = "b", DefaultValueFactory = _ => "25%" };
        var tokens = new Option<int>("--tokens") { Description = "Bytes of the text to prefill at most", HelpName = "n", DefaultValueFactory = _ => 1024 };
        Option<string> format = SharedOptions.Format();
        var command = new Command("explain", "Shows the attention statistics of each layer for a text, and the budgets that follow") { model, text, policy, budget, tokens, device, format };
        command.SetAction(parsed =>
        {
            var options = new KvExplainOptions
            {
                ModelDirectory = parsed.GetValue(model)!,
                Text = KvCommand.ReadText(parsed.GetValue(text)!),
                Policy = KvPolicies.Find(parsed.GetValue(policy)!),
                Budget = KvBudget.Parse(parsed.GetValue(budget)!),
                MaxTokens = parsed.GetValue(tokens),
                Command = host.CommandLine,
            };
            KvExplainReport report = KvExplainer.Explain(host.Catalog, SharedOptions.SelectDevices(host, [parsed.GetValue(device)!]).Single(), options, host.Cancellation);
            return Show(host, report, parsed.GetValue(format) == SharedOptions.Json);
        });
        return command;
    }

    private static int Show(CliHost host, KvExplainReport report, bool json)
    {
        if (json)
        {
            host.Output.WriteLine(ReportJson.Write(report));
            return ExitCode.Ok;
        }

        TableView.Show(host.Console, KvEvaluationText.Explain(report));
        host.Output.WriteLine(
            $"{report.Policy} at {report.Budget}: {SharedOptions.Number(report.Tokens)} tokens, {Quantity.Bytes(report.BytesHeld)} held of a budget of {Quantity.Bytes(report.BudgetBytes)}; full needs {Quantity.Bytes(report.FullBytes)}");
        host.Output.WriteLine("sums over heads, observing rows and past keys; budgets and tokens are those of one KV head");
        return ExitCode.Ok;
    }
}
