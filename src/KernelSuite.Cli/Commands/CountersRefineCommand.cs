using System.CommandLine;
using KernelSuite.Counters;
using KernelSuite.Counters.Inputs;
using KernelSuite.Counters.Models;
using KernelSuite.Counters.Refinement;
using KernelSuite.Counters.Reports;
using KernelSuite.Counters.Verdicts;
using KernelSuite.Runtime;

namespace KernelSuite.Cli.Commands;

/// <summary><c>ksuite counters refine</c>.</summary>
internal static class CountersRefineCommand
{
    public static Command Create(CliHost host)
    {
        Argument<string> model = CountersCommand.Model();
        var samples = new SampleOptions();
        var features = new Option<string[]?>("--features")
        {
            Description = "Features to search over; the others stay as the .json file beside the model has them (default all)",
            HelpName = "f,…",
            AllowMultipleArgumentsPerToken = false,
        };
        int most = new RefineOptions().MostSets;
        var sets = new Option<int>("--max-sets") { Description = "Most sets of features to try", HelpName = "n", DefaultValueFactory = _ => most };
        var time = new Option<double?>("--max-time") { Description = "Seconds after which no further set is tried", HelpName = "s" };
        Option<string> format = SharedOptions.Format();
        var command = new Command(
            "refine", $"Finds the smallest sets of a model's features that explain all samples; ends with 1 if there is none.\n\n{ExitCode.Help}")
        {
            model, features, sets, time, format,
        };
        samples.AddTo(command);
        command.SetAction(parsed =>
        {
            FlowModel loaded = FlowModel.Load(parsed.GetValue(model)!, cancellation: host.Cancellation);
            CounterSet? counters = samples.Counters(parsed);
            ObservationSet read = samples.Read(host, parsed, loaded, counters);
            using Device device = samples.Open(host, parsed);
            var options = new RefineOptions
            {
                Verdicts = new VerdictOptions { Confidence = samples.Confidence(parsed) },
                Counters = counters,
                Features = CountersCommand.Asked(parsed, features),
                Device = device,
                MostSets = parsed.GetValue(sets),
                MostTime = parsed.GetValue(time) is { } seconds ? Seconds(seconds) : null,
            };
            FeatureSearchResult found = FeatureSearch.Run(loaded, read.Observations, options, host.Cancellation);
            if (parsed.GetValue(format) == SharedOptions.Json) host.Output.WriteLine(RefineJson.Write(found));
            else foreach (string line in RefineText.Lines(found)) host.Output.WriteLine(line);
            return found.Minimal.Count > 0 ? ExitCode.Ok : ExitCode.Failed;
        });
        return command;
    }

    private static TimeSpan Seconds(double value) => value is > 0 and < 2_592_000 ? TimeSpan.FromSeconds(value)
        : throw new ArgumentException($"--max-time is {value}. Expected seconds above 0 and below 2,592,000.");
}
