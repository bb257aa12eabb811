using System.Globalization;
using KernelSuite.CounterCost;
using KernelSuite.Counters.Cones;
using KernelSuite.Counters.Models;

// What counter-region analysis costs on one core: facets of a model, verdicts, and the reading of samples; then batches, on devices too.
// Run from the root of the repository.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
string path = args.Length > 0 ? args[0] : "samples/counters/haswell/base.fdl";
int values = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 20_000_000;
SignatureSet signatures = FlowModel.Load(path).Enumerate().Signatures;
Console.WriteLine($"{path}: {signatures.Counters.Count} counters, {signatures.Count} signatures, one core unless a device is named, best of several");
Console.WriteLine("| work | time | rate |");
Console.WriteLine("|---|--:|--:|");
(double facets, ModelCone cone) = Clock.Best(20, () => ModelCone.Of(signatures));
Console.WriteLine($"| {cone.Equalities.Count} equalities and {cone.Inequalities.Count} facets | {facets * 1e3:0.00} ms | |");
foreach (string line in VerdictCost.Lines(signatures, cone)) Console.WriteLine(line);
foreach (string line in ReadingCost.Lines(values)) Console.WriteLine(line);
foreach (string line in BatchCost.Lines()) Console.WriteLine(line);
