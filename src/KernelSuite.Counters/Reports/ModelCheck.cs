using KernelSuite.Counters.Cones;
using KernelSuite.Counters.Inputs;
using KernelSuite.Counters.Models;
using KernelSuite.Counters.Statistics;
using KernelSuite.Counters.Verdicts;
using KernelSuite.Runtime;

namespace KernelSuite.Counters.Reports;

/// <summary>Tests a model against observations, all of them and row by row.</summary>
/// <example><code>
/// FlowModel model = FlowModel.Load("m.fdl");
/// ObservationSet samples = CounterSamples.Read(["bfs.csv"], new SampleReadOptions { Counters = model.Counters });
/// CheckReport report = ModelCheck.Run(model, samples);
/// foreach (CheckedObservation one in report.Observations) Console.WriteLine($"{one.Result.Observation.Id}: {one.Result.Verdict}");
/// </code></example>
public static class ModelCheck
{
    // A cone's facets can take seconds. Observations of one study have a handful of counter sets; beyond this many only equalities are known.
    private const int MostFacetSets = 32;

    /// <summary>Tests a model against what files of samples were summarised to; the report tells what was read.</summary>
    /// <inheritdoc cref="Run(FlowModel, IReadOnlyList{Observation}, VerdictOptions?, CounterSet?, ConeLimits?, Device?, CancellationToken)"/>
    public static CheckReport Run(
        FlowModel model, ObservationSet observations, VerdictOptions? options = null, CounterSet? counters = null, ConeLimits? limits = null,
        Device? device = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(observations);
        return Run(model, observations.Observations, options, counters, limits, device, cancellation).With(observations.Report, model.Counters);
    }

    /// <summary>Tests a model under its own selection of features.</summary>
    /// <param name="model">The model.</param>
    /// <param name="observations">What was measured. Runs of one id in distinct groups count as one observation with shuffled counter groups.</param>
    /// <param name="options">How to test; null for the conditional test at 0.99.</param>
    /// <param name="counters">Counters of the model to test on; null for all that were measured.</param>
    /// <param name="limits">Bounds of the facet enumeration; past them certificates are explained without rows.</param>
    /// <param name="device">
    /// What large batches are computed with: the cpu device with its threads, another one with its kernels and all threads of the host. Null for one
    /// observation after another on the calling thread. The report does not depend on it, but for the rounding of its numbers.
    /// </param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="ArgumentException">The model lacks one of <paramref name="counters"/>.</exception>
    /// <exception cref="FlowPathException">The model has errors, a path never ends, or there are too many.</exception>
    /// <exception cref="NotSupportedException">The device has no double precision.</exception>
    /// <exception cref="DeviceException">The device failed.</exception>
    public static CheckReport Run(
        FlowModel model, IReadOnlyList<Observation> observations, VerdictOptions? options = null, CounterSet? counters = null,
        ConeLimits? limits = null, Device? device = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (counters is not null) CounterNames.CheckAllIn(counters, model.Counters, model.Name);
        PathSet paths = model.Enumerate(cancellation: cancellation);
        SignatureSet signatures = counters is null ? paths.Signatures : paths.Signatures.Project(counters);
        CheckReport report = Run(signatures, observations, options, limits, device, cancellation);
        return report with { Model = model.Name, Features = paths.Features, Paths = paths.Count };
    }

    /// <summary>Tests signatures.</summary>
    /// <param name="signatures">Those of a model.</param>
    /// <param name="observations">What was measured.</param>
    /// <param name="options">How to test; null for the conditional test at 0.99.</param>
    /// <param name="limits">Bounds of the facet enumeration.</param>
    /// <param name="device">What large batches are computed with; null for one observation after another on the calling thread.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="NotSupportedException">The device has no double precision.</exception>
    /// <exception cref="DeviceException">The device failed.</exception>
    public static CheckReport Run(
        SignatureSet signatures, IReadOnlyList<Observation> observations, VerdictOptions? options = null, ConeLimits? limits = null,
        Device? device = null, CancellationToken cancellation = default)
    {
        using VerdictBatch? batch = device is null ? null : new VerdictBatch(device);
        return Run(signatures, observations, options, limits, batch, cancellation);
    }

    internal static CheckReport Run(
        SignatureSet signatures, IReadOnlyList<Observation> observations, VerdictOptions? options, ConeLimits? limits, VerdictBatch? batch,
        CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(signatures);
        ArgumentNullException.ThrowIfNull(observations);
        options ??= new VerdictOptions();
        CounterSet measured = ObservationRuns.Measured(signatures.Counters, observations);
        var tests = new Dictionary<CounterSet, (ConeTest Test, ModelCone? Cone)>();
        var tally = new RowTally(signatures.Counters, 1 - options.Confidence);
        (_, ModelCone? whole) = TestOf(measured);
        IReadOnlyList<TestedRuns> runs = ObservationRuns.Of(observations);
        var results = new VerdictResult[runs.Count];
        var cones = new ModelCone?[runs.Count];
        foreach (IGrouping<CounterSet, int> same in Enumerable.Range(0, runs.Count).GroupBy(r => runs[r].Counters))
        {
            cancellation.ThrowIfCancellationRequested();
            (ConeTest test, ModelCone? cone) = TestOf(signatures.Counters.Intersect(same.Key));
            int[] places = [.. same];
            VerdictResult[]? together = batch?.Takes(places.Length) == true
                ? batch.Check(test, [.. places.Select(r => runs[r])], cancellation) : null;
            for (int i = 0; i < places.Length; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                (results[places[i]], cones[places[i]]) = (together?[i] ?? test.CheckRuns(runs[places[i]]), cone);
            }
        }

        for (int r = 0; r < results.Length; r++) tally.Add(results[r], cones[r]);
        double[] adjusted = MultipleTests.BenjaminiHochberg([.. results.Select(r => Math.Clamp(r.PValue, 0, 1))]);
        return new CheckReport
        {
            Signatures = signatures,
            Options = options,
            Cone = whole,
            Measured = measured,
            Unmeasured = [.. signatures.Counters.Where(c => !measured.Contains(c))],
            Foreign = [.. observations.Select(o => o.Counters).Distinct().SelectMany(c => c).Distinct().Where(c => !signatures.Counters.Contains(c))],
            Observations = [.. results.Select((r, i) => new CheckedObservation(r, adjusted[i])).OrderBy(Rank).ThenBy(o => o.Result.PValue)
                .ThenByDescending(o => double.IsNaN(o.Result.Distance) ? 0 : o.Result.Distance)],
            Rows = tally.Rows(results.Length),
        };

        (ConeTest Test, ModelCone? Cone) TestOf(CounterSet axes)
        {
            if (tests.TryGetValue(axes, out (ConeTest, ModelCone?) known)) return known;
            ModelCone? cone = axes.Count is 0 or > ModelCone.MostCounters ? null
                : ModelCone.Of(signatures.Project(axes), tests.Count < MostFacetSets ? limits : ConeLimits.EqualitiesOnly, cancellation);
            return tests[axes] = (new ConeTest(signatures, options, cone is null ? null : tally.TestRows(cone)), cone);
        }
    }

    private static int Rank(CheckedObservation one) => one.Result.Verdict switch
    {
        Verdict.Refuted => 0,
        Verdict.Inconclusive => 1,
        _ => 2,
    };
}
