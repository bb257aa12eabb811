namespace KernelSuite.Measurement;

/// <summary>The best that was measured of a device, and how.</summary>
/// <param name="Gflops">float32 fused multiply-adds, two operations each, in 10^9 a second.</param>
/// <param name="FlopsMethod">The variant that was best.</param>
/// <param name="GbytesPerSecond">A copy from memory to memory, bytes read and bytes written added, in 10^9 a second.</param>
/// <param name="CopyMethod">The variant that was best.</param>
/// <param name="Threads">Host threads that worked; 0 where the device schedules itself.</param>
/// <param name="Rounds">How often the peaks were measured during the run; the best round counts.</param>
/// <param name="ReadGbytesPerSecond">A sum over memory, in 10^9 bytes a second; 0 where it is not measured, as on devices that run device code.</param>
/// <param name="ReadMethod">The variant that was best.</param>
public sealed record DevicePeaks(
    double Gflops, string FlopsMethod, double GbytesPerSecond, string CopyMethod, int Threads, int Rounds, double ReadGbytesPerSecond = 0, string ReadMethod = "");

/// <summary>One reading of a device's limits.</summary>
/// <param name="Value">Rate in units a second.</param>
/// <param name="Method">What was run.</param>
public readonly record struct PeakReading(double Value, string Method)
{
    /// <summary>The larger of two readings.</summary>
    public static PeakReading Best(PeakReading a, PeakReading b) => a.Value >= b.Value ? a : b;
}
