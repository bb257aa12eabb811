using KernelSuite.Operations.Launching;
using KernelSuite.Runtime;
using KernelSuite.Runtime.Cpu;

namespace KernelSuite.Operations.Counters.Moments.Cpu;

/// <summary>
/// Moments on the managed CPU device. A task squares a split of an observation; where observations are few each split has a square of its own and a
/// second run of tasks adds them up, else a thread has one square and finishes at once.
/// </summary>
internal sealed unsafe class CpuCounterMomentsPlan : CounterMomentsPlan
{
    private readonly CpuDevice device;
    private readonly CpuCounterMomentsKernel kernel;
    private readonly DeviceEvent first;

    public CpuCounterMomentsPlan(CpuDevice device, CounterMomentsProblem problem, bool naive)
        : base(problem)
    {
        this.device = device;
        int splits = naive ? 1 : Splits(problem, 2L * device.Team.Threads);
        kernel = new CpuCounterMomentsKernel(problem, splits, device.Team.Threads, naive);
        first = device.CreateEvent();
        Implementation = naive ? "naive" : CounterMomentsOperation.Standard;
        Description = naive ? "an observation a task, two passes an entry" : $"{splits} splits of an observation, {device.Team.Threads} threads";
    }

    public override Device Device => device;

    public override string Implementation { get; }

    public override string Description { get; }

    public override long WorkspaceBytes => kernel.Bytes;

    protected override void Enqueue(DeviceStream stream, ReadOnlySpan<DeviceSlice> operands, DeviceEvent? timing, CancellationToken cancellation)
    {
        kernel.Samples = (double*)CpuOperands.Address(operands[CounterMomentsProblem.Samples], sizeof(double));
        kernel.Offsets = (int*)CpuOperands.Address(operands[CounterMomentsProblem.Offsets], sizeof(int));
        kernel.Means = (double*)CpuOperands.Address(operands[CounterMomentsProblem.Means], sizeof(double));
        kernel.Covariances = (double*)CpuOperands.Address(operands[CounterMomentsProblem.Covariances], sizeof(double));
        var queue = (CpuStream)stream;
        kernel.AddUp = false;
        queue.Launch(kernel, (long)Problem.Observations * kernel.Splits, timing is not null && kernel.Splits > 1 ? first : timing, cancellation);
        if (kernel.Splits > 1)
        {
            kernel.AddUp = true;
            queue.Launch(kernel, Problem.Observations, timing, cancellation);
            timing?.StartFrom(first);
        }
    }

    protected override void Release()
    {
        kernel.Dispose();
        first.Dispose();
    }
}
