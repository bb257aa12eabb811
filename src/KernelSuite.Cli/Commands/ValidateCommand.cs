using System.CommandLine;
using KernelSuite.Cli.Output;
using KernelSuite.Measurement;

namespace KernelSuite.Cli.Commands;

/// <summary><c>ksuite validate</c>.</summary>
internal static class ValidateCommand
{
    public static Command Create(CliHost host)
    {
        var suite = new SuiteOptions(DevicePurpose.Compute, "each device's default one");
        Option<string> data = new("--data") { Description = "Check the cases stored in this folder (case.json and .npy files) instead of the named ones", HelpName = "folder" };
        Option<bool> verbose = new("--verbose") { Description = "List every case, not only those that did not pass" };
        Option<string> format = SharedOptions.Format();
        var command = new Command("validate", $"Checks operations against double precision, with tolerances derived from a naive computation.\n\n{ExitCode.Help}")
        {
            data, verbose, format,
        };
        suite.AddTo(command);
        command.SetAction(parsed =>
        {
            SuiteRequest request = suite.Read(host, parsed);
            return Run(host, request, parsed.GetValue(data), parsed.GetValue(verbose), parsed.GetValue(format) == SharedOptions.Json);
        });
        return command;
    }

    private static int Run(CliHost host, SuiteRequest request, string? data, bool verbose, bool json)
    {
        ValidationReport report = ProgressView.Run(host, progress => data is null
            ? ValidationRunner.Run(request, progress, host.Cancellation)
            : ValidationRunner.RunStored(request, data, progress, host.Cancellation));
        if (json) host.Output.WriteLine(ReportJson.Write(report));
        else Show(host, report, verbose);
        if (report.Failed > 0) return ExitCode.Failed;
        if (report.Passed > 0) return ExitCode.Ok;
        host.Note(report.Cases.Count == 0
            ? "no case matched, so nothing was run; 'ksuite list' shows the cases"
            : "no device supports any of the cases, so nothing was run");
        return ExitCode.NothingRun;
    }

    private static void Show(CliHost host, ValidationReport report, bool verbose)
    {
        if (report.Cases.Count == 0) return;
        TextTable cases = ValidationText.Cases(report, verbose);
        if (cases.Rows.Count > 0) TableView.Show(host.Console, cases);
        TableView.Show(host.Console, ValidationText.Summary(report));
        host.Output.WriteLine($"{report.Passed} passed, {report.Failed} failed, {report.Unsupported} unsupported");
    }
}
