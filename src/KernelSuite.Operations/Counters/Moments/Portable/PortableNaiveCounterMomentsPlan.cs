using KernelSuite.Operations.Launching;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Counters.Moments.Portable;

/// <summary>The baseline on a device with programs: a work-item an entry of a covariance.</summary>
internal sealed class PortableNaiveCounterMomentsPlan : CounterMomentsPlan
{
    private const int GroupItems = 64;

    private readonly PortableLaunches launches;
    private readonly DeviceKernel kernel;
    private readonly LaunchShape grid;

    public PortableNaiveCounterMomentsPlan(Device device, CounterMomentsProblem problem)
        : base(problem)
    {
        launches = new(device);
        kernel = launches.Kernel(CounterMomentsGroups.Program, CounterMomentsGroups.Choose(device.Info).Options, "moments_naive");
        long entries = (long)problem.Observations * problem.Counters * problem.Counters;
        grid = new(Math.Min((entries + GroupItems - 1) / GroupItems, 1 << 20), ItemsX: GroupItems);
    }

    public override Device Device => launches.Device;

    public override string Implementation => "naive";

    public override string Description => "a work-item an entry of a covariance, two passes";

    public override long WorkspaceBytes => 0;

    protected override void Enqueue(DeviceStream stream, ReadOnlySpan<DeviceSlice> operands, DeviceEvent? timing, CancellationToken cancellation)
    {
        var arguments = new ArgumentList(kernel);
        for (int i = CounterMomentsProblem.Samples; i <= CounterMomentsProblem.Covariances; i++) arguments.Buffer(operands[i].Memory);
        for (int i = CounterMomentsProblem.Samples; i <= CounterMomentsProblem.Covariances; i++) arguments.Value(operands[i].ElementOffset);
        arguments.Value(Problem.SampleStride);
        arguments.Value(Problem.SampleCount);
        arguments.Value(Problem.Counters);
        arguments.Value(Problem.Observations);
        launches.Begin(stream, timing).Last(kernel, in grid);
    }

    protected override void Release() => launches.Dispose();
}
