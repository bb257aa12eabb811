using KernelSuite.Operations.Launching;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Selection.Portable;

/// <summary>Radix select on a device with programs (OpenCL, CUDA): four launches that count, one that tallies, one that emits.</summary>
internal sealed class PortableTopKPlan : TopKPlan
{
    private readonly PortableLaunches launches;
    private readonly DeviceMemory histograms, states, tallies;
    private readonly DeviceKernel[] count = new DeviceKernel[TopKGroups.Digits];
    private readonly DeviceKernel tally, emit;
    private readonly LaunchShape grid;
    private readonly int groups, piece;

    public PortableTopKPlan(Device device, TopKProblem problem, int? chosenGroups = null)
        : base(problem)
    {
        launches = new(device);
        groups = chosenGroups ?? TopKGroups.Choose(device.Info, problem.Rows, problem.Columns);
        piece = (problem.Columns + groups - 1) / groups;
        long parts = Math.Max(1, (long)problem.Rows * groups);
        grid = new(problem.Selected == 0 ? 0 : parts, ItemsX: TopKGroups.Items);
        Description = $"{groups} groups a row, {TopKGroups.Items} work-items";
        histograms = launches.Allocate(DType.Int32, TopKGroups.Digits * parts * TopKGroups.Bins);
        states = launches.Allocate(DType.Int32, (TopKGroups.Digits + 1) * 2L * Math.Max(1, problem.Rows));
        tallies = launches.Allocate(DType.Int32, 2 * parts);
        for (int digit = 0; digit < count.Length; digit++) count[digit] = Kernel("topk_count");
        tally = Kernel("topk_tally");
        emit = Kernel("topk_emit");
        DeviceKernel Kernel(string entry) => launches.Kernel(TopKGroups.Program, TopKGroups.Options, entry);
    }

    public override Device Device => launches.Device;

    public override string Implementation => "radix";

    public override string Description { get; }

    public override long WorkspaceBytes => launches.WorkspaceBytes;

    public static Support Supports(DeviceInfo device, TopKProblem problem)
    {
        if (device.MaxWorkGroupSize < TopKGroups.Items)
            return Support.No($"The device's groups hold {device.MaxWorkGroupSize} work-items; topk_select needs {TopKGroups.Items}. Use the cpu device.");
        if ((long)problem.Rows * TopKGroups.Choose(device, problem.Rows, problem.Columns) > int.MaxValue / TopKGroups.Items)
            return Support.No($"{problem.Rows:N0} rows are more than one launch holds. Split them.");
        return DeviceCode.Supports(device, TopKGroups.Program, TopKGroups.Options);
    }

    protected override void Enqueue(DeviceStream stream, ReadOnlySpan<DeviceSlice> operands, DeviceEvent? timing, CancellationToken cancellation)
    {
        LaunchSequence run = launches.Begin(stream, timing);
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
            run.Next(count[digit], in grid);
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
        run.Next(tally, in grid);

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
        run.Last(emit, in grid);
    }

    protected override void Release() => launches.Dispose();

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
}
