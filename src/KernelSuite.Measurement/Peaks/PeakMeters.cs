using KernelSuite.Runtime;

namespace KernelSuite.Measurement;

/// <summary>One meter a device.</summary>
internal sealed class PeakMeters : IDisposable
{
    private readonly List<PeakMeter> meters = [];

    public PeakMeters(IEnumerable<Device> devices)
    {
        try
        {
            foreach (Device device in devices) meters.Add(PeakMeter.For(device));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public PeakMeter this[int device] => meters[device];

    public void Measure(CancellationToken cancellation)
    {
        foreach (PeakMeter meter in meters) meter.Measure(cancellation);
    }

    public void Dispose()
    {
        foreach (PeakMeter meter in meters) meter.Dispose();
    }
}
