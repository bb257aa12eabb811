using System.CommandLine;
using KernelSuite.Cli.Output;
using KernelSuite.Measurement;

namespace KernelSuite.Cli.Commands;

/// <summary><c>ksuite bench</c>.</summary>
internal static class BenchCommand
{
    public static Command Create(CliHost host)
    {
        var suite = new SuiteOptions(DevicePurpose.Time, "the device's default one, and in the first dtype baselines too");
        Option<double> budget = new("--time-budget") { Description = "Seconds of samples for each row", HelpName = "s", DefaultValueFactory = _ => new TimingOptions().BudgetSeconds };
        Option<string> file = new("--out") { Description = "Also write the JSON document to this file", HelpName = "file" };
        Option<string> format = SharedOptions.Format(SharedOptions.Markdown);
        var command = new Command("bench", $"Times operations; a case that fails its check has no numbers.\n\n{ExitCode.Help}")
        {
            budget, file, format,
        };
        suite.AddTo(command);
        command.SetAction(parsed =>
        {
            SuiteRequest request = suite.Read(host, parsed);
            var options = new BenchOptions { Timing = new TimingOptions { BudgetSeconds = parsed.GetValue(budget) } };
            return Run(host, request, options, parsed.GetValue(file), parsed.GetValue(format)!);
        });
        return command;
    }

    private static int Run(CliHost host, SuiteRequest request, BenchOptions options, string? file, string format)
    {
        if (file is not null && !Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(file))))
            throw new ArgumentException($"The folder of '{file}' does not exist. Create it first.", nameof(file));
        BenchReport report = ProgressView.Run(host, progress => new Benchmarker(request, options).Run(progress, host.Cancellation));
        if (file is not null) ReportFile.Write(file, ReportJson.Write(report));
        Show(host, report, format);
        if (report.Failed > 0)
        {
            host.Note($"{report.Failed} of {report.Results.Count} rows failed their check; they have no numbers");
            return ExitCode.Failed;
        }

        if (report.Timed > 0) return ExitCode.Ok;
        host.Note(report.Results.Count == 0
            ? "no case matched, so nothing was run; 'ksuite list' shows the cases"
            : "no device supports any of the cases, so nothing was run");
        return ExitCode.NothingRun;
    }

    private static void Show(CliHost host, BenchReport report, string format)
    {
        if (format == SharedOptions.Json)
        {
            host.Output.WriteLine(ReportJson.Write(report));
            return;
        }

        if (report.Results.Count == 0) return;
        if (format == SharedOptions.Markdown)
        {
            host.Output.Write(BenchText.Markdown(report));
            return;
        }

        TableView.Show(host.Console, BenchText.Table(report));
        foreach (string line in BenchText.DeviceLines(report).Concat(BenchText.ReasonLines(report)).Concat(BenchText.ContextLines(report))) host.Output.WriteLine(line);
    }
}
