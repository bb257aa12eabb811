using KernelSuite.Operations.Launching;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Counters.Moments.Portable;

/// <summary>The baseline on a device with programs: a work-item an entry of a covariance.</summary>
internal sealed class PortableNaiveCounterMomentsPlan : CounterMomentsPlan
{
    private const int GroupItems = 64;

    private readonly DeviceProgram program;
    private readonly DeviceKernel kernel;
    private bool disposed;

    public PortableNaiveCounterMomentsPlan(Device device, CounterMomentsProblem problem)
        : base(problem)
    {
        Device = device;
        program = device.BuildProgram(DeviceCode.Source(device.Info, CounterMomentsGroups.Program, CounterMomentsGroups.Choose(device.Info).Options));
        try
        {
            kernel = program.CreateKernel("moments_naive");
        }
        catch
        {
            program.Dispose();
            throw;
        }
    }

    public override Device Device { get; }

    public override string Implementation => "naive";

    public override string Description => "a work-item an entry of a covariance, two passes";

    public override long WorkspaceBytes => 0;

    public override void Launch(
        DeviceStream stream, ReadOnlySpan<DeviceSlice> operands, DeviceEvent? timing = null, CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        CheckOperands(stream, operands);
        cancellation.ThrowIfCancellationRequested();
        if (Problem.Observations == 0)
        {
            if (timing is not null) stream.Record(timing);
            return;
        }

        var arguments = new ArgumentList(kernel);
        for (int i = CounterMomentsProblem.Samples; i <= CounterMomentsProblem.Covariances; i++) arguments.Buffer(operands[i].Memory);
        for (int i = CounterMomentsProblem.Samples; i <= CounterMomentsProblem.Covariances; i++) arguments.Value(operands[i].ElementOffset);
        arguments.Value(Problem.SampleStride);
        arguments.Value(Problem.SampleCount);
        arguments.Value(Problem.Counters);
        arguments.Value(Problem.Observations);
        long entries = (long)Problem.Observations * Problem.Counters * Problem.Counters;
        stream.Launch(kernel, new LaunchShape(Math.Min((entries + GroupItems - 1) / GroupItems, 1 << 20), ItemsX: GroupItems), timing);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposed || !disposing) return;
        disposed = true;
        kernel.Dispose();
        program.Dispose();
    }
}
