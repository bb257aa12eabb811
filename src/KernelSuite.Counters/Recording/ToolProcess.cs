using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace KernelSuite.Counters.Recording;

/// <summary>
/// Runs programs without a shell, from a list of arguments; keeps the end of what they print; ends them and their children on cancellation.
/// </summary>
internal static class ToolProcess
{
    private const int KeptCharacters = 4096;

    /// <summary>The file of a program: a path as given, or the first of that name in the folders of a search path.</summary>
    public static string? Find(string name, string? searchPath)
    {
        if (name.Contains(Path.DirectorySeparatorChar, StringComparison.Ordinal)) return File.Exists(name) ? name : null;
        searchPath ??= Environment.GetEnvironmentVariable("PATH") ?? "";
        foreach (string folder in searchPath.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
        {
            string path = Path.Combine(folder, name);
            if (File.Exists(path) && (OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & UnixFileMode.UserExecute) != 0)) return path;
        }

        return null;
    }

    /// <summary>Starts a program. Its output is read so that it never waits, and only its end is kept.</summary>
    public static RunningTool Start(string file, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(file) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (string argument in arguments) start.ArgumentList.Add(argument);

        // The numbers of tools have decimal points and no grouping.
        start.Environment["LC_ALL"] = "C";
        try
        {
            var process = Process.Start(start)!;
            return new RunningTool(process, KeepEnd(process.StandardOutput), KeepEnd(process.StandardError));
        }
        catch (Win32Exception thrown)
        {
            throw new CounterRecordingException($"'{file}' cannot be started: {thrown.Message}. Expected a program; name it by its path.", thrown);
        }
    }

    /// <summary>Runs a program to its end.</summary>
    public static async Task<ToolResult> Run(string file, IEnumerable<string> arguments, CancellationToken cancellation)
    {
        using RunningTool tool = Start(file, arguments);
        return await tool.End(cancellation).ConfigureAwait(false);
    }

    private static async Task<string> KeepEnd(StreamReader reader)
    {
        var kept = new StringBuilder();
        var buffer = new char[KeptCharacters];
        for (int read; (read = await reader.ReadAsync(buffer).ConfigureAwait(false)) > 0;)
        {
            kept.Append(buffer, 0, read);
            if (kept.Length > KeptCharacters) kept.Remove(0, kept.Length - KeptCharacters);
        }

        return kept.ToString();
    }
}

/// <summary>How a program ended.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">The end of what it printed.</param>
/// <param name="Error">The end of what it printed on standard error.</param>
internal sealed record ToolResult(int ExitCode, string Output, string Error);

/// <summary>A program that runs. Disposing of it ends it.</summary>
internal sealed class RunningTool(Process process, Task<string> output, Task<string> error) : IDisposable
{
    public int Id => process.Id;

    public bool HasExited => process.HasExited;

    public async Task<ToolResult> End(CancellationToken cancellation)
    {
        try
        {
            await process.WaitForExitAsync(cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            Kill();
            throw;
        }

        return new ToolResult(process.ExitCode, await output.ConfigureAwait(false), await error.ConfigureAwait(false));
    }

    public void Dispose()
    {
        Kill();
        process.Dispose();
    }

    private void Kill()
    {
        if (!process.HasExited) process.Kill(entireProcessTree: true);
    }
}
