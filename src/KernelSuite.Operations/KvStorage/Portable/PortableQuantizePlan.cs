using KernelSuite.Operations.Launching;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.KvStorage.Portable;

/// <summary>Quantisation on a device with programs (OpenCL, CUDA): one launch, no memory besides the operands.</summary>
internal sealed class PortableQuantizePlan : KvQuantizePlan
{
    private readonly PortableLaunches launches;
    private readonly DeviceKernel kernel;
    private readonly LaunchShape grid;

    public PortableQuantizePlan(Device device, KvQuantizeProblem problem, bool naive, KvFormatProgram? chosen = null)
        : base(problem)
    {
        launches = new(device);
        Implementation = naive ? "naive" : "fused";
        KvFormatProgram rows = chosen ?? KvFormatProgram.Choose(device.Info, naive);
        KvQuantizeShape s = problem.Shape;
        long pairs = (long)s.Batch * s.KvHeads;
        grid = new(rows.Blocks(s.Rows) * (problem.SharedScale ? Math.Min(1, pairs) : pairs), ItemsX: rows.Lanes, ItemsY: rows.Rows);
        kernel = launches.Kernel(KvFormatProgram.Quantize, rows.Options(problem.DType, problem.Format), "kv_quantize");
        Description = $"{rows.Lanes} work-items a row, {rows.Rows} rows a group";
    }

    public override Device Device => launches.Device;

    public override string Implementation { get; }

    public override string Description { get; }

    public override long WorkspaceBytes => 0;

    public static Support Supports(DeviceInfo device, KvQuantizeProblem problem) => KvFormatProgram.Choose(device, naive: false).Supports(
        device, KvFormatProgram.Quantize, problem.DType, problem.Format, (long)problem.Shape.Batch * problem.Shape.KvHeads, problem.Shape.Rows);

    protected override void Enqueue(DeviceStream stream, ReadOnlySpan<DeviceSlice> operands, DeviceEvent? timing, CancellationToken cancellation)
    {
        KvQuantizeShape s = Problem.Shape;
        var arguments = new ArgumentList(kernel);
        for (int operand = KvQuantizeProblem.X; operand <= KvQuantizeProblem.Scales; operand++) arguments.Buffer(operands[operand].Memory);
        arguments.Place(operands[KvQuantizeProblem.X].ElementOffset, Problem.XStrides);
        for (int operand = KvQuantizeProblem.PageTable; operand <= KvQuantizeProblem.TargetPageTable; operand++)
            arguments.Value(operands[operand].ElementOffset);
        arguments.Place(operands[KvQuantizeProblem.Codes].ElementOffset, Problem.CodeStrides);
        arguments.Place(operands[KvQuantizeProblem.Groups].ElementOffset, Problem.GroupStrides);
        arguments.Place(operands[KvQuantizeProblem.Scales].ElementOffset, Problem.ScaleStrides);
        arguments.Value(s.Batch * s.KvHeads);
        arguments.Value(s.KvHeads);
        arguments.Value(s.Slots);
        arguments.Value(s.Rows);
        arguments.Value(s.TargetSlots);
        arguments.Value(s.HeadDim);
        arguments.Paging(Problem.Paging);
        arguments.Paging(Problem.TargetPaging);
        arguments.Value(Problem.SharedScale ? 1 : 0);
        launches.Begin(stream, timing).Last(kernel, in grid);
    }

    protected override void Release() => launches.Dispose();
}
