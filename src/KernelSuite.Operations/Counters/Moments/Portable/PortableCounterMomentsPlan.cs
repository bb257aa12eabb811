using KernelSuite.Operations.Launching;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Counters.Moments.Portable;

/// <summary>
/// Moments on a device with programs (OpenCL, CUDA): for as many observations as the workspace holds one launch that squares and one that finishes.
/// </summary>
internal sealed class PortableCounterMomentsPlan : CounterMomentsPlan
{
    private readonly CounterMomentsGroups layout;
    private readonly PortableLaunches launches;
    private readonly DeviceMemory squares;
    private readonly DeviceKernel square, finish;
    private readonly int splits, chunk;

    public PortableCounterMomentsPlan(Device device, CounterMomentsProblem problem)
        : base(problem)
    {
        launches = new(device);
        layout = CounterMomentsGroups.Choose(device.Info);
        splits = Splits(problem, 8L * device.Info.ComputeUnits);
        chunk = layout.Chunk(problem, splits);
        Description = $"{splits} splits of an observation, {chunk} observations a launch, {layout.Items} work-items";
        squares = launches.Allocate(DType.Float64, (long)chunk * splits * problem.Counters * layout.Columns(problem));
        square = launches.Kernel(CounterMomentsGroups.Program, layout.Options, "moments_squares");
        finish = launches.Kernel(CounterMomentsGroups.Program, layout.Options, "moments_finish");
    }

    public override Device Device => launches.Device;

    public override string Implementation => CounterMomentsOperation.Standard;

    public override string Description { get; }

    public override long WorkspaceBytes => launches.WorkspaceBytes;

    protected override void Enqueue(DeviceStream stream, ReadOnlySpan<DeviceSlice> operands, DeviceEvent? timing, CancellationToken cancellation)
    {
        LaunchSequence run = launches.Begin(stream, timing);
        for (int start = 0; start < Problem.Observations; start += chunk)
        {
            int count = Math.Min(chunk, Problem.Observations - start);
            var squaring = new ArgumentList(square);
            Inputs(ref squaring, operands);
            squaring.Buffer(squares);
            squaring.Value(operands[CounterMomentsProblem.Samples].ElementOffset);
            squaring.Value(operands[CounterMomentsProblem.Offsets].ElementOffset);
            Sizes(ref squaring, start);
            run.Next(square, new LaunchShape((long)count * splits, ItemsX: layout.Items));

            var finishing = new ArgumentList(finish);
            Inputs(ref finishing, operands);
            finishing.Buffer(squares);
            finishing.Buffer(operands[CounterMomentsProblem.Means].Memory);
            finishing.Buffer(operands[CounterMomentsProblem.Covariances].Memory);
            for (int i = CounterMomentsProblem.Samples; i <= CounterMomentsProblem.Covariances; i++) finishing.Value(operands[i].ElementOffset);
            Sizes(ref finishing, start);
            var finishGrid = new LaunchShape(count, ItemsX: layout.Items);
            if (start + count < Problem.Observations) run.Next(finish, in finishGrid);
            else run.Last(finish, in finishGrid);
        }
    }

    protected override void Release() => launches.Dispose();

    private static void Inputs(ref ArgumentList arguments, ReadOnlySpan<DeviceSlice> operands)
    {
        arguments.Buffer(operands[CounterMomentsProblem.Samples].Memory);
        arguments.Buffer(operands[CounterMomentsProblem.Offsets].Memory);
    }

    private void Sizes(ref ArgumentList arguments, int start)
    {
        arguments.Value(Problem.SampleStride);
        arguments.Value(Problem.SampleCount);
        arguments.Value(Problem.Counters);
        arguments.Value(layout.Columns(Problem));
        arguments.Value(start);
        arguments.Value(splits);
    }
}
