using System.Diagnostics;
using KernelSuite.Counters.Inputs;
using KernelSuite.Counters.Recording;

namespace KernelSuite.Counters.Tests.Recording;

public sealed class RecorderTests
{
    [SkippableFact]
    public async Task Groups_take_turns_in_orders_that_a_seed_repeats()
    {
        string first = await Rounds(7), again = await Rounds(7), other = await Rounds(8);
        Assert.Equal(first, again);
        Assert.NotEqual(first, other);

        static async Task<string> Rounds(int seed)
        {
            using FakeTools tools = new FakeTools().AddPerf();
            RecordingSummary summary = await Perf(tools, new PerfRecordOptions
            {
                Command = ["prog", "a b", "$(reboot)"],
                Groups = [["aa", "bbb"], ["cccc"], ["ddddd"]],
                Repeats = 12,
                Seed = seed,
                SearchPath = tools.Folder,
            });
            Assert.Equal((12, 48), (summary.Rounds, summary.Rows));
            string[] log = File.ReadAllLines(tools.Log);
            Assert.Equal(36, log.Length);
            Assert.All(log, line => Assert.EndsWith(" -- prog a b $(reboot)", line, StringComparison.Ordinal));
            ObservationSet set = CounterSamples.Read([tools.Table], new SampleReadOptions());
            Assert.Equal((12, 0), (set.Report.Samples, set.Report.Dropped));
            Assert.Equal(["aa", "bbb", "cccc", "ddddd"], set.Observations[0].Counters.Order());
            Assert.Equal("w, x", set.Observations[0].Id);
            Assert.Equal([seed.ToString()], CounterSamples.Read([tools.Table], new SampleReadOptions { ShuffleBy = "seed" }).Observations.Select(o =>
                o.Group));
            Assert.True(CounterSamples.Read([tools.Table], new SampleReadOptions { GroupBy = ["order"] }).Observations.Count > 1);
            return string.Join('\n', log.Select(l => l.Split(' ')[7]));
        }
    }

    [SkippableFact]
    public async Task Turns_within_a_run_attach_to_the_command()
    {
        string? sleep = ToolProcess.Find("sleep", null);
        Skip.If(sleep is null, "sleep is not on the PATH.");
        using FakeTools tools = new FakeTools().Add("perf", """
            for e in $(echo "$events" | tr ',' ' '); do echo "1;;$e;1000;100.00;;" >> "$out"; done
            exec sleep 0.05
            """).Add("sleep", "exit 0");
        RecordingSummary summary = await Perf(tools, new PerfRecordOptions
        {
            Command = [sleep!, "1"],
            Groups = [["a"], ["b"]],
            IntervalMilliseconds = 50,
            SearchPath = tools.Folder,
        });
        Assert.True(summary.Rounds >= 1);
        Assert.All(File.ReadAllLines(tools.Log), line => Assert.Matches("^perf stat -x ; -o .* -e [ab] -p [0-9]+ -- .*sleep 0.05$", line));
    }

    [SkippableFact]
    public async Task What_cannot_be_recorded_says_what_to_do()
    {
        using var tools = new FakeTools();
        PerfRecordOptions options = new() { Command = ["x"], Groups = [["cycles"]], SearchPath = tools.Folder };
        Assert.Contains("apt install linux-perf", (await Fails(tools, options)).Message, StringComparison.Ordinal);
        tools.Add("perf", "echo '<not supported>;;cycles;0;100.00;;' > \"$out\"");
        Assert.Contains("'cycles' is <not supported>", (await Fails(tools, options)).Message, StringComparison.Ordinal);
        tools.Add("perf", "echo 'event syntax error' >&2; exit 129");
        Assert.Contains("exit code 129 and recorded nothing: event syntax error", (await Fails(tools, options)).Message, StringComparison.Ordinal);
        tools.Add("perf", "echo 'Workload failed: No such file or directory' >&2; exit 255");
        Assert.Contains("Check that the command is a program in PATH", (await Fails(tools, options)).Message, StringComparison.Ordinal);
        Assert.False(File.Exists(tools.Table) || File.Exists(tools.Table + ".part"));
        await Assert.ThrowsAsync<ArgumentException>(() => Perf(tools, options with { Groups = [["a"], ["a"]] }));
        await Assert.ThrowsAsync<ArgumentException>(() => Perf(tools, options with { Repeats = 0 }));
    }

    [SkippableFact]
    public async Task What_was_not_counted_is_recorded_as_missing_and_multiplexing_noted()
    {
        using FakeTools tools = new FakeTools().Add("perf", "echo '<not counted>;;a;0;0.00;;' > \"$out\"; echo '9;;b;5;40.00;;' >> \"$out\"; exit 3");
        RecordingSummary summary = await Perf(tools, new PerfRecordOptions { Command = ["x"], Groups = [["a", "b"]], SearchPath = tools.Folder });
        Assert.Contains(summary.Warnings, w => w.Contains("multiplexed", StringComparison.Ordinal));
        Assert.Contains(summary.Warnings, w => w.Contains("exit code 3", StringComparison.Ordinal));
        Assert.Equal(1, CounterSamples.Read([tools.Table], new SampleReadOptions()).Report.Samples);
    }

