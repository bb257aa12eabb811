using KernelSuite.Operations.Launching;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Selection.Portable;

/// <summary>The baseline on a device with programs: a work-item a row.</summary>
internal sealed class PortableNaiveTopKPlan : TopKPlan
{
    private const int GroupItems = 64;

    private readonly DeviceProgram program;
    private readonly DeviceKernel kernel;
    private bool disposed;

    public PortableNaiveTopKPlan(Device device, TopKProblem problem)
        : base(problem)
    {
        Device = device;
        program = device.BuildProgram(DeviceCode.Source(device.Info, TopKGroups.Program, TopKGroups.Options));
        try
        {
            kernel = program.CreateKernel("topk_naive");
        }
        catch
        {
            program.Dispose();
            throw;
        }
    }

    public override Device Device { get; }

    public override string Implementation => "naive";

    public override string Description => "a work-item a row, 32 passes";

    public override long WorkspaceBytes => 0;

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

        var arguments = new ArgumentList(kernel);
        for (int operand = TopKProblem.Scores; operand <= TopKProblem.Indices; operand++) arguments.Buffer(operands[operand].Memory);
        for (int operand = TopKProblem.Scores; operand <= TopKProblem.Indices; operand++) arguments.Value(operands[operand].ElementOffset);
        arguments.Value(Problem.ScoreStride);
        arguments.Value(Problem.IndexStride);
        arguments.Value(Problem.Rows);
        arguments.Value(Problem.Columns);
        arguments.Value(Problem.Selected);
        stream.Launch(kernel, new LaunchShape((Problem.Rows + GroupItems - 1L) / GroupItems, ItemsX: GroupItems), timing);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposed || !disposing) return;
        disposed = true;
        kernel.Dispose();
        program.Dispose();
    }
}
