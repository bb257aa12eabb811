using KernelSuite.Counters.Inputs;
using KernelSuite.Counters.Recording;

namespace KernelSuite.Counters.Tests.Recording;

public sealed class RuntimeRecorderTests
{
    [Fact]
    public async Task Counters_of_a_running_process_become_samples()
    {
        string path = Path.GetTempFileName();
        using var stop = new CancellationTokenSource();

        // The test host is a .NET process too, and this work gives its counters something to count.
        Task work = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                GC.KeepAlive(new byte[1 << 16]);
                await Task.Delay(5);
            }
        });
        try
        {
            // Where others keep the machine busy, a session may need long to begin: longer recordings follow until one has two rounds.
            RecordingSummary summary;
            int seconds = 6;
            do
            {
                using var table = new RecordedTable(path, "self");
                summary = await RuntimeRecorder.Record(table, new RuntimeRecordOptions
                {
                    ProcessId = Environment.ProcessId,
                    IntervalMilliseconds = 200,
                    Duration = TimeSpan.FromSeconds(seconds),
                });
                table.Commit();
            }
            while (summary.Rounds < 2 && (seconds *= 3) < 60);

            Assert.True(summary.Rounds >= 2);
            Assert.Contains(summary.Warnings, w => w.Contains("gc-heap-size", StringComparison.Ordinal));
            ObservationSet set = CounterSamples.Read([path]);
            Assert.Contains("alloc-rate", set.Observations[0].Counters);
            Assert.DoesNotContain("gc-heap-size", set.Observations[0].Counters);
            Assert.True(set.Observations[0].Moments.Mean[set.Observations[0].Counters.IndexOf("alloc-rate")] > 0);
        }
        finally
        {
            await stop.CancelAsync();
            await work;
            File.Delete(path);
        }
    }

    [Fact]
    public async Task A_process_that_is_not_there_is_named()
    {
        string path = Path.GetTempFileName();
        using (var table = new RecordedTable(path, "none"))
        {
            CounterRecordingException error = await Assert.ThrowsAsync<CounterRecordingException>(
                () => RuntimeRecorder.Record(table, new RuntimeRecordOptions { ProcessId = int.MaxValue }));
            Assert.Contains(int.MaxValue.ToString(), error.Message, StringComparison.Ordinal);
        }

        File.Delete(path);
    }

    [Fact]
    public void Increments_are_counts_and_means_are_not()
    {
        string path = Path.GetTempFileName();
        using (var table = new RecordedTable(path, "w"))
        {
            var counters = new RuntimeCounters(table);
            for (int i = 0; i < 3; i++)
            {
                counters.Take(Sum("gen-0-gc-count", i));
                counters.Take(new Dictionary<string, object> { ["Name"] = "cpu-usage", ["CounterType"] = "Mean", ["Mean"] = 12.5 });
                counters.Take(Sum("exception-count", 10.0 * i));
            }

            counters.Take(new Dictionary<string, object> { ["CounterType"] = "Sum" });
            Assert.Equal((3, 6), (counters.Rounds, table.Rows));
            Assert.Equal(["cpu-usage"], counters.Levels);
            table.Commit();
        }

        Assert.Equal(3, CounterSamples.Read([path]).Report.Samples);
        File.Delete(path);
    }

    private static Dictionary<string, object> Sum(string name, double value) =>
        new() { ["Name"] = name, ["CounterType"] = "Sum", ["Increment"] = value, ["IntervalSec"] = 0.5f };
}
