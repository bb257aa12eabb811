using KernelSuite.Counters.Inputs;
using KernelSuite.Counters.Statistics;

namespace KernelSuite.Counters.Recording;

/// <summary>What <see cref="CachegrindRecorder"/> records.</summary>
public sealed record CachegrindRecordOptions
{
    /// <summary>The program and its arguments.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>Runs; each is a sample.</summary>
    public int Repeats { get; init; } = 1;

    /// <summary>Folders to look for valgrind in, as in PATH; null for PATH.</summary>
    public string? SearchPath { get; init; }
}

/// <summary>Records the exact counts of valgrind's cachegrind, a simulator of two levels of cache and a branch predictor.</summary>
public static class CachegrindRecorder
{
    /// <summary>Records into a table.</summary>
    /// <exception cref="CounterRecordingException">valgrind is missing or failed.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static async Task<RecordingSummary> Record(RecordedTable table, CachegrindRecordOptions options, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(options);
        if (options.Command.Count == 0) throw new ArgumentException("There is no command. Expected a program and its arguments after '--'.",
            nameof(options));
        if (options.Repeats is < 1 or > PerfRecordOptions.MostRepeats)
            throw new ArgumentException($"Repeats is {options.Repeats}. Expected 1 to {PerfRecordOptions.MostRepeats:N0}.", nameof(options));
        string valgrind = ToolProcess.Find("valgrind", options.SearchPath)
            ?? throw new CounterRecordingException("valgrind is not on the PATH. Expected it for '--simulator cachegrind'; install the package "
                + "valgrind.");
        string output = Path.Combine(Path.GetTempPath(), $"ksuite-cachegrind-{Guid.NewGuid():N}");
        var warnings = new SortedSet<string>(StringComparer.Ordinal);
        try
        {
            for (int round = 0; round < options.Repeats; round++)
            {
                string[] arguments = ["--tool=cachegrind", "--cache-sim=yes", "--branch-sim=yes", $"--cachegrind-out-file={output}",
                    .. options.Command];
                ToolResult result = await ToolProcess.Run(valgrind, arguments, cancellation).ConfigureAwait(false);
                if (!File.Exists(output)) throw Failed(result);
                if (result.ExitCode != 0) warnings.Add($"the command ended with exit code {result.ExitCode}");
                Observation counts = CounterSamples.Read([output], new SampleReadOptions { Format = SampleFormat.Cachegrind }).Observations[0];
                File.Delete(output);
                for (int i = 0; i < counts.Counters.Count; i++) table.Add(new RecordedValue(round, counts.Counters[i], counts.Moments.Mean[i]));
            }

            return new RecordingSummary(options.Repeats, table.Rows, [.. warnings]);
        }
        finally
        {
            File.Delete(output);
        }
    }

    private static CounterRecordingException Failed(ToolResult result) => new(
        $"valgrind ended with exit code {result.ExitCode} and wrote no counts: {result.Error.Trim().ReplaceLineEndings(" ")}. Expected a file of "
        + "cachegrind. "
        + "Run the command under 'valgrind --tool=cachegrind' by hand to see why.");
}
