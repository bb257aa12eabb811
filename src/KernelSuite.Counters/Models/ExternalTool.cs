using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace KernelSuite.Counters.Models;

/// <summary>Runs m4 and Graphviz: no shell, arguments as a list, with an end to time and output.</summary>
/// <param name="name">The program, looked for in PATH.</param>
/// <param name="install">What to do where it is missing, a sentence.</param>
internal sealed class ExternalTool(string name, string install)
{
    private const int MostErrorCharacters = 2000;

    /// <summary>ENOENT, and ERROR_FILE_NOT_FOUND of Windows.</summary>
    private const int FileNotFound = 2;

    /// <summary>Runs the program and returns its standard output.</summary>
    /// <exception cref="ExternalToolException">
    /// It is missing, failed, took longer than <paramref name="timeout"/> or printed more than <paramref name="mostCharacters"/>.
    /// </exception>
    public string Run(IEnumerable<string> arguments, string input, string? folder, TimeSpan timeout, int mostCharacters,
        CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(name, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(false),
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
            WorkingDirectory = folder ?? "",
        };
        using Process process = Start(start);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        end.CancelAfter(timeout);
        try
        {
            return Exchange(process, input, mostCharacters, end.Token).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new ExternalToolException(name,
                $"{name} did not end within {timeout.TotalSeconds:0} seconds and was stopped. Its input may have a loop without end.");
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    private Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception error) when (error.NativeErrorCode == FileNotFound)
        {
            throw new ExternalToolException(name, $"{name} is not installed, or not in PATH. {install}", error);
        }
        catch (Win32Exception error)
        {
            throw new ExternalToolException(name, $"{name} could not be started: {error.Message.TrimEnd('.')}. {install}", error);
        }
    }

    private async Task<string> Exchange(Process process, string input, int mostCharacters, CancellationToken cancellation)
    {
        Task write = Write(process, input, cancellation);
        Task<string> errors = ReadErrors(process, cancellation);
        string output = await Read(process.StandardOutput, mostCharacters, cancellation).ConfigureAwait(false)
            ?? throw new ExternalToolException(name, $"{name} printed more than {mostCharacters} characters and was stopped.");
        await write.ConfigureAwait(false);
        string error = await errors.ConfigureAwait(false);
        await process.WaitForExitAsync(cancellation).ConfigureAwait(false);
        if (process.ExitCode == 0) return output;
        string said = error.Trim() is { Length: > 0 } text ? $": {text.ReplaceLineEndings("; ")}" : "";
        throw new ExternalToolException(name, $"{name} failed with exit code {process.ExitCode}{said}");
    }

    private static async Task Write(Process process, string input, CancellationToken cancellation)
    {
        try
        {
            await process.StandardInput.WriteAsync(input.AsMemory(), cancellation).ConfigureAwait(false);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The program ended without reading all of it; its exit code says why.
        }
    }

    private static async Task<string> ReadErrors(Process process, CancellationToken cancellation)
    {
        string? text = await Read(process.StandardError, MostErrorCharacters, cancellation, cut: true).ConfigureAwait(false);
        return text ?? "";
    }

    /// <summary>Reads to the end; null where there is more than the bound, or what fits with <paramref name="cut"/>.</summary>
    private static async Task<string?> Read(StreamReader reader, int most, CancellationToken cancellation, bool cut = false)
    {
        var text = new StringBuilder();
        char[] block = new char[1 << 14];
        for (int read; (read = await reader.ReadAsync(block.AsMemory(), cancellation).ConfigureAwait(false)) > 0;)
        {
            int kept = Math.Min(read, most - text.Length);
            text.Append(block, 0, kept);
            if (kept < read && !cut) return null;
        }

        return text.ToString();
    }
}
