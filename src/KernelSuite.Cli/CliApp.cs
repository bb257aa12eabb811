using System.CommandLine;
using System.CommandLine.Invocation;
using KernelSuite.Cli.Commands;
using KernelSuite.Operations;
using KernelSuite.Runtime;

namespace KernelSuite.Cli;

/// <summary>The command line, callable in process.</summary>
/// <param name="catalog">The devices to offer; null for those of this machine.</param>
/// <param name="operations">The operations to offer; null for those of the suite.</param>
public sealed class CliApp(DeviceCatalog? catalog = null, IReadOnlyList<Operation>? operations = null)
{
    /// <summary>Runs one command line.</summary>
    /// <param name="args">The arguments.</param>
    /// <param name="output">Receives results.</param>
    /// <param name="error">Receives messages and progress.</param>
    /// <param name="cancellation">Stops the command.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public int Run(IReadOnlyList<string> args, TextWriter output, TextWriter error, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(args);
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(error);
        try
        {
            // Backends read the environment when they are made; a bad value there is the user's error and reported like one.
            var host = new CliHost(catalog ?? DeviceCatalog.Default, operations ?? OperationCatalog.All, args, output, error, cancellation);
            return Invoke(Build(host), host);
        }
#pragma warning disable CA1031 // The last line of defence: every failure becomes a message and an exit code.
        catch (Exception thrown)
#pragma warning restore CA1031
        {
            return ErrorReport.Write(thrown, error);
        }
    }

    private static RootCommand Build(CliHost host) => new($"KernelSuite: GPU and CPU kernels that check and time themselves.\n\n{ExitCode.Help}")
    {
        DevicesCommand.Create(host),
        DoctorCommand.Create(host),
        ListCommand.Create(host),
        KernelsCommand.Create(host),
        RunCommand.Create(host),
        ValidateCommand.Create(host),
        BenchCommand.Create(host),
        KvCommand.Create(host),
        CountersCommand.Create(host),
    };

    private static int Invoke(RootCommand root, CliHost host)
    {
        ParseResult parsed = root.Parse(host.Arguments);
        if (parsed.Action is ParseErrorAction)
        {
            foreach (string message in parsed.Errors.Select(e => e.Message).Distinct()) host.Error.WriteLine($"ksuite: {message}");
            string command = string.Join(' ', CommandPath(parsed.CommandResult));
            host.Error.WriteLine($"Run '{command} --help' for usage.");
            return ExitCode.BadInput;
        }

        var configuration = new InvocationConfiguration { Output = host.Output, Error = host.Error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
        return parsed.Invoke(configuration);
    }

    private static Stack<string> CommandPath(System.CommandLine.Parsing.CommandResult result)
    {
        var names = new Stack<string>();
        for (System.CommandLine.Parsing.SymbolResult? r = result; r is not null; r = r.Parent)
            if (r is System.CommandLine.Parsing.CommandResult c) names.Push(c.Command is RootCommand ? "ksuite" : c.Command.Name);
        return names;
    }
}
