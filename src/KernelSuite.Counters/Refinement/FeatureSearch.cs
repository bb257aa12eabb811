using KernelSuite.Counters.Models;
using KernelSuite.Counters.Statistics;
using KernelSuite.Counters.Verdicts;
using KernelSuite.Runtime;

namespace KernelSuite.Counters.Refinement;

/// <summary>
/// Which sets of a model's features explain all observations. Small sets come first and supersets of feasible ones last, so a feasible set that is
/// met in the first part is minimal whether or not features only add behaviour. An observation that refutes a set leaves a certificate w; it refutes
/// every set whose signatures all satisfy w · s ≤ 0, which is tested in integers before anything is solved.
/// </summary>
/// <example><code>
/// FeatureSearchResult found = FeatureSearch.Run(FlowModel.Load("mmu.fdl"), samples.Observations);
/// foreach (FeatureSetResult set in found.Minimal) Console.WriteLine(string.Join(", ", set.Features));
/// </code></example>
public static class FeatureSearch
{
    /// <summary>Searches.</summary>
    /// <param name="model">A model with features.</param>
    /// <param name="observations">What was measured. Runs of one id in distinct groups count as one observation with shuffled counter groups.</param>
    /// <param name="options">How to test and what it may cost.</param>
    /// <param name="cancellation">Stops it with <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="ArgumentException">A feature or counter is not the model's, there are more features than
    /// <see cref="RefineOptions.MostFeatures"/>, or no observation has a counter of the model.</exception>
    /// <exception cref="FlowPathException">The model has errors, a path never ends, or there are too many.</exception>
    /// <exception cref="NotSupportedException">The device has no double precision.</exception>
    /// <exception cref="DeviceException">The device failed.</exception>
    public static FeatureSearchResult Run(
        FlowModel model, IReadOnlyList<Observation> observations, RefineOptions? options = null, CancellationToken cancellation = default)
    {
        options ??= new RefineOptions();
        using VerdictBatch? batch = options.Device is null ? null : new VerdictBatch(options.Device);
        return Run(model, observations, options, batch, cancellation);
    }

    internal static FeatureSearchResult Run(
        FlowModel model, IReadOnlyList<Observation> observations, RefineOptions options, VerdictBatch? batch, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(observations);
        options.Check();
        FeatureSpace space = FeatureSpace.Of(model, observations, options, cancellation);
        IReadOnlyList<TestedRuns> runs = ObservationRuns.Of(observations);
        double confidence = 1 - (1 - options.Verdicts.Confidence) / runs.Count;
        var tester = new SetTester(space.Pool, runs, options.Verdicts with { Confidence = confidence, Certificates = true }, batch, cancellation);
        var walk = new SetWalk(space, tester, options, cancellation);
        walk.Run();
        IReadOnlyList<RowRepair> repairs = RowRepairs.Find(space, observations, options, confidence, batch, cancellation);
        Survivors survivors = Survivors.Compare(space, walk, options, cancellation);
        return new FeatureSearchResult
        {
            Model = model.Name,
            Features = space.Features,
            Fixed = space.Fixed,
            Counters = space.Pool.Counters,
            Observations = runs.Count,
            Confidence = options.Verdicts.Confidence,
            ConfidencePerObservation = confidence,
            Sets = walk.Tried,
            Minimal = [.. walk.Minimal.Select(mask => walk.Of(mask))],
            MinimalComplete = walk.MinimalComplete,
            Stopped = walk.Stopped,
            Verdicts = tester.Verdicts,
            Repairs = repairs,
            Classes = survivors.Classes,
            ClassesComplete = survivors.Complete,
            Experiments = survivors.Experiments,
        };
    }
}
