using KernelSuite.Operations.Launching;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Counters.Moments.Portable;

/// <summary>
/// Moments on a device with programs (OpenCL, CUDA): for as many observations as the workspace holds one launch that squares and one that finishes.
/// </summary>
internal sealed class PortableCounterMomentsPlan : CounterMomentsPlan
{
    private readonly CounterMomentsGroups layout;
    private readonly DeviceMemory squares;
    private readonly DeviceEvent first;
    private readonly DeviceProgram program;
    private readonly DeviceKernel square, finish;
    private readonly int splits, chunk;
    private bool disposed;

    public PortableCounterMomentsPlan(Device device, CounterMomentsProblem problem)
        : base(problem)
    {
        Device = device;
        layout = CounterMomentsGroups.Choose(device.Info);
        splits = Splits(problem, 8L * device.Info.ComputeUnits);
        chunk = layout.Chunk(problem, splits);
        Description = $"{splits} splits of an observation, {chunk} observations a launch, {layout.Items} work-items";
        long length = (long)chunk * splits * problem.Counters * layout.Columns(problem);
        WorkspaceBytes = sizeof(double) * length;
        first = device.CreateEvent();
        squares = device.Allocate(DType.Float64, length);
        try
        {
            program = device.BuildProgram(DeviceCode.Source(device.Info, CounterMomentsGroups.Program, layout.Options));
            square = program.CreateKernel("moments_squares");
            finish = program.CreateKernel("moments_finish");
        }
        catch
        {
            Release();
            throw;
        }
    }

    public override Device Device { get; }

    public override string Implementation => CounterMomentsOperation.Standard;

    public override string Description { get; }

    public override long WorkspaceBytes { get; }

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

        for (int start = 0; start < Problem.Observations; start += chunk)
        {
            int count = Math.Min(chunk, Problem.Observations - start);
            var squaring = new ArgumentList(square);
            Inputs(ref squaring, operands);
            squaring.Buffer(squares);
            squaring.Value(operands[CounterMomentsProblem.Samples].ElementOffset);
            squaring.Value(operands[CounterMomentsProblem.Offsets].ElementOffset);
            Sizes(ref squaring, start);
            stream.Launch(square, new LaunchShape((long)count * splits, ItemsX: layout.Items), start == 0 && timing is not null ? first : null);

            var finishing = new ArgumentList(finish);
            Inputs(ref finishing, operands);
            finishing.Buffer(squares);
            finishing.Buffer(operands[CounterMomentsProblem.Means].Memory);
            finishing.Buffer(operands[CounterMomentsProblem.Covariances].Memory);
            for (int i = CounterMomentsProblem.Samples; i <= CounterMomentsProblem.Covariances; i++) finishing.Value(operands[i].ElementOffset);
            Sizes(ref finishing, start);
            stream.Launch(finish, new LaunchShape(count, ItemsX: layout.Items), start + count == Problem.Observations ? timing : null);
        }

        timing?.StartFrom(first);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposed || !disposing) return;
        disposed = true;
        Release();
    }

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

    private void Release()
    {
        square?.Dispose();
        finish?.Dispose();
        program?.Dispose();
        first.Dispose();
        squares.Dispose();
    }
}
