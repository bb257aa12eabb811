using System.Text.Json;
using KernelSuite.Cli;
using KernelSuite.Operations;
using KernelSuite.Runtime;

namespace KernelSuite.Tests;

/// <summary>What one command line did.</summary>
/// <param name="Code">Exit code.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
internal sealed record CliResult(int Code, string Output, string Error)
{
    /// <summary>Standard output as the one JSON document it must be.</summary>
    public JsonElement Json
    {
        get
        {
            using JsonDocument document = JsonDocument.Parse(Output);
            return document.RootElement.Clone();
        }
    }

    /// <summary>Runs a command line in process, on the operations of the suite.</summary>
    public static CliResult Run(params IReadOnlyList<string> args) => RunWith(null, CancellationToken.None, args);

    /// <summary>Runs a command line in process on given operations.</summary>
    public static CliResult RunWith(IReadOnlyList<Operation>? operations, CancellationToken cancellation, params IReadOnlyList<string> args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = new CliApp(DeviceCatalog.Default, operations).Run(args, output, error, cancellation);
        return new CliResult(code, output.ToString(), error.ToString());
    }
}
