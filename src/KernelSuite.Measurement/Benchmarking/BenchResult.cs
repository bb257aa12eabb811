namespace KernelSuite.Measurement;

/// <summary>One timed case. Every number is null where the case did not pass its check, is not supported or was left out.</summary>
public sealed record BenchResult
{
    /// <summary>Operation name.</summary>
    public required string Operation { get; init; }

    /// <summary>Case name.</summary>
    public required string Case { get; init; }

    /// <summary>Device id.</summary>
    public required string Device { get; init; }

    /// <summary>Storage dtype.</summary>
    public required string Dtype { get; init; }

    /// <summary>Implementation name.</summary>
    public required string Implementation { get; init; }

    /// <summary><c>pass</c>, <c>fail</c>, <c>unsupported</c> or <c>skipped</c>.</summary>
    public required string Status { get; init; }

    /// <summary>Why there are no numbers; empty for a pass.</summary>
    public string Reason { get; init; } = string.Empty;

    /// <summary>Median seconds of one launch: host wall time from the call to the end of the wait.</summary>
    public double? MedianS { get; init; }

    /// <summary>Flops of the cost formula over the median, in 10^9 a second.</summary>
    public double? Gflops { get; init; }

    /// <summary>Least bytes of the cost formula over the median, in 10^9 a second.</summary>
    public double? GbytesPerS { get; init; }

    /// <summary>
    /// The float32 multiply-add rate at the clock of this row, in 10^9 a second: upper quartile of one pass before each sample.
    /// </summary>
    public double? PeakGflops { get; init; }

    /// <summary><see cref="Gflops"/> over <see cref="PeakGflops"/>.</summary>
    public double? PeakShare { get; init; }

    /// <summary><see cref="GbytesPerS"/> over the copy rate measured in the same run.</summary>
    public double? CopyShare { get; init; }

    /// <summary>
    /// <see cref="GbytesPerS"/> over the read rate measured in the same run, for an operation that writes less than a tenth of its least bytes; null for others, and where the read
    /// rate is not measured.
    /// </summary>
    public double? ReadShare { get; init; }

    /// <summary>Median seconds of one launch on the device clock; null where the device has none.</summary>
    public double? DeviceMedianS { get; init; }

    /// <summary>Shortest sample in seconds.</summary>
    public double? MinS { get; init; }

    /// <summary>25th percentile in seconds.</summary>
    public double? Q1S { get; init; }

    /// <summary>75th percentile in seconds.</summary>
    public double? Q3S { get; init; }

    /// <summary>See <see cref="SampleStatistics.RelativeNoise"/>.</summary>
    public double? RelativeNoise { get; init; }

    /// <summary>Launches in one sample.</summary>
    public int? Batch { get; init; }

    /// <summary>Why sampling ended: <c>quiet</c>, <c>time_out</c> or <c>enough_samples</c>.</summary>
    public string? Stop { get; init; }

    /// <summary>Raw samples, seconds of one launch, in the order taken.</summary>
    public IReadOnlyList<double> SamplesS { get; init; } = [];

    /// <summary>Raw samples on the device clock.</summary>
    public IReadOnlyList<double> DeviceSamplesS { get; init; } = [];

    /// <summary>Largest absolute error of the checks before and after timing.</summary>
    public double? WorstError { get; init; }

    /// <summary>The derived tolerance.</summary>
    public double? Allowed { get; init; }

    /// <summary>Output units (rows) that were checked.</summary>
    public int? CheckedUnits { get; init; }

    /// <summary>Flops of one launch by the cost formula.</summary>
    public double? Flops { get; init; }

    /// <summary>Least bytes of one launch by the cost formula.</summary>
    public double? MinimumBytes { get; init; }

    /// <summary>Whether less than a tenth of <see cref="MinimumBytes"/> is written.</summary>
    public bool MostlyReads { get; init; }

    /// <summary>Version of the cost formula.</summary>
    public string? CostFormula { get; init; }

    /// <summary>Tiles and other choices of the plan.</summary>
    public string? Plan { get; init; }

    /// <summary>Device memory held besides the operands, in bytes.</summary>
    public long? WorkspaceBytes { get; init; }

    /// <summary>Name of the input distribution.</summary>
    public string? Inputs { get; init; }

    /// <summary>The command that repeats this row.</summary>
    public required string Repeat { get; init; }
}
