namespace KernelSuite.Counters.Recording;

/// <summary>What <see cref="PerfRecorder"/> records.</summary>
public sealed record PerfRecordOptions
{
    /// <summary>Most groups of events.</summary>
    public const int MostGroups = 256;

    /// <summary>Most runs of the command.</summary>
    public const int MostRepeats = 1_000_000;

    /// <summary>The program and its arguments.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>Groups of events; the events of one are counted at the same time, by one process of perf.</summary>
    public required IReadOnlyList<IReadOnlyList<string>> Groups { get; init; }

    /// <summary>
    /// Milliseconds for which a group is counted while the command runs, then the next one: a round is one turn of all groups. Null to count whole
    /// runs: a round is then a run of the command for each group.
    /// </summary>
    public int? IntervalMilliseconds { get; init; }

    /// <summary>Runs of the command, or of the command for each group.</summary>
    public int Repeats { get; init; } = 1;

    /// <summary>Seed of the order of groups, which is drawn anew for each round so that no period of the program can lock on it.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Folders to look for perf and sleep in, as in PATH; null for PATH.</summary>
    public string? SearchPath { get; init; }

    internal void Check()
    {
        if (Command.Count == 0) throw new ArgumentException("There is no command. Expected a program and its arguments after '--'.");
        if (Groups.Count is 0 or > MostGroups || Groups.Any(g => g.Count == 0 || g.Any(string.IsNullOrWhiteSpace)))
            throw new ArgumentException(
                $"There are {Groups.Count} groups of events. Expected 1 to {MostGroups}, each of at least one event; 'perf list' shows them.");
        if (IntervalMilliseconds is < 1 or > 3_600_000) throw new ArgumentException(
            $"The interval is {IntervalMilliseconds} ms. Expected 1 to 3,600,000.");
        if (Repeats is < 1 or > MostRepeats) throw new ArgumentException($"Repeats is {Repeats}. Expected 1 to {MostRepeats:N0}.");
        if (Groups.SelectMany(g => g).GroupBy(e => e, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new ArgumentException($"The event '{twice.Key}' is in two groups. Expected each in one; a sample has one value of it.");
    }
}