    [SkippableFact]
    public async Task Cancellation_ends_the_tool_and_leaves_no_file()
    {
        using FakeTools tools = new FakeTools().Add("perf", "echo $$ > \"$out.pid\"; mv \"$out.pid\" '" + "PIDFILE" + "'; exec sleep 600");
        string pidFile = Path.Combine(tools.Folder, "pid");
        string script = Path.Combine(tools.Folder, "perf");
        File.WriteAllText(script, File.ReadAllText(script).Replace("PIDFILE", pidFile, StringComparison.Ordinal));
        using var stop = new CancellationTokenSource();
        Task<RecordingSummary> recording = Perf(tools, new PerfRecordOptions { Command = ["x"], Groups = [["a"]], SearchPath = tools.Folder },
            stop.Token);
        while (!File.Exists(pidFile)) await Task.Delay(10);
        int pid = int.Parse(await File.ReadAllTextAsync(pidFile));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => recording);
        for (int i = 0; i < 6000 && IsAlive(pid); i++) await Task.Delay(10);
        Assert.False(IsAlive(pid));
        Assert.False(File.Exists(tools.Table) || File.Exists(tools.Table + ".part"));
    }

    [SkippableFact]
    public async Task Cachegrind_of_a_script_becomes_samples()
    {
        using FakeTools tools = new FakeTools().Add("valgrind", "printf 'desc: x\\ncmd: x\\nevents: Ir Dr\\nsummary: 100 7\\n' > \"$cg\"");
        using (var table = new RecordedTable(tools.Table, "w"))
        {
            var options = new CachegrindRecordOptions { Command = ["x", "y z"], Repeats = 3, SearchPath = tools.Folder };
            Assert.Equal((3, 6), (await CachegrindRecorder.Record(table, options) is var s ? (s.Rounds, s.Rows) : default));
            table.Commit();
            await Assert.ThrowsAsync<CounterRecordingException>(() => CachegrindRecorder.Record(table, options with { SearchPath = "/nowhere" }));
        }

        ObservationSet set = CounterSamples.Read([tools.Table]);
        Assert.Equal((3, 100.0, 7.0), (set.Report.Samples, set.Observations[0].Moments.Mean[0], set.Observations[0].Moments.Mean[1]));
        tools.Add("valgrind", "echo 'cannot open' >&2; exit 1");
        using var failed = new RecordedTable(tools.Table, "w");
        CounterRecordingException error = await Assert.ThrowsAsync<CounterRecordingException>(
            () => CachegrindRecorder.Record(failed, new CachegrindRecordOptions { Command = ["x"], SearchPath = tools.Folder }));
        Assert.Contains("cannot open", error.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Real_cachegrind_counts_a_program()
    {
        string? program = ToolProcess.Find("true", null);
        Skip.If(program is null || ToolProcess.Find("valgrind", null) is null, "valgrind is not on the PATH.");
        string path = Path.GetTempFileName();
        try
        {
            using (var table = new RecordedTable(path, "true"))
            {
                await CachegrindRecorder.Record(table, new CachegrindRecordOptions { Command = [program!], Repeats = 2 });
                table.Commit();
            }

            ObservationSet set = CounterSamples.Read([path]);
            Assert.Equal(2, set.Report.Samples);
            Assert.Contains("Ir", set.Observations[0].Counters);
            Assert.Contains("Bcm", set.Observations[0].Counters);
            int[] at = [.. new[] { "Ir", "I1mr", "ILmr" }.Select(set.Observations[0].Counters.IndexOf)];
            double[] mean = set.Observations[0].Moments.Mean.ToArray();
            Assert.True(mean[at[0]] > 10_000 && mean[at[0]] >= mean[at[1]] && mean[at[1]] >= mean[at[2]]);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [SkippableFact]
    public async Task Real_perf_counts_software_events_in_groups()
    {
        string? program = ToolProcess.Find("true", null);
        Skip.If(program is null || ToolProcess.Find("perf", null) is null, "perf is not on the PATH.");
        string path = Path.GetTempFileName();
        try
        {
            using var table = new RecordedTable(path, "true");
            try
            {
                await PerfRecorder.Record(table, new PerfRecordOptions
                {
                    Command = [program!],
                    Groups = [["page-faults"], ["context-switches"]],
                    Repeats = 2
                });
            }
            catch (CounterRecordingException refused)
            {
                Skip.If(true, $"perf may not count here: {refused.Message}");
            }

            table.Commit();
            ObservationSet set = CounterSamples.Read([path]);
            Assert.Equal(2, set.Report.Samples);
            Assert.True(set.Observations[0].Moments.Mean[set.Observations[0].Counters.IndexOf("page-faults")] > 0);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static async Task<RecordingSummary> Perf(FakeTools tools, PerfRecordOptions options, CancellationToken cancellation = default)
    {
        using var table = new RecordedTable(tools.Table, "w, x");
        RecordingSummary summary = await PerfRecorder.Record(table, options, cancellation);
        table.Commit();
        return summary;
    }

    private static Task<CounterRecordingException> Fails(FakeTools tools, PerfRecordOptions options) =>
        Assert.ThrowsAsync<CounterRecordingException>(() => Perf(tools, options));

    private static bool IsAlive(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
