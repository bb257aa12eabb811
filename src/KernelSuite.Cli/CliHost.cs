using KernelSuite.Cli.Output;
using KernelSuite.Operations;
using KernelSuite.Runtime;
using Spectre.Console;

namespace KernelSuite.Cli;

/// <summary>What every command is given: the suite, the streams and the way to stop.</summary>
internal sealed class CliHost(
    DeviceCatalog catalog, IReadOnlyList<Operation> operations, IReadOnlyList<string> arguments, TextWriter output, TextWriter error, CancellationToken cancellation)
{
    public DeviceCatalog Catalog => catalog;

    public IReadOnlyList<Operation> Operations => operations;

    public IReadOnlyList<string> Arguments => arguments;

    public TextWriter Output => output;

    public TextWriter Error => error;

    public CancellationToken Cancellation => cancellation;

    /// <summary>Tables and colours for people.</summary>
    public IAnsiConsole Console { get; } = Consoles.For(output, output == System.Console.Out && !System.Console.IsOutputRedirected);

    /// <summary>Progress for people; plain and silent where nobody watches.</summary>
    public IAnsiConsole ErrorConsole { get; } = Consoles.For(error, error == System.Console.Error && !System.Console.IsErrorRedirected);

    /// <summary>The command line as one would type it.</summary>
    public string CommandLine => string.Join(' ', arguments.Prepend("ksuite").Select(Quote));

    public void Note(string message) => error.WriteLine($"ksuite: {message}");

    private static string Quote(string argument) =>
        argument.Length > 0 && argument.All(c => char.IsAsciiLetterOrDigit(c) || "-_./,:=+@%".Contains(c, StringComparison.Ordinal))
            ? argument : $"'{argument.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
