namespace KernelSuite.Counters.Inputs;

/// <summary>How samples are read. Column names are compared without regard to case.</summary>
public sealed record SampleReadOptions
{
    /// <summary>The format of every file; <see cref="SampleFormat.Auto"/> detects each file's own.</summary>
    public SampleFormat Format { get; init; }

    /// <summary>The field separator, an ASCII character; null to detect comma, semicolon or tab (and what perf was told).</summary>
    public char? Separator { get; init; }

    /// <summary>The decimal mark of numbers.</summary>
    public DecimalMark Decimal { get; init; }

    /// <summary>
    /// The columns whose values tell observations apart; "file" is the file's name. Null for the format's own: the columns before time and counter
    /// of a long table, the text columns of a wide one, cpu and cgroup of perf, the kernel's name of ncu, the command of cachegrind. Empty for one
    /// observation.
    /// </summary>
    public IReadOnlyList<string>? GroupBy { get; init; }

    /// <summary>
    /// The columns whose values tell the samples of an observation apart; null for those known by their names (time, interval, sample, window_id,
    /// ...).
    /// </summary>
    public IReadOnlyList<string>? SampleBy { get; init; }

    /// <summary>
    /// A column that tells runs of one setting with shuffled counter groups apart (a seed, an order): they become observations of the same id with
    /// different <see cref="Statistics.Observation.Group"/>, so that a lock between a program's period and the rotation can be seen. Null where
    /// there is none.
    /// </summary>
    public string? ShuffleBy { get; init; }

    /// <summary>
    /// Whether values are without noise, so that an observation is the mean of its samples as a point (<see cref="Statistics.Observation.Exact"/>).
    /// Null for the format's own: true for cachegrind, gem5 and the gem5 mirror's table.
    /// </summary>
    public bool? Exact { get; init; }

    /// <summary>The column of counter names in a long table; null for one known by its name (counter, event, gem5_stat, ...).</summary>
    public string? CounterColumn { get; init; }

    /// <summary>The column of values in a long table; null for one known by its name (value, count, gem5_value, ...).</summary>
    public string? ValueColumn { get; init; }

    /// <summary>The counters to read, by their names after normalising and renaming; null for all that are counts.</summary>
    public IReadOnlyCollection<string>? Counters { get; init; }

    /// <summary>Whether <see cref="EventNames.Normalise"/> takes modifiers and unit prefixes off event names.</summary>
    public bool NormaliseEvents { get; init; } = true;

    /// <summary>New names of counters, applied after normalising. Several that get one name are summed in each sample.</summary>
    public IReadOnlyDictionary<string, string> Rename { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>
    /// A sample is dropped where a counter ran for at most this share of it in percent, 0 to 100; 0 drops where it did not run at all.
    /// </summary>
    public double MinimumRunningPercent { get; init; }

    /// <summary>Stops the reading.</summary>
    public CancellationToken Cancellation { get; init; }
}
