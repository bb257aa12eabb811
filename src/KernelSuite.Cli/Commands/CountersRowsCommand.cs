using System.CommandLine;
using KernelSuite.Counters;
using KernelSuite.Counters.Models;
using KernelSuite.Counters.Reports;

namespace KernelSuite.Cli.Commands;

/// <summary><c>ksuite counters rows</c>.</summary>
internal static class CountersRowsCommand
{
    public static Command Create(CliHost host)
    {
        Argument<string> model = CountersCommand.Model();
        Option<string?> counters = Counters();
        Option<string[]?> features = CountersCommand.Features();
        Option<string> format = SharedOptions.Format();
        var command = new Command("rows", "Shows the equalities and inequalities that a model claims about its counters")
        {
            model, counters, features, format,
        };
        command.SetAction(parsed =>
        {
            FlowModel loaded = FlowModel.Load(parsed.GetValue(model)!, CountersCommand.Asked(parsed, features), host.Cancellation);
            ConeReport report = ConeReport.Of(loaded, Asked(parsed, counters), cancellation: host.Cancellation);
            if (parsed.GetValue(format) == SharedOptions.Json) host.Output.WriteLine(ConeJson.Write(report));
            else foreach (string line in report.Lines()) host.Output.WriteLine(line);
            return ExitCode.Ok;
        });
        return command;
    }

    internal static Option<string?> Counters() => new("--counters")
    {
        Description = "Counters that are measured: names, or a file of names (default all)",
        HelpName = "name,…|file",
    };

    internal static CounterSet? Asked(ParseResult parsed, Option<string?> counters) =>
        parsed.GetValue(counters) is { } value ? CounterNames.Read(value) : null;
}
