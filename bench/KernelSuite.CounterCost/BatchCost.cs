using KernelSuite.Counters;
using KernelSuite.Counters.Cones;
using KernelSuite.Counters.Models;
using KernelSuite.Counters.Refinement;
using KernelSuite.Counters.Reports;
using KernelSuite.Counters.Statistics;
using KernelSuite.Counters.Tests.Refinement;
using KernelSuite.Runtime;

namespace KernelSuite.CounterCost;

/// <summary>
/// Many observations at once: one after another on one thread, and with each device that is no emulator. Half of them refute the base model.
/// </summary>
internal static class BatchCost
{
    private const string Folder = "samples/counters/haswell/";
    private const int Checked = 10_000, Refined = 2_000, Dense = 1_000, Samples = 1_000, Rounds = 3;
    private static readonly string[] True = ["PfSpecT", "EarlyPsc", "Merging"];

    public static IEnumerable<string> Lines()
    {
        FlowModel model = FlowModel.Load(Folder + "mmu.fdl");
        var counters = new CounterSet(File.ReadLines(Folder + "counters-23.txt").Select(l => l.Trim()).Where(l => l.Length > 0 && l[0] != '#'));
        SignatureSet none = model.Enumerate([]).Signatures.Project(counters), some = model.Enumerate(True).Signatures.Project(counters);
        Observation[] right = Workloads.Of(none, Checked / 2, 6, 1, 100), wrong = Workloads.Of(some, Checked / 2, 6, 2, 100);
        Observation[] all = [.. right, .. wrong], refined = wrong[..Refined];
        double[] samples = Values(counters.Count);
        DenseObservation[] dense = [.. Enumerable.Range(0, Dense).Select(i => new DenseObservation($"{i}", Samples))];
        using var devices = new Opened();
        foreach ((string name, Device? device) in devices.All)
        {
            yield return Line($"check, {name}", Checked, "observations", () => ModelCheck.Run(none, all, device: device));
            foreach (int count in (int[])[7, 10])
            {
                var options = new RefineOptions { Counters = counters, Features = [.. model.Features.Take(count).Union(True)], Device = device };
                yield return Line($"refine, {options.Features.Count} features, {name}", Refined, "observations",
                    () => FeatureSearch.Run(model, refined, options));
            }

            yield return Line($"moments of samples in memory, {name}", samples.Length, "values",
                () => device is null ? Build(counters, samples) : DenseSamples.Observe(device, counters, samples, dense));
        }
    }

    private static string Line(string work, int count, string what, Func<object> run)
    {
        double seconds = Clock.Best(Rounds, run).Seconds;
        return $"| {work} | {seconds * 1e3:0} ms | {count / seconds:0} {what} a second |";
    }

    private static Observation[] Build(CounterSet counters, double[] samples)
    {
        int p = counters.Count;
        return [.. Enumerable.Range(0, Dense).Select(b =>
        {
            var builder = new ObservationBuilder($"{b}", counters);
            for (int n = b * Samples; n < (b + 1) * Samples; n++) builder.Add(samples.AsSpan(n * p, p));
            return builder.Build();
        })];
    }

    private static double[] Values(int counters)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, Dense * Samples * counters).Select(_ => (double)random.Next(1_000_000))];
    }

    private sealed class Opened : IDisposable
    {
        public List<(string Name, Device? Device)> All { get; } =
        [
            ("one thread", null),
            .. DeviceCatalog.Default.Enumerate().Where(d => d.Kind != DeviceKind.Emulator)
                .Select(d => (d.Id.ToString(), (Device?)DeviceCatalog.Default.Open(d))),
        ];

        public void Dispose()
        {
            foreach ((_, Device? device) in All) device?.Dispose();
        }
    }
}
