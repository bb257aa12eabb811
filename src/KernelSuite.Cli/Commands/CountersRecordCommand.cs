using System.CommandLine;
using KernelSuite.Counters.Recording;

namespace KernelSuite.Cli.Commands;

/// <summary><c>ksuite counters record</c>.</summary>
internal static class CountersRecordCommand
{
    private const string Cachegrind = "cachegrind";

    public static Command Create(CliHost host)
    {
        var output = new Option<string>("--output", "-o") { Description = "The long table to write", HelpName = "out.csv", Required = true };
        Option<string[]> events = SharedOptions.List("--events", "a,b,…", "Events to count at the same time with perf stat");
        var groups = new Option<string>("--groups") { Description = "Groups of events that take shuffled turns", HelpName = "\"a,b;c,d\"" };
        var interval = new Option<int?>("--interval") { Description = "Length of a turn or sample; without it a turn is a whole run", HelpName = "ms" };
        var shuffle = new Option<int>("--shuffle") { Description = "Seed of the orders", HelpName = "seed", DefaultValueFactory = _ => 1 };
        var repeat = new Option<int>("--repeat") { Description = "Runs of the command", HelpName = "n", DefaultValueFactory = _ => 1 };
        var simulator = new Option<string?>("--simulator") { Description = "Count with a simulator instead of perf" };
        simulator.AcceptOnlyFromAmong(Cachegrind);
        var pid = new Option<int?>("--pid") { Description = "Record the runtime's counters of a .NET process", HelpName = "n" };
        var duration = new Option<double?>("--duration") { Description = "Seconds to record --pid for; else to its end or Ctrl-C", HelpName = "s" };
        var workload = new Option<string?>("--workload") { Description = "What the observation is called (default the command)", HelpName = "name" };
        Option<string> format = SharedOptions.Format();
        var run = new Argument<string[]>("command")
        {
            Description = "The program and its arguments, after --",
            Arity = ArgumentArity.ZeroOrMore,
            DefaultValueFactory = _ => [],
        };
        var command = new Command("record", "Records counters into a long table: perf stat in shuffled groups, cachegrind, or a .NET process")
        {
            output, events, groups, interval, shuffle, repeat, simulator, pid, duration, workload, format, run,
        };
        command.SetAction(parsed =>
        {
            string[] program = parsed.GetValue(run)!;
            int? process = parsed.GetValue(pid);
            if (process is null == (program.Length == 0))
                throw new ArgumentException("Expected either a command after '--' or '--pid': one of them is what to record.");
            IReadOnlyList<IReadOnlyList<string>> turns = Groups(parsed.GetValue(events)!, parsed.GetValue(groups));
            bool simulated = parsed.GetValue(simulator) is not null;
            if ((simulated || process is not null) && turns.Count > 0)
                throw new ArgumentException("--events and --groups are perf's. Expected neither with --simulator or --pid, which count what they "
                    + "have.");
            if (simulated && (process is not null || parsed.GetValue(interval) is not null))
                throw new ArgumentException("--simulator counts whole runs of a command. Expected neither --pid nor --interval with it.");
            if (!simulated && process is null && turns.Count == 0)
                throw new ArgumentException($"Expected --events or --groups, what perf is to count ('perf list' shows it), or --simulator {Cachegrind}.");
            string name = parsed.GetValue(workload) ?? (process is { } id ? $"pid {id}" : string.Join(' ', program));
            using var table = new RecordedTable(parsed.GetValue(output)!, name);
            Task<RecordingSummary> recording;
            if (process is { } number)
            {
                recording = RuntimeRecorder.Record(table, Runtime(number, parsed.GetValue(interval), parsed.GetValue(duration)), host.Cancellation);
            }
            else if (simulated)
            {
                var options = new CachegrindRecordOptions { Command = program, Repeats = parsed.GetValue(repeat) };
                recording = CachegrindRecorder.Record(table, options, host.Cancellation);
            }
            else
            {
                var options = new PerfRecordOptions
                {
                    Command = program,
                    Groups = turns,
                    IntervalMilliseconds = parsed.GetValue(interval),
                    Repeats = parsed.GetValue(repeat),
                    Seed = parsed.GetValue(shuffle),
                };
                recording = PerfRecorder.Record(table, options, host.Cancellation);
            }

            RecordingSummary summary = recording.GetAwaiter().GetResult();
            table.Commit();
            foreach (string warning in summary.Warnings) host.Note(warning);
            bool json = parsed.GetValue(format) == SharedOptions.Json;
            host.Output.WriteLine(json ? RecordingJson.Write(parsed.GetValue(output)!, summary)
                : $"{parsed.GetValue(output)}: {SharedOptions.Number(summary.Rounds)} samples, {SharedOptions.Number(summary.Rows)} rows");
            return ExitCode.Ok;
        });
        return command;
    }

    private static RuntimeRecordOptions Runtime(int pid, int? interval, double? seconds) => new()
    {
        ProcessId = pid,
        IntervalMilliseconds = interval ?? 1000,
        Duration = seconds is null ? null : seconds is > 0 and < 2_592_000 ? TimeSpan.FromSeconds(seconds.Value)
            : throw new ArgumentException($"--duration is {seconds}. Expected seconds above 0 and below 2,592,000."),
    };

    private static IReadOnlyList<IReadOnlyList<string>> Groups(string[] events, string? groups)
    {
        if (events.Length > 0 && groups is not null) throw new ArgumentException("Expected --events or --groups, not both: --events is one group.");
        if (groups is null) return events.Length == 0 ? [] : [SharedOptions.Split(events)];
        return [.. groups.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(group => SharedOptions.Split([group]))];
    }
}
