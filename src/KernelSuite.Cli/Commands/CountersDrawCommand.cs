using System.CommandLine;
using KernelSuite.Counters.Models;
using KernelSuite.Measurement;

namespace KernelSuite.Cli.Commands;

/// <summary><c>ksuite counters draw</c>.</summary>
internal static class CountersDrawCommand
{
    private const string StandardOutput = "-";

    public static Command Create(CliHost host)
    {
        Argument<string> model = CountersCommand.Model();
        Option<string[]?> features = CountersCommand.Features();
        var output = new Option<string>("--output", "-o")
        {
            Description = "Picture (*.svg, needs Graphviz) or DOT text (*.dot); - writes DOT text to standard output",
            HelpName = "file",
            DefaultValueFactory = _ => StandardOutput,
        };
        var command = new Command("draw", "Draws the decision diagram of a model") { model, features, output };
        command.SetAction(parsed =>
        {
            string target = parsed.GetValue(output)!;
            string kind = target == StandardOutput ? ".dot" : Path.GetExtension(target).ToLowerInvariant();
            if (kind is not (".dot" or ".svg"))
                throw new ArgumentException($"--output is '{target}'. Expected a file *.svg or *.dot, or - for DOT text on standard output.");
            FlowModel loaded = FlowModel.Load(parsed.GetValue(model)!, CountersCommand.Asked(parsed, features), host.Cancellation);
            foreach (string line in CountersCommand.Lines(loaded.Name, loaded.Diagnostics)) host.Note(line);
            string drawn = FlowDrawing.Dot(loaded);
            if (kind == ".svg") drawn = Graphviz.Svg(drawn, host.Cancellation);
            if (target == StandardOutput) host.Output.Write(drawn);
            else ReportFile.Write(target, drawn);
            return ExitCode.Ok;
        });
        return command;
    }
}
