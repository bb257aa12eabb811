using System.Reflection;
using System.Runtime.InteropServices;

namespace KernelSuite.Measurement;

/// <summary>What a stored number needs beside it to mean something later.</summary>
/// <param name="Command">The command line that gives this report again.</param>
/// <param name="TimeUtc">When the run began, ISO 8601.</param>
/// <param name="Suite">Version of the suite.</param>
/// <param name="Revision">Source revision that was built; null where the build did not know.</param>
/// <param name="Runtime">.NET version.</param>
/// <param name="OperatingSystem">Operating system and kernel.</param>
/// <param name="Architecture">Processor architecture.</param>
/// <param name="Processors">Logical processors this process may use.</param>
/// <param name="ProcessorMhz">Highest present clock of a processor, in MHz; null where the system does not say.</param>
/// <param name="Seed">Seed of the inputs.</param>
/// <param name="Environment">Every variable that steers the suite or a driver under it and is set.</param>
public sealed record RunContext(
    string Command,
    string TimeUtc,
    string Suite,
    string? Revision,
    string Runtime,
    string OperatingSystem,
    string Architecture,
    int Processors,
    double? ProcessorMhz,
    ulong Seed,
    IReadOnlyDictionary<string, string> Environment)
{
    private static readonly string[] Prefixes = ["KSUITE_", "OCL_ICD_", "POCL_", "CUDA_VISIBLE_", "DOTNET_Enable", "DOTNET_Tiered", "DOTNET_TC", "DOTNET_TieredPGO"];

    /// <summary>Describes this process.</summary>
    /// <param name="command">The command line that repeats the run.</param>
    /// <param name="seed">Seed of the inputs.</param>
    public static RunContext Capture(string command, ulong seed)
    {
        (string version, string? revision) = BuildVersion();
        return new RunContext(
            command,
            DateTime.UtcNow.ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture),
            version,
            revision,
            RuntimeInformation.FrameworkDescription,
            RuntimeInformation.OSDescription,
            RuntimeInformation.OSArchitecture.ToString(),
            System.Environment.ProcessorCount,
            ProcessorClock.ReadMhz(),
            seed,
            ReadEnvironment());
    }

    /// <summary>Version and source revision, which the build appends to the informational version after a plus sign.</summary>
    public static (string Version, string? Revision) BuildVersion()
    {
        string text = typeof(RunContext).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0";
        int plus = text.IndexOf('+', StringComparison.Ordinal);
        return plus < 0 ? (text, null) : (text[..plus], text[(plus + 1)..]);
    }

    /// <summary>The variables that are set and matter, sorted.</summary>
    public static IReadOnlyDictionary<string, string> ReadEnvironment()
    {
        var found = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (System.Collections.DictionaryEntry entry in System.Environment.GetEnvironmentVariables())
        {
            var name = (string)entry.Key;
            if (Prefixes.Any(p => name.StartsWith(p, StringComparison.Ordinal))) found[name] = (string?)entry.Value ?? string.Empty;
        }

        return found;
    }
}
