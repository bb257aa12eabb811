using KernelSuite.Operations;
using KernelSuite.Runtime;

namespace KernelSuite.Measurement;

/// <summary>A case that lies on a device, as work to be timed: launches and one wait.</summary>
/// <param name="run">The case on its device; not owned.</param>
internal sealed class CaseWork(CaseRun run) : ITimedWork, IDisposable
{
    private readonly DeviceEvent timing = run.Plan.Device.CreateEvent();

    public double? LastDeviceSeconds
    {
        get
        {
            long span = timing.EndNanoseconds - timing.StartNanoseconds;
            return span > 0 ? span * 1e-9 : null;
        }
    }

    public void Run(int count, CancellationToken cancellation)
    {
        for (int i = 1; i < count; i++) run.Launch(cancellation: cancellation);
        run.Launch(timing, cancellation);
        run.Stream.Synchronize();
    }

    public void Dispose() => timing.Dispose();
}
