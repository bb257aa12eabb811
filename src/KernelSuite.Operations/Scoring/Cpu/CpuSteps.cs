using KernelSuite.Runtime;
using KernelSuite.Runtime.Cpu;

namespace KernelSuite.Operations.Scoring.Cpu;

/// <summary>The two steps of scoring on the managed CPU device: a kernel over the keys, then <see cref="CpuFinishKernel"/>; and what both work in. Owns it.</summary>
internal sealed class CpuSteps(CpuDevice device, ICpuKernel keys, CpuFinishKernel finish, CpuScoringWorkspace workspace, IDisposable scratch) : IDisposable
{
    private readonly DeviceEvent first = device.CreateEvent();

    /// <summary>Launches both; the event spans both.</summary>
    public void Launch(DeviceStream stream, long keyTasks, long finishTasks, DeviceEvent? timing, CancellationToken cancellation)
    {
        var own = (CpuStream)stream;
        own.Launch(keys, keyTasks, timing is null ? null : first, cancellation);
        own.Launch(finish, finishTasks, timing, cancellation);
        timing?.StartFrom(first);
    }

    public void Dispose()
    {
        scratch.Dispose();
        workspace.Dispose();
        first.Dispose();
    }
}
