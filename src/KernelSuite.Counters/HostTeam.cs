using KernelSuite.Runtime;
using KernelSuite.Runtime.Cpu;

namespace KernelSuite.Counters;

/// <summary>
/// Threads for the host's part of a batch: those of the cpu device where that is the device, else one for each processor, which end with this.
/// </summary>
internal sealed class HostTeam : IDisposable
{
    private readonly CpuTeam team;
    private readonly bool isOwn;

    public HostTeam(Device device)
    {
        isOwn = device is not CpuDevice;
        team = device is CpuDevice cpu ? cpu.Team : new CpuTeam(Math.Min(Environment.ProcessorCount, CpuDeviceOptions.MaxThreads));
    }

    /// <summary>Threads, the caller's included.</summary>
    public int Threads => team.Threads;

    /// <summary>Calls work for 0 to count - 1, each with the number of the thread that does it, and returns when all are done.</summary>
    /// <exception cref="OperationCanceledException">Cancelled between calls.</exception>
    public void Run(int count, Action<int, int> work, CancellationToken cancellation) => team.Run(new Work(work), count, cancellation);

    public void Dispose()
    {
        if (isOwn) team.Dispose();
    }

    private sealed class Work(Action<int, int> work) : ICpuKernel
    {
        public void Execute(long task, int worker) => work((int)task, worker);
    }
}
