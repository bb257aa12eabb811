using KernelSuite.Counters.Inputs;
using KernelSuite.Counters.Models;
using KernelSuite.Counters.Reports;
using KernelSuite.Counters.Verdicts;

// Four wrong models of a simulated two-level cache and a right one, against counters recorded from real programs. Run from the root of the repository.
string folder = args.Length > 0 ? args[0] : "samples/counters/cachegrind";
string[] recorded = Directory.GetFiles(folder, "*.csv");
foreach (string path in Directory.GetFiles(folder, "*.fdl").Order(StringComparer.Ordinal))
{
    FlowModel model = FlowModel.Load(path);
    ObservationSet samples = CounterSamples.Read(recorded, new SampleReadOptions { Counters = model.Counters, GroupBy = ["program", "input", "caches"], Exact = true });
    CheckReport report = ModelCheck.Run(model, samples);
    Console.WriteLine($"{model.Name}: {report.Count(Verdict.Refuted)} of {report.Observations.Count} observations refute it");
    foreach (CheckedRow row in report.Rows.Where(row => row.Failing.Count > 0)) Console.WriteLine($"  it says {row.Row}, which {row.Failing.Count} break");
}
