using System.CommandLine;
using KernelSuite.Counters.Models;

namespace KernelSuite.Cli.Commands;

/// <summary><c>ksuite counters</c>: models of hardware and the counters that refute them.</summary>
internal static class CountersCommand
{
    public static Command Create(CliHost host) =>
        new("counters", "States models of hardware as flows of counted events, and tests them against counters")
    {
        CountersPathsCommand.Create(host),
        CountersLintCommand.Create(host),
        CountersDrawCommand.Create(host),
        CountersRowsCommand.Create(host),
        CountersCompareCommand.Create(host),
        CountersRecordCommand.Create(host),
    };

    internal static Argument<string> Model() => new("model") { Description = "Model, *.fdl or *.fdlm4", HelpName = "m.fdl" };

    internal static Option<string[]?> Features() => new("--features")
    {
        Description = "Features that are on; an empty list turns all off (default those of the .json file beside the model)",
        HelpName = "f,…",
        AllowMultipleArgumentsPerToken = false,
    };

    /// <summary>The features that were asked for; null where the option was left out.</summary>
    internal static IReadOnlyList<string>? Asked(ParseResult parsed, Option<string[]?> features) =>
        parsed.GetResult(features) is null ? null : SharedOptions.Split(parsed.GetValue(features));

    /// <summary>Findings as editors read them: file:line:column: severity code: message.</summary>
    internal static IEnumerable<string> Lines(string model, IEnumerable<FlowDiagnostic> diagnostics) => diagnostics.Select(d => $"{model}:{d}");
}
