using KernelSuite.Operations.Launching;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Selection.Portable;

/// <summary>The baseline on a device with programs: a work-item a row.</summary>
internal sealed class PortableNaiveTopKPlan : TopKPlan
{
    private const int GroupItems = 64;

    private readonly PortableLaunch launch;

    public PortableNaiveTopKPlan(Device device, TopKProblem problem)
        : base(problem)
    {
        Device = device;
        long groups = problem.Selected == 0 ? 0 : (problem.Rows + GroupItems - 1L) / GroupItems;
        launch = new PortableLaunch(device, TopKGroups.Program, TopKGroups.Options, "topk_naive", new LaunchShape(groups, ItemsX: GroupItems));
    }

    public override Device Device { get; }

    public override string Implementation => "naive";

    public override string Description => "a work-item a row, 32 passes";

    public override long WorkspaceBytes => 0;

    public override void Launch(
        DeviceStream stream, ReadOnlySpan<DeviceSlice> operands, DeviceEvent? timing = null, CancellationToken cancellation = default)
    {
        launch.MustBeAlive(this);
        CheckOperands(stream, operands);
        cancellation.ThrowIfCancellationRequested();
        if (launch.IsEmpty(stream, timing)) return;
        var arguments = new ArgumentList(launch.Kernel);
        for (int operand = TopKProblem.Scores; operand <= TopKProblem.Indices; operand++) arguments.Buffer(operands[operand].Memory);
        for (int operand = TopKProblem.Scores; operand <= TopKProblem.Indices; operand++) arguments.Value(operands[operand].ElementOffset);
        arguments.Value(Problem.ScoreStride);
        arguments.Value(Problem.IndexStride);
        arguments.Value(Problem.Rows);
        arguments.Value(Problem.Columns);
        arguments.Value(Problem.Selected);
        launch.Run(stream, timing);
    }

    protected override void Dispose(bool disposing) => launch.Dispose();
}
