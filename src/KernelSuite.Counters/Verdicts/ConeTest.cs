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
    private readonly Dictionary<CounterSet, ConeDistance> distances = [];

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
        return Check(observation, observation.Series is { } series ? direction => series.Inflation(direction) : null);
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
        if (runs.Count == 0) throw new ArgumentException("There are no runs. Expected at least one.", nameof(runs));
        return runs.Count == 1 ? Check(runs[0]) : ShuffledRuns.Check(this, runs);
    }

    internal VerdictResult Check(Observation observation, Func<double[], double>? inflation)
    {
        var warnings = new List<Warning>(observation.Warnings);
        CounterSet measured = Signatures.Counters.Intersect(observation.Counters);
        string[] missing = [.. Signatures.Counters.Where(name => !measured.Contains(name))];
        if (missing.Length > 0)
        {
            warnings.Add(new Warning(WarningKind.MissingCounters,
                $"Not measured: {string.Join(", ", missing.Take(5))}{(missing.Length > 5 ? $" and {missing.Length - 5} more" : "")}."));
        }

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
        if (measured.Count == 0) return result;
        if (!distances.TryGetValue(measured, out ConeDistance? distance))
            distances[measured] = distance = new ConeDistance(Signatures.Project(measured));
        return new Judgement(this, distance, MeanRegion.Of(observation, measured), result, warnings, inflation).Decide();
    }
}
