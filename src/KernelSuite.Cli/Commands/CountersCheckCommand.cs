using System.CommandLine;
using KernelSuite.Counters;
using KernelSuite.Counters.Inputs;
using KernelSuite.Counters.Models;
using KernelSuite.Counters.Reports;
using KernelSuite.Counters.Verdicts;
using KernelSuite.Measurement;
using KernelSuite.Runtime;

namespace KernelSuite.Cli.Commands;

/// <summary><c>ksuite counters check</c>.</summary>
internal static class CountersCheckCommand
{
    private const string Html = "html";

    public static Command Create(CliHost host)
    {
        Argument<string> model = CountersCommand.Model();
        var samples = new SampleOptions();
        Option<string[]?> features = CountersCommand.Features();
        var method = new Option<string>("--method")
        {
            Description = "Region or rule of the test",
            DefaultValueFactory = _ => VerdictWords.Methods[0],
        };
        method.AcceptOnlyFromAmong([.. VerdictWords.Methods]);
        Option<string> format = SharedOptions.Format(Html);
        var output = new Option<string?>("--output", "-o") { Description = "File to write instead of standard output", HelpName = "file" };
        var command = new Command("check", $"Tests a model against counter samples; ends with 1 if an observation refutes it.\n\n{ExitCode.Help}")
        {
            model, features, method, format, output,
        };
        samples.AddTo(command);
        command.SetAction(parsed =>
        {
            FlowModel loaded = FlowModel.Load(parsed.GetValue(model)!, CountersCommand.Asked(parsed, features), host.Cancellation);
            CounterSet? counters = samples.Counters(parsed);
            ObservationSet read = samples.Read(host, parsed, loaded, counters);
            var options = new VerdictOptions { Confidence = samples.Confidence(parsed), Method = VerdictWords.Method(parsed.GetValue(method)!) };
            using Device device = samples.Open(host, parsed);
            CheckReport report = ModelCheck.Run(loaded, read, options, counters, device: device, cancellation: host.Cancellation);
            string text = parsed.GetValue(format) switch
            {
                SharedOptions.Json => CheckJson.Write(report) + "\n",
                Html => CheckHtml.Write(report),
                _ => string.Concat(CheckText.Lines(report).Select(line => line + "\n")),
            };
            if (parsed.GetValue(output) is { } file) ReportFile.Write(file, text);
            else host.Output.Write(text);
            if (report.Count(Verdict.Refuted) > 0) return ExitCode.Failed;
            if (report.Measured.Count > 0) return ExitCode.Ok;
            host.Note("no observation has a counter of the model, so nothing was tested");
            return ExitCode.NothingRun;
        });
        return command;
    }
}
