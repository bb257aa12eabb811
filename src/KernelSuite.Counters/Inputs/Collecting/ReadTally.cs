namespace KernelSuite.Counters.Inputs.Collecting;

/// <summary>What a report is made of, while it is counted.</summary>
internal sealed class ReadTally
{
    private readonly List<string> warnings = [];
    private long moreWarnings;

    public long Rows { get; set; }

    public long OtherLines { get; set; }

    public long Samples { get; set; }

    public long Incomplete { get; set; }

    public long NotCounted { get; private set; }

    public long NotRunning { get; private set; }

    public double LeastRunningPercent { get; private set; } = 100;

    public void Running(double percent) => LeastRunningPercent = Math.Min(LeastRunningPercent, percent);

    public void Closed(DropReason? reason)
    {
        if (reason == DropReason.Incomplete) Incomplete++;
        else if (reason == DropReason.NotCounted) NotCounted++;
        else if (reason == DropReason.NotRunning) NotRunning++;
    }

    /// <summary>Adds a warning once.</summary>
    public void Warn(string warning)
    {
        if (warnings.Contains(warning)) return;
        if (warnings.Count < InputLimits.MostWarnings) warnings.Add(warning);
        else moreWarnings++;
    }

    public ReadReport Report(IReadOnlyList<SourceFile> files, EventTable events) => new()
    {
        Files = files,
        Rows = Rows,
        OtherLines = OtherLines,
        Samples = Samples,
        DroppedIncomplete = Incomplete,
        DroppedNotCounted = NotCounted,
        DroppedNotRunning = NotRunning,
        LeastRunningPercent = LeastRunningPercent,
        Warnings = warnings,
        MoreWarnings = moreWarnings,
        Unread = events.Unread,
        MoreUnread = events.MoreUnread,
    };
}
