namespace KernelSuite.Counters.Inputs;

/// <summary>What a read took in, what it left out and why.</summary>
public sealed record ReadReport
{
    /// <summary>Files or streams, with the format each was read as.</summary>
    public required IReadOnlyList<SourceFile> Files { get; init; }

    /// <summary>Lines that held values.</summary>
    public required long Rows { get; init; }

    /// <summary>Lines that held none: headers, comments, metrics, blank ones, sections of other content.</summary>
    public required long OtherLines { get; init; }

    /// <summary>Samples that observations were built from.</summary>
    public required long Samples { get; init; }

    /// <summary>Samples dropped because they lack a counter that is recorded for their observation.</summary>
    public required long DroppedIncomplete { get; init; }

    /// <summary>Samples dropped because a value is empty, not a number, or <c>&lt;not counted&gt;</c>.</summary>
    public required long DroppedNotCounted { get; init; }

    /// <summary>Samples dropped because a counter ran too small a share of them.</summary>
    public required long DroppedNotRunning { get; init; }

    /// <summary>
    /// The smallest share of an interval, in percent, that a counter of a kept or dropped sample ran; 100 where nothing was multiplexed or known.
    /// </summary>
    public required double LeastRunningPercent { get; init; }

    /// <summary>What a person should know; at most <see cref="InputLimits.MostWarnings"/>.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>Warnings beyond that number.</summary>
    public required long MoreWarnings { get; init; }

    /// <summary>
    /// Counters of the files that were not asked for, after normalising and renaming, in order of appearance; at most
    /// <see cref="InputLimits.MostUnread"/>. Empty where all counters are read.
    /// </summary>
    public required IReadOnlyList<string> Unread { get; init; }

    /// <summary>Counters that were not asked for beyond that number.</summary>
    public required int MoreUnread { get; init; }

    /// <summary>All dropped samples.</summary>
    public long Dropped => DroppedIncomplete + DroppedNotCounted + DroppedNotRunning;
}

/// <summary>A file that was read.</summary>
/// <param name="Name">The path, or the stream's name.</param>
/// <param name="Format">The format it was read as.</param>
/// <param name="Lines">Number of lines.</param>
public sealed record SourceFile(string Name, SampleFormat Format, long Lines);
