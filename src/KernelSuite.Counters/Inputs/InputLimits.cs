namespace KernelSuite.Counters.Inputs;

/// <summary>
/// Bounds on files of samples. Beyond one of them a <see cref="CounterFormatException"/> says which; memory depends on these and never on a file's
/// length.
/// </summary>
public static class InputLimits
{
    /// <summary>Longest line in bytes of UTF-8: a wide table of 1,024 counters has some 20,000.</summary>
    public const int MostLineBytes = 1 << 20;

    /// <summary>Longest field that is a name or a part of an observation's id, in bytes of UTF-8.</summary>
    public const int MostNameBytes = 4096;

    /// <summary>Most fields of a line.</summary>
    public const int MostFields = 8192;

    /// <summary>Most distinct events of one read, before they are renamed.</summary>
    public const int MostEvents = 65536;

    /// <summary>Most counters of one observation: their covariance has 1,024 x 1,024 entries.</summary>
    public const int MostCountersOfObservation = 1024;

    /// <summary>Most observations of one read.</summary>
    public const int MostObservations = 65536;

    /// <summary>Most series that are read side by side, such as the cores of a machine; each keeps a sample open.</summary>
    public const int MostSeries = 65536;

    /// <summary>Most doubles that the summaries of all observations hold together, 512 MiB: some 11,000 observations of 23 counters.</summary>
    public const long MostMomentEntries = 1L << 26;

    /// <summary>Most values that open samples hold together, 128 MiB.</summary>
    public const long MostOpenValues = 1L << 23;

    /// <summary>Largest value: more than any counter reaches, and sums of it stay far from overflow.</summary>
    public const double MostValue = 1e30;

    /// <summary>Most files of one read.</summary>
    public const int MostFiles = 65536;

    /// <summary>Most warnings that a report keeps; it counts the rest.</summary>
    public const int MostWarnings = 100;

    /// <summary>Most names of counters that were not asked for that a report keeps; it counts the rest.</summary>
    public const int MostUnread = 100;

    /// <summary>Bytes at the head of a file that the format is detected from.</summary>
    public const int HeadBytes = 64 << 10;
}
