namespace KernelSuite.Counters.Statistics;

/// <summary>
/// What was measured in one setting of an experiment: mean and covariance of its samples, and how far to trust them. Immutable. Made by an
/// <see cref="ObservationBuilder"/>, from moments, or exactly.
/// </summary>
public sealed class Observation
{
    /// <summary>An observation whose moments were computed elsewhere; nothing is known then about its order in time.</summary>
    /// <param name="id">What names the setting.</param>
    /// <param name="counters">The counters, in the moments' order.</param>
    /// <param name="moments">At least one sample's; copied.</param>
    /// <param name="group">What tells runs with shuffled counter groups apart.</param>
    /// <exception cref="ArgumentException">The moments are of another dimension, or of no sample.</exception>
    public static Observation FromMoments(string id, CounterSet counters, SampleMoments moments, string? group = null)
    {
        ArgumentNullException.ThrowIfNull(moments);
        return new Observation(id, counters, moments.Clone().Freeze(), group).WithWarnings();
    }

    /// <summary>A point without noise, such as a simulator's statistics: the test is then exact.</summary>
    /// <param name="id">What names the setting.</param>
    /// <param name="counters">The counters.</param>
    /// <param name="values">A value for each.</param>
    /// <param name="group">What tells runs with shuffled counter groups apart.</param>
    /// <exception cref="ArgumentException">Another number of values, or one that is not finite.</exception>
    public static Observation Exact(string id, CounterSet counters, ReadOnlySpan<double> values, string? group = null)
    {
        ArgumentNullException.ThrowIfNull(counters);
        if (values.Length != counters.Count)
            throw new ArgumentException($"The observation '{id}' has {values.Length} values. " +
                $"Expected {counters.Count}, one a counter.", nameof(values));
        if (values.IsEmpty) throw new ArgumentException($"The observation '{id}' has no counters. Expected at least one.", nameof(counters));
        var moments = new SampleMoments(values.Length);
        moments.Add(values);
        return new Observation(id, counters, moments.Freeze(), group) { IsExact = true };
    }

    internal Observation(string id, CounterSet counters, SampleMoments moments, string? group)
    {
        ArgumentNullException.ThrowIfNull(id);
        ArgumentNullException.ThrowIfNull(counters);
        if (moments.Dimension != counters.Count)
            throw new ArgumentException($"The moments of '{id}' have {moments.Dimension} entries. " +
                $"Expected {counters.Count}, one a counter.", nameof(moments));
        if (moments.Count == 0) throw new ArgumentException($"The moments of '{id}' are of no sample. Expected at least one.", nameof(moments));
        (Id, Counters, Moments, Group) = (id, counters, moments, group);
    }

    /// <summary>What names the setting.</summary>
    public string Id { get; }

    /// <summary>The counters, in the order of the moments.</summary>
    public CounterSet Counters { get; }

    /// <summary>Count, mean and covariance of the samples; they can be read but not added to.</summary>
    public SampleMoments Moments { get; }

    /// <summary>What tells runs of one setting with shuffled counter groups apart; null where there is one run.</summary>
    public string? Group { get; }

    /// <summary>Whether the values are exact: the region is the point.</summary>
    public bool IsExact { get; private init; }

    /// <summary>Samples that were left out because they lacked a counter.</summary>
    public long Dropped { get; internal init; }

    /// <summary>Autocorrelation of the samples; null where they were not seen in order of time.</summary>
    public SeriesDiagnostics? Series { get; internal init; }

    /// <summary>
    /// How the covariance is shrunk; only where there are too few samples for so many counters and the samples themselves were seen.
    /// </summary>
    public Shrinkage? Shrinkage { get; internal init; }

    /// <summary>What to know before reading a verdict.</summary>
    public IReadOnlyList<Warning> Warnings { get; private set; } = [];

    /// <summary>
    /// Inflations along the principal directions of the scaled covariance, widest direction first. The first is the program's phases, which scale
    /// all counters together and are harmless; autocorrelation matters along the narrow ones. Empty where the order in time is not known.
    /// </summary>
    public double[] PrincipalInflation()
    {
        if (Series is null) return [];
        MeanRegion region = MeanRegion.Of(this);
        var result = new double[Counters.Count];
        var direction = new double[Counters.Count];
        for (int k = 0; k < result.Length; k++)
        {
            for (int i = 0; i < direction.Length; i++) direction[i] = region.Axes[k * direction.Length + i] / region.Scale[i];
            result[k] = Series.Inflation(direction);
        }

        return result;
    }

    internal Observation WithWarnings()
    {
        var warnings = new List<Warning>();
        if (Dropped > 0)
            warnings.Add(new Warning(WarningKind.DroppedSamples,
                $"{Dropped} of {Dropped + Moments.Count} samples lacked a counter and were left out."));
        string[] constant = [.. Enumerable.Range(0, Counters.Count).Where(i => Moments.Covariance(i, i) == 0).Select(i => Counters[i])];
        if (constant.Length > 0 && Moments.Count > 1)
        {
            warnings.Add(new Warning(WarningKind.DegenerateCovariance,
                $"Constant in all {Moments.Count} samples: {string.Join(", ", constant.Take(5))}" +
                $"{(constant.Length > 5 ? $" and {constant.Length - 5} more" : "")}."));
        }

        Warnings = warnings;
        return this;
    }
}
