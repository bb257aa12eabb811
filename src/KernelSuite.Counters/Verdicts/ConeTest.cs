using KernelSuite.Counters.Cones;
using KernelSuite.Counters.Statistics;

namespace KernelSuite.Counters.Verdicts;

/// <summary>
/// Tests whether a model can explain observations: whether the region of an observation's mean meets the cone of the model's signatures. Counters
/// that the model has and an observation lacks are free; counters that the model lacks are ignored. One thread at a time.
/// </summary>
/// <example><code>
/// var test = new ConeTest(signatures, new VerdictOptions { Confidence = .99 });
/// VerdictResult result = test.Check(observation);
/// if (result.Verdict == Verdict.Refuted) Console.WriteLine(result.Certificate);
/// </code></example>
public sealed class ConeTest
{
    private readonly Dictionary<CounterSet, MeasuredModel> models = [];

    /// <summary>Takes a model.</summary>
    /// <param name="signatures">Its signatures.</param>
    /// <param name="options">How to test; null for the conditional test at 0.99.</param>
    /// <param name="rows">Its constraints, such as the facets of its cone, to test one by one and to explain certificates with; null where they are
    /// not known.</param>
    public ConeTest(SignatureSet signatures, VerdictOptions? options = null, IReadOnlyList<TestRow>? rows = null)
    {
        ArgumentNullException.ThrowIfNull(signatures);
        (Signatures, Options, Rows) = (signatures, options ?? new VerdictOptions(), rows ?? []);
    }

    /// <summary>The model's signatures.</summary>
    public SignatureSet Signatures { get; }

    /// <summary>How to test.</summary>
    public VerdictOptions Options { get; }

    /// <summary>The model's constraints, as far as they are known.</summary>
    public IReadOnlyList<TestRow> Rows { get; }

    /// <summary>Tests an observation.</summary>
    public VerdictResult Check(Observation observation)
    {
        ArgumentNullException.ThrowIfNull(observation);
        return Check(observation, null);
    }

    /// <summary>
    /// Tests runs of one observation in which the counter groups were shuffled. The verdict is that of all runs together, unless they contradict
    /// each other about the violated constraint: then a period of the program and the rotation of the counters are locked, and the verdict is
    /// inconclusive.
    /// </summary>
    /// <param name="runs">At least one; all of the same counters.</param>
    /// <exception cref="ArgumentException">There is no run, or the counters differ.</exception>
    public VerdictResult CheckRuns(IReadOnlyList<Observation> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        return CheckRuns(new TestedRuns(runs));
    }

    internal VerdictResult CheckRuns(TestedRuns runs, MeasuredRegions? known = null) =>
        runs.Pooled is { } pooled ? ShuffledRuns.Check(this, runs, pooled, known) : Check(runs.Runs[0], known);

    internal VerdictResult Check(Observation observation, MeasuredRegions? known) =>
        Check(observation, observation.Series is { } series ? direction => series.Inflation(direction) : null, known);

    /// <summary>Tests an observation; its distance is solved for here where it is not known.</summary>
    internal VerdictResult Check(Observation observation, Func<double[], double>? inflation, MeasuredRegions? known)
    {
        MeasuredModel model = On(observation.Counters);
        var warnings = new List<Warning>(observation.Warnings);
        if (model.Missing is { } missing) warnings.Add(missing);
        (RowResult[] rows, TestRow[] untested) = RowTest.Check(observation, Rows, Options);
        var result = new VerdictResult
        {
            Observation = observation,
            Method = Options.Method,
            Verdict = Verdict.Inconclusive,
            Warnings = warnings,
            Rows = rows,
            UntestedRows = untested,
            EffectiveSamples = observation.Moments.Count,
        };
        if (model.Signatures is not { } signatures) return result;
        (MeanRegion region, NearestPoint? nearest) = known?.Find(observation) ?? (MeanRegion.Of(observation, model.Counters), null);
        return new Judgement(this, signatures, region, nearest ?? NearestPoint.Of(model.Distance, region), result, warnings, inflation).Decide();
    }

    /// <summary>The model on some observation's counters, made once for all observations that have them.</summary>
    internal MeasuredModel On(CounterSet counters)
    {
        if (!models.TryGetValue(counters, out MeasuredModel? model)) models[counters] = model = new MeasuredModel(Signatures, counters);
        return model;
    }
}
