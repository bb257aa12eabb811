using System.Diagnostics;
using KernelSuite.Counters.Inputs;

namespace KernelSuite.CounterCost;

/// <summary>Reading of tables of samples into means and covariances, in one pass; the files are made for it and deleted.</summary>
internal static class ReadingCost
{
    private const int Counters = 23, Configurations = 4;

    public static IEnumerable<string> Lines(int values)
    {
        yield return Measure("long table", values, WriteLong);
        yield return Measure("wide table", values, WriteWide);
    }

    private static string Measure(string name, int values, Action<StreamWriter, int> write)
    {
        string path = Path.Combine(Path.GetTempPath(), $"ksuite-counter-cost-{Environment.ProcessId}.csv");
        try
        {
            using (var writer = new StreamWriter(path)) write(writer, values / Counters);
            long bytes = new FileInfo(path).Length;
            var options = new SampleReadOptions { GroupBy = ["configuration"] };
            (double seconds, ObservationSet set) = Clock.Best(3, () => CounterSamples.Read([path], options));
            long samples = set.Observations.Sum(o => o.Moments.Count);
            long memory = Process.GetCurrentProcess().PeakWorkingSet64 >> 20;
            return $"| {name}: {samples * Counters:N0} values, {bytes / 1e6:0} MB, peak memory of the process {memory} MiB | {seconds:0.00} s | {bytes / seconds / 1e6:0} MB/s |";
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static void WriteLong(StreamWriter writer, int samples)
    {
        writer.WriteLine("configuration,time,counter,value");
        var random = new Random(1);
        for (int n = 0; n < samples; n++)
            for (int i = 0; i < Counters; i++) writer.WriteLine($"c{n % Configurations},{n / Configurations * 0.01:0.00},unit.event_{i},{random.Next(1_000_000)}");
    }

    private static void WriteWide(StreamWriter writer, int samples)
    {
        writer.WriteLine("configuration,time," + string.Join(',', Enumerable.Range(0, Counters).Select(i => $"unit.event_{i}")));
        var random = new Random(1);
        for (int n = 0; n < samples; n++)
        {
            writer.Write($"c{n % Configurations},{n / Configurations * 0.01:0.00}");
            for (int i = 0; i < Counters; i++) writer.Write($",{random.Next(1_000_000)}");
            writer.WriteLine();
        }
    }
}
