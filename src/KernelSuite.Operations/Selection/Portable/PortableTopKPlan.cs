using KernelSuite.Operations.Launching;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Selection.Portable;

/// <summary>Radix select on a device with programs (OpenCL, CUDA): four launches that count, one that tallies, one that emits.</summary>
internal sealed class PortableTopKPlan : TopKPlan
{
    private readonly DeviceMemory histograms, states, tallies;
    private readonly DeviceEvent first;
    private readonly DeviceProgram program;
    private readonly DeviceKernel[] count = new DeviceKernel[TopKGroups.Digits];
    private readonly DeviceKernel tally, emit;
    private readonly LaunchShape launch;
    private readonly int groups, piece;
    private bool disposed;

    public PortableTopKPlan(Device device, TopKProblem problem, int? chosenGroups = null)
        : base(problem)
    {
        Device = device;
        groups = chosenGroups ?? TopKGroups.Choose(device.Info, problem.Rows, problem.Columns);
        piece = (problem.Columns + groups - 1) / groups;
        long parts = Math.Max(1, (long)problem.Rows * groups);
        launch = new LaunchShape(parts, ItemsX: TopKGroups.Items);
        Description = $"{groups} groups a row, {TopKGroups.Items} work-items";
        WorkspaceBytes = sizeof(int) * ((TopKGroups.Digits * parts * TopKGroups.Bins) + ((TopKGroups.Digits + 1) * 2L * Math.Max(1, problem.Rows)) + (2 * parts));
        first = device.CreateEvent();
        histograms = device.Allocate(DType.Int32, TopKGroups.Digits * parts * TopKGroups.Bins);
        states = device.Allocate(DType.Int32, (TopKGroups.Digits + 1) * 2L * Math.Max(1, problem.Rows));
        tallies = device.Allocate(DType.Int32, 2 * parts);
        try
        {
            program = device.BuildProgram(DeviceCode.Source(device.Info, TopKGroups.Program, TopKGroups.Options));
            for (int digit = 0; digit < count.Length; digit++) count[digit] = program.CreateKernel("topk_count");
            tally = program.CreateKernel("topk_tally");
            emit = program.CreateKernel("topk_emit");
        }
        catch
        {
            Release();
            throw;
        }
    }

    public override Device Device { get; }

    public override string Implementation => "radix";

    public override string Description { get; }

    public override long WorkspaceBytes { get; }

    public static Support Supports(DeviceInfo device, TopKProblem problem)
    {
        if (device.MaxWorkGroupSize < TopKGroups.Items)
            return Support.No($"The device's groups hold {device.MaxWorkGroupSize} work-items; topk_select needs {TopKGroups.Items}. Use the cpu device.");
        if ((long)problem.Rows * TopKGroups.Choose(device, problem.Rows, problem.Columns) > int.MaxValue / TopKGroups.Items)
            return Support.No($"{problem.Rows:N0} rows are more than one launch holds. Split them.");
        return DeviceCode.Supports(device, TopKGroups.Program, TopKGroups.Options);
    }

    public override void Launch(
        DeviceStream stream, ReadOnlySpan<DeviceSlice> operands, DeviceEvent? timing = null, CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        CheckOperands(stream, operands);
        cancellation.ThrowIfCancellationRequested();
        if (Problem.Rows == 0 || Problem.Selected == 0)
        {
            if (timing is not null) stream.Record(timing);
            return;
        }

        for (int digit = 0; digit < count.Length; digit++)
        {
            var arguments = new ArgumentList(count[digit]);
            arguments.Buffer(operands[TopKProblem.Scores].Memory);
            arguments.Buffer(operands[TopKProblem.Lengths].Memory);
            arguments.Buffer(operands[TopKProblem.Counts].Memory);
            arguments.Buffer(histograms);
            arguments.Buffer(states);
            Offsets(ref arguments, operands, TopKProblem.Scores, TopKProblem.Lengths, TopKProblem.Counts);
            arguments.Value(Problem.ScoreStride);
            Sizes(ref arguments);
            arguments.Value(groups);
            arguments.Value(piece);
            arguments.Value(digit);
            stream.Launch(count[digit], in launch, digit == 0 && timing is not null ? first : null);
        }

        var tallied = new ArgumentList(tally);
        tallied.Buffer(operands[TopKProblem.Lengths].Memory);
        tallied.Buffer(operands[TopKProblem.Counts].Memory);
        tallied.Buffer(histograms);
        tallied.Buffer(states);
        tallied.Buffer(tallies);
        Offsets(ref tallied, operands, TopKProblem.Lengths, TopKProblem.Counts);
        Sizes(ref tallied);
        tallied.Value(groups);
        stream.Launch(tally, in launch);

        var emitted = new ArgumentList(emit);
        emitted.Buffer(operands[TopKProblem.Scores].Memory);
        emitted.Buffer(operands[TopKProblem.Lengths].Memory);
        emitted.Buffer(operands[TopKProblem.Counts].Memory);
        emitted.Buffer(states);
        emitted.Buffer(tallies);
        emitted.Buffer(operands[TopKProblem.Indices].Memory);
        Offsets(ref emitted, operands, TopKProblem.Scores, TopKProblem.Lengths, TopKProblem.Counts, TopKProblem.Indices);
        emitted.Value(Problem.ScoreStride);
        emitted.Value(Problem.IndexStride);
        Sizes(ref emitted);
        emitted.Value(groups);
        emitted.Value(piece);
        stream.Launch(emit, in launch, timing);
        timing?.StartFrom(first);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposed || !disposing) return;
        disposed = true;
        Release();
    }

    private static void Offsets(ref ArgumentList arguments, ReadOnlySpan<DeviceSlice> operands, params ReadOnlySpan<int> which)
    {
        foreach (int operand in which) arguments.Value(operands[operand].ElementOffset);
    }

    private void Sizes(ref ArgumentList arguments)
    {
        arguments.Value(Problem.Rows);
        arguments.Value(Problem.Columns);
        arguments.Value(Problem.Selected);
    }

    private void Release()
    {
        foreach (DeviceKernel? kernel in count) kernel?.Dispose();
        tally?.Dispose();
        emit?.Dispose();
        program?.Dispose();
        first.Dispose();
        histograms.Dispose();
        states.Dispose();
        tallies.Dispose();
    }
}
