namespace KernelSuite.Measurement;

/// <summary>A device of a benchmark with the peaks that shares refer to.</summary>
/// <param name="Device">The device.</param>
/// <param name="PeakGflops">Measured float32 multiply-add rate in 10^9 operations a second.</param>
/// <param name="PeakMethod">The variant that reached it.</param>
/// <param name="CopyGbytesPerS">Measured copy rate, read and written bytes added, in 10^9 a second.</param>
/// <param name="CopyMethod">The variant that reached it.</param>
/// <param name="Threads">Host threads that worked; 0 where the device schedules itself.</param>
/// <param name="PeakRounds">How often the peaks were measured during the run.</param>
public sealed record BenchDevice(
    DeviceRecord Device, double PeakGflops, string PeakMethod, double CopyGbytesPerS, string CopyMethod, int Threads, int PeakRounds)
{
    /// <summary>Measured rate of a sum over memory in 10^9 bytes a second; null where it is not measured, as on devices that run device code.</summary>
    public double? ReadGbytesPerS { get; init; }

    /// <summary>What was run for it; null where it is not measured.</summary>
    public string? ReadMethod { get; init; }
}

/// <summary>Everything a benchmark measured.</summary>
/// <param name="Context">Machine, build and command.</param>
/// <param name="Devices">Devices with their measured peaks.</param>
/// <param name="Results">One row for every case, device and implementation.</param>
public sealed record BenchReport(RunContext Context, IReadOnlyList<BenchDevice> Devices, IReadOnlyList<BenchResult> Results)
{
    /// <summary>Rows with numbers.</summary>
    public int Timed => Results.Count(r => r.Status == StatusNames.Pass);

    /// <summary>Rows whose numbers are refused.</summary>
    public int Failed => Results.Count(r => r.Status == StatusNames.Fail);
}
