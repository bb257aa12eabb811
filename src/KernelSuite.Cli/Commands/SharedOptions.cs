using System.CommandLine;
using System.Globalization;
using KernelSuite.Measurement;
using KernelSuite.Operations;
using KernelSuite.Runtime;

namespace KernelSuite.Cli.Commands;

/// <summary>Options that several commands share.</summary>
internal static class SharedOptions
{
    public const string Json = "json";
    public const string Markdown = "markdown";
    private const string TextFormat = "text";

    public static Option<string> Format(params string[] more)
    {
        var option = new Option<string>("--format") { Description = "Form of the result on standard output", DefaultValueFactory = _ => TextFormat };
        option.AcceptOnlyFromAmong([TextFormat, Json, .. more]);
        return option;
    }

    public static Option<string[]> List(string name, string help, string description) =>
        new(name) { Description = description, HelpName = help, AllowMultipleArgumentsPerToken = false, DefaultValueFactory = _ => [] };

    public static Option<string[]> Devices() => List("--device", "d,…", "Devices: auto, all, cpu, opencl:0, … (default auto)");

    public static Option<string[]> Cases() => List("--case", "pattern,…", "Case names; * and ? are wildcards. Long cases must be named in full");

    public static Option<string[]> DTypes() => List("--dtype", "t,…", "Storage dtypes: float32, float16, bfloat16 (default all)");

    public static Option<string[]> Implementations(string byDefault) => List("--implementation", "name,…", $"Implementations by name, or all (default {byDefault})");

    public static Option<ulong> Seed() => new("--seed") { Description = "Seed of the inputs", DefaultValueFactory = _ => Validator.DefaultSeed };

    public static Argument<string[]> Operations() =>
        new("operation") { Description = "Operations, or all (default all)", Arity = ArgumentArity.ZeroOrMore, DefaultValueFactory = _ => [] };

    /// <summary>Values of an option that may be repeated and may hold commas.</summary>
    public static IReadOnlyList<string> Split(string[]? values) =>
        [.. (values ?? []).SelectMany(v => v.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];

    /// <summary>Finds devices and says on standard error what was chosen where the user left the choice.</summary>
    public static IReadOnlyList<DeviceInfo> SelectDevices(CliHost host, string[]? values, DevicePurpose purpose = DevicePurpose.Compute)
    {
        IReadOnlyList<DeviceInfo> devices = DeviceSelection.Select(host.Catalog, Split(values), purpose, out string reason);
        if (reason.Length > 0) host.Note(reason);
        return devices;
    }

    public static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
