using KernelSuite.Operations.Launching;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Selection.Portable;

/// <summary>The baseline on a device with programs: a work-item a row.</summary>
internal sealed class PortableNaiveTopKPlan : TopKPlan
{
    private const int GroupItems = 64;

    private readonly PortableLaunches launches;
    private readonly DeviceKernel kernel;
    private readonly LaunchShape grid;

    public PortableNaiveTopKPlan(Device device, TopKProblem problem)
        : base(problem)
    {
        launches = new(device);
        long groups = problem.Selected == 0 ? 0 : (problem.Rows + GroupItems - 1L) / GroupItems;
        grid = new(groups, ItemsX: GroupItems);
        kernel = launches.Kernel(TopKGroups.Program, TopKGroups.Options, "topk_naive");
    }

    public override Device Device => launches.Device;

    public override string Implementation => "naive";

    public override string Description => "a work-item a row, 32 passes";

    public override long WorkspaceBytes => 0;

    protected override void Enqueue(DeviceStream stream, ReadOnlySpan<DeviceSlice> operands, DeviceEvent? timing, CancellationToken cancellation)
    {
        var arguments = new ArgumentList(kernel);
        for (int operand = TopKProblem.Scores; operand <= TopKProblem.Indices; operand++) arguments.Buffer(operands[operand].Memory);
        for (int operand = TopKProblem.Scores; operand <= TopKProblem.Indices; operand++) arguments.Value(operands[operand].ElementOffset);
        arguments.Value(Problem.ScoreStride);
        arguments.Value(Problem.IndexStride);
        arguments.Value(Problem.Rows);
        arguments.Value(Problem.Columns);
        arguments.Value(Problem.Selected);
        launches.Begin(stream, timing).Last(kernel, in grid);
    }

    protected override void Release() => launches.Dispose();
}
