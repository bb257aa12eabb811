using System.CommandLine;
using KernelSuite.Counters.Models;

namespace KernelSuite.Cli.Commands;

/// <summary><c>ksuite counters paths</c>.</summary>
internal static class CountersPathsCommand
{
    public static Command Create(CliHost host)
    {
        Argument<string> model = CountersCommand.Model();
        Option<string[]?> features = CountersCommand.Features();
        var limit = new Option<int>("--limit")
        {
            Description = "Paths to list at most; all are counted",
            HelpName = "n",
            DefaultValueFactory = _ => 10_000,
        };
        Option<string> format = SharedOptions.Format();
        var command = new Command("paths", "Lists the paths of a model: what each decides, does and counts") { model, features, limit, format };
        command.SetAction(parsed =>
        {
            FlowModel loaded = FlowModel.Load(parsed.GetValue(model)!, CountersCommand.Asked(parsed, features), host.Cancellation);
            FlowPathListing listing = FlowPathListing.Of(loaded, parsed.GetValue(limit), host.Cancellation);
            if (parsed.GetValue(format) == SharedOptions.Json) host.Output.WriteLine(FlowJson.Write(listing));
            else Show(host, listing);
            return ExitCode.Ok;
        });
        return command;
    }

    private static void Show(CliHost host, FlowPathListing listing)
    {
        foreach (string line in CountersCommand.Lines(listing.Model, listing.Diagnostics)) host.Note(line);
        foreach ((int number, ListedPath path) in listing.Listed.Index())
        {
            host.Output.WriteLine($"path {number + 1}: {Or(string.Join(' ', path.Decisions.Select(d => $"{d.Key}={d.Value}")), "nothing decided")}");
            if (path.Actions.Count > 0) host.Output.WriteLine($"  does {string.Join(", ", path.Actions)}");
            IEnumerable<string> counts = path.Counts.Select(c => c.Value == 1 ? c.Key : $"{c.Value} {c.Key}");
            host.Output.WriteLine($"  counts {Or(string.Join(", ", counts), "nothing")}");
        }

        string shown = listing.Listed.Count < listing.Paths ? $" ({SharedOptions.Number(listing.Listed.Count)} listed)" : "";
        host.Output.WriteLine(
            $"{SharedOptions.Number(listing.Paths)} paths{shown}, {SharedOptions.Number(listing.Signatures)} distinct signatures, "
                + $"{SharedOptions.Number(listing.Counters.Count)} counters; features on: {Or(string.Join(", ", listing.Features), "none")}");
    }

    private static string Or(string text, string empty) => text.Length > 0 ? text : empty;
}
