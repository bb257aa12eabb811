namespace KernelSuite.Measurement;

/// <summary>The samples of one measurement.</summary>
/// <param name="Samples">Host wall seconds of one launch, launch call and wait included, in the order taken.</param>
/// <param name="DeviceSamples">Seconds of one launch on the device clock, one a sample; empty where the device has no timestamps.</param>
/// <param name="Batch">Launches back to back in each sample; a sample is its time divided by this.</param>
/// <param name="Stop">Why sampling ended.</param>
public sealed record TimingResult(IReadOnlyList<double> Samples, IReadOnlyList<double> DeviceSamples, int Batch, StopReason Stop)
{
    /// <summary>Statistics of <see cref="Samples"/>.</summary>
    public SampleStatistics Host { get; } = SampleStatistics.Of([.. Samples]);

    /// <summary>Statistics of <see cref="DeviceSamples"/>; null where there are none.</summary>
    public SampleStatistics? Device { get; } = DeviceSamples.Count == 0 ? null : SampleStatistics.Of([.. DeviceSamples]);
}
