using System.CommandLine;
using KernelSuite.Counters.Models;

namespace KernelSuite.Cli.Commands;

/// <summary><c>ksuite counters lint</c>.</summary>
internal static class CountersLintCommand
{
    public static Command Create(CliHost host)
    {
        Argument<string> model = CountersCommand.Model();
        Option<string[]?> features = CountersCommand.Features();
        Option<string> format = SharedOptions.Format();
        var command = new Command("lint", "Says what is wrong or doubtful about a model; errors end with 1") { model, features, format };
        command.SetAction(parsed =>
        {
            FlowLintReport report = FlowLintReport.Load(parsed.GetValue(model)!, CountersCommand.Asked(parsed, features),
                cancellation: host.Cancellation);
            if (parsed.GetValue(format) == SharedOptions.Json) host.Output.WriteLine(FlowJson.Write(report));
            else
            {
                foreach (string line in CountersCommand.Lines(report.Model, report.Diagnostics)) host.Output.WriteLine(line);
                host.Output.WriteLine($"{report.Model}: {Counted(report.Errors, "error")}, {Counted(report.Warnings, "warning")}");
            }

            return report.Errors == 0 ? ExitCode.Ok : ExitCode.Failed;
        });
        return command;
    }

    private static string Counted(int count, string what) => count == 1 ? $"1 {what}" : $"{count} {what}s";
}
