using System.Globalization;
using KernelSuite.Counters.Inputs;

namespace KernelSuite.Counters.Recording;

/// <summary>
/// Records counters with <c>perf stat</c>, more than the hardware has at a time: groups take turns, one process of perf for each turn, in an order
/// that is drawn anew for every round from a seed. The kernel's own rotation has a fixed order, and a program whose period locks on it refutes true
/// models.
/// </summary>
public sealed class PerfRecorder
{
    private readonly PerfRecordOptions options;
    private readonly RecordedTable table;
    private readonly string perf;
    private readonly string output = Path.Combine(Path.GetTempPath(), $"ksuite-perf-{Guid.NewGuid():N}");
    private readonly SortedSet<string> warnings = new(StringComparer.Ordinal);
    private readonly Random random;
    private long round;

    private PerfRecorder(RecordedTable table, PerfRecordOptions options)
    {
        (this.table, this.options) = (table, options);
        perf = ToolProcess.Find("perf", options.SearchPath) ?? throw new CounterRecordingException(
            "perf is not on the PATH. Expected Linux's perf (Debian: apt install linux-perf; Ubuntu: linux-tools-generic). Without it, "
            + "'--simulator cachegrind' counts exactly.");
        random = new Random(options.Seed);
    }

    /// <summary>Records into a table.</summary>
    /// <exception cref="CounterRecordingException">perf is missing or failed, or an event is not supported.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static async Task<RecordingSummary> Record(RecordedTable table, PerfRecordOptions options, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        var recorder = new PerfRecorder(table, options);
        try
        {
            for (int run = 0; run < options.Repeats; run++)
                await (options.IntervalMilliseconds is { } interval ? recorder.Attached(interval, cancellation) : recorder.WholeRuns(cancellation))
                    .ConfigureAwait(false);
            return new RecordingSummary(recorder.round, table.Rows, [.. recorder.warnings]);
        }
        finally
        {
            File.Delete(recorder.output);
        }
    }

    private async Task WholeRuns(CancellationToken cancellation)
    {
        int[] order = Order();
        for (int position = 0; position < order.Length; position++)
        {
            ToolResult result = await ToolProcess.Run(perf, [.. Arguments(order[position]), "--", .. options.Command], cancellation)
                .ConfigureAwait(false);
            if (!Keep(order, position)) throw Failed(result);
            if (result.ExitCode != 0) warnings.Add($"the command ended with exit code {result.ExitCode}");
        }

        round++;
    }

    private async Task Attached(int interval, CancellationToken cancellation)
    {
        string sleep = ToolProcess.Find("sleep", options.SearchPath)
            ?? throw new CounterRecordingException("sleep is not on the PATH. Expected it beside perf; it times an interval.");
        string seconds = (interval / 1000.0).ToString("R", CultureInfo.InvariantCulture);
        using RunningTool command = ToolProcess.Start(options.Command[0], options.Command.Skip(1));
        string id = command.Id.ToString(CultureInfo.InvariantCulture);
        while (!command.HasExited)
        {
            int[] order = Order();
            for (int position = 0; position < order.Length && !command.HasExited; position++)
            {
                ToolResult result = await ToolProcess.Run(perf, [.. Arguments(order[position]), "-p", id, "--", sleep, seconds], cancellation)
                    .ConfigureAwait(false);

                // The command's last interval is shorter than the others, and perf may come too late for it.
                if (command.HasExited) break;
                if (!Keep(order, position)) throw Failed(result);
            }

            round++;
        }

        ToolResult ended = await command.End(cancellation).ConfigureAwait(false);
        if (ended.ExitCode != 0) warnings.Add($"the command ended with exit code {ended.ExitCode}");
    }

    private IEnumerable<string> Arguments(int group) => ["stat", "-x", PerfOutput.Separator.ToString(), "-o", output, "-e",
        string.Join(',', options.Groups[group])];

    private int[] Order()
    {
        int[] order = [.. Enumerable.Range(0, options.Groups.Count)];
        random.Shuffle(order);
        return order;
    }

    private bool Keep(int[] order, int position)
    {
        List<(string Event, PerfCount Count, bool IsCounted)> counts = PerfOutput.Read(output);
        File.Delete(output);
        foreach ((string name, PerfCount count, bool isCounted) in counts)
        {
            if (isCounted && count.RunningPercent < 100)
                warnings.Add(
                    $"group {order[position]} was multiplexed by the kernel too, so that its values are estimates: put fewer events into a group");
            table.Add(new RecordedValue(round, name, isCounted ? count.Value : null)
            {
                RunNanoseconds = count.RunNanoseconds,
                RunningPercent = count.RunningPercent,
                Group = order[position],
                Position = position,
                Order = string.Join('-', order),
                Seed = options.Seed,
            });
        }

        return counts.Count > 0;
    }

    private static CounterRecordingException Failed(ToolResult result)
    {
        string said = string.Join(' ', result.Error.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        string next = said.Contains("Workload failed", StringComparison.Ordinal)
            ? "Check that the command is a program in PATH, or give its path."
            : "Check the events with 'perf list', and that /proc/sys/kernel/perf_event_paranoid is at most 2.";
        return new CounterRecordingException(
            $"perf stat ended with exit code {result.ExitCode} and recorded nothing: {(said.Length > 0 ? said : "it said nothing")}. Expected "
            + $"values. {next}");
    }
}
