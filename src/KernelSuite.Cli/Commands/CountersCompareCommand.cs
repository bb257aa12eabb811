using System.CommandLine;
using KernelSuite.Counters.Models;
using KernelSuite.Counters.Reports;

namespace KernelSuite.Cli.Commands;

/// <summary><c>ksuite counters compare</c>.</summary>
internal static class CountersCompareCommand
{
    public static Command Create(CliHost host)
    {
        var first = new Argument<string>("first") { Description = "Model, *.fdl or *.fdlm4", HelpName = "a.fdl" };
        var second = new Argument<string>("second") { Description = "Model to compare it with", HelpName = "b.fdl" };
        Option<string?> counters = CountersRowsCommand.Counters();
        Option<string> format = SharedOptions.Format();
        var command = new Command("compare", "Says whether data could tell two models apart, and which path would")
        {
            first, second, counters, format,
        };
        command.SetAction(parsed =>
        {
            FlowModel one = FlowModel.Load(parsed.GetValue(first)!, cancellation: host.Cancellation);
            FlowModel other = FlowModel.Load(parsed.GetValue(second)!, cancellation: host.Cancellation);
            ConeComparisonReport report = ConeComparisonReport.Of(
                one, other, CountersRowsCommand.Asked(parsed, counters), cancellation: host.Cancellation);
            if (parsed.GetValue(format) == SharedOptions.Json) host.Output.WriteLine(ConeJson.Write(report));
            else foreach (string line in report.Lines()) host.Output.WriteLine(line);
            return ExitCode.Ok;
        });
        return command;
    }
}
