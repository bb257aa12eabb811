using System.CommandLine;
using KernelSuite.Cli.Output;
using KernelSuite.Measurement;

namespace KernelSuite.Cli.Commands;

/// <summary><c>ksuite kernels</c>.</summary>
internal static class KernelsCommand
{
    public static Command Create(CliHost host)
    {
        Option<string[]> programs = SharedOptions.List("--program", "pattern,…", "Programs, by source, source with options, or kernel; * and ? are wildcards (default all)");
        Option<string[]> targets = SharedOptions.List("--arch", "sm_90,…", "Architectures (default all)");
        var baseline = new Option<string?>("--baseline") { Description = "Compare with this baseline; worse kernels are named and end with 1", HelpName = "file" };
        var write = new Option<string?>("--write-baseline") { Description = "Write what the kernels use now as a baseline; allowances in the file are kept", HelpName = "file" };
        var output = new Option<string?>("--output") { Description = "Also write the JSON document to this file", HelpName = "file" };
        Option<string> format = SharedOptions.Format();
        var command = new Command("kernels", "Shows what the kernels of the compiled CUDA programs use: registers, shared memory, spills, occupancy")
        {
            programs, targets, baseline, write, output, format,
        };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(write) is { } target) KernelListing.WriteBaseline(target);
            KernelListing listing = KernelListing.Of(SharedOptions.Split(parsed.GetValue(programs)), SharedOptions.Split(parsed.GetValue(targets)), parsed.GetValue(baseline));
            if (parsed.GetValue(output) is { } file) ReportFile.Write(file, ReportJson.Write(listing));
            return Show(host, listing, parsed.GetValue(format) == SharedOptions.Json);
        });
        return command;
    }

    private static int Show(CliHost host, KernelListing listing, bool json)
    {
        if (json) host.Output.WriteLine(ReportJson.Write(listing));
        else
        {
            foreach ((string program, TextTable kernels) in listing.Tables())
            {
                host.Output.WriteLine(program);
                TableView.Show(host.Console, kernels);
            }

            host.Output.WriteLine(listing.Summary);
            if (listing.Comparison is { } comparison) host.Output.WriteLine(comparison.Summary);
        }

        if (listing.Comparison is not { } compared) return ExitCode.Ok;
        foreach (ListedFinding finding in compared.Findings) host.Note(finding.Message);
        return compared.Findings.Count == 0 ? ExitCode.Ok : ExitCode.Failed;
    }
}
