namespace KernelSuite.Counters.Inputs;

/// <summary>How a file writes its samples.</summary>
public enum SampleFormat
{
    /// <summary>To be told from the file's head.</summary>
    Auto,

    /// <summary>A table with a row a value: configuration columns, time, counter, value. The gem5 mirror's table is one.</summary>
    LongTable,

    /// <summary>A table with a row a sample: configuration columns and a column a counter.</summary>
    WideTable,

    /// <summary><c>perf stat -x</c>.</summary>
    PerfCsv,

    /// <summary><c>perf stat -j</c>.</summary>
    PerfJson,

    /// <summary><c>ncu --csv</c>, a row a metric of a launch.</summary>
    NcuLong,

    /// <summary><c>ncu --csv --page raw</c>, a row a launch.</summary>
    NcuRaw,

    /// <summary>gem5's <c>stats.txt</c>; a section is a sample.</summary>
    Gem5Stats,

    /// <summary>A <c>cachegrind.out</c> file; a file is a sample.</summary>
    Cachegrind,
}
