using KernelSuite.Operations.Launching;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.KvStorage.Portable;

/// <summary>Dequantisation on a device with programs (OpenCL, CUDA): one launch, no memory besides the operands.</summary>
internal sealed class PortableDequantizePlan : KvDequantizePlan
{
    private readonly PortableLaunches launches;
    private readonly DeviceKernel kernel;
    private readonly LaunchShape grid;

    public PortableDequantizePlan(Device device, KvDequantizeProblem problem, bool naive, KvFormatProgram? chosen = null)
        : base(problem)
    {
        launches = new(device);
        Implementation = naive ? "naive" : "fused";
        KvFormatProgram rows = chosen ?? KvFormatProgram.Choose(device.Info, naive);
        KvDequantizeShape s = problem.Shape;
        grid = new(rows.Blocks(s.Slots) * s.Batch * s.KvHeads, ItemsX: rows.Lanes, ItemsY: rows.Rows);
        kernel = launches.Kernel(KvFormatProgram.Dequantize, rows.Options(problem.DType, problem.Format), "kv_dequantize");
        Description = $"{rows.Lanes} work-items a row, {rows.Rows} rows a group";
    }

    public override Device Device => launches.Device;

    public override string Implementation { get; }

    public override string Description { get; }

    public override long WorkspaceBytes => 0;

    public static Support Supports(DeviceInfo device, KvDequantizeProblem problem) => KvFormatProgram.Choose(device, naive: false).Supports(
        device, KvFormatProgram.Dequantize, problem.DType, problem.Format, (long)problem.Shape.Batch * problem.Shape.KvHeads, problem.Shape.Slots);

    protected override void Enqueue(DeviceStream stream, ReadOnlySpan<DeviceSlice> operands, DeviceEvent? timing, CancellationToken cancellation)
    {
        KvDequantizeShape s = Problem.Shape;
        var arguments = new ArgumentList(kernel);
        for (int operand = KvDequantizeProblem.Codes; operand <= KvDequantizeProblem.X; operand++) arguments.Buffer(operands[operand].Memory);
        arguments.Place(operands[KvDequantizeProblem.Codes].ElementOffset, Problem.CodeStrides);
        arguments.Place(operands[KvDequantizeProblem.Groups].ElementOffset, Problem.GroupStrides);
        arguments.Place(operands[KvDequantizeProblem.Scales].ElementOffset, Problem.ScaleStrides);
        arguments.Value(operands[KvDequantizeProblem.PageTable].ElementOffset);
        arguments.Value(operands[KvDequantizeProblem.Lengths].ElementOffset);
        arguments.Place(operands[KvDequantizeProblem.X].ElementOffset, Problem.XStrides);
        arguments.Value(s.KvHeads);
        arguments.Value(s.Slots);
        arguments.Value(s.HeadDim);
        arguments.Paging(Problem.Paging);
        launches.Begin(stream, timing).Last(kernel, in grid);
    }

    protected override void Release() => launches.Dispose();
}
