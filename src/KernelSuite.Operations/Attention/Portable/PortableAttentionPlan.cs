using System.Globalization;
using KernelSuite.Operations.Launching;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Attention.Portable;

/// <summary>The fused kernel on a device with programs (OpenCL, CUDA): one launch, no memory besides the operands.</summary>
internal sealed class PortableAttentionPlan : AttentionPlan
{
    private readonly PortableLaunches launches;
    private readonly DeviceKernel kernel;
    private readonly LaunchShape grid;

    public PortableAttentionPlan(Device device, AttentionProblem problem, AttentionTiles? chosen = null)
        : base(problem)
    {
        launches = new(device);
        AttentionShape s = problem.Shape;
        AttentionTiles tiles = chosen ?? AttentionTiles.Choose(device.Info, s.HeadDim, s.ValueDim, s.QueryLength, problem.DType)
            ?? throw new NotSupportedException(PortableAttention.Supports(device.Info, problem).Reason);
        AttentionProgram program = AttentionProgram.Fused(problem, tiles);
        kernel = launches.Kernel(program.Name, program.Options, "attention_forward", SetConstants);
        grid = new(PortableAttention.Groups(s, tiles), ItemsX: tiles.ItemsX, ItemsY: tiles.ItemsY);
        Description = string.Create(
            CultureInfo.InvariantCulture,
            $"{tiles.BlockM} queries by {tiles.BlockN} keys, {tiles.ItemsX} x {tiles.ItemsY} work-items, {tiles.LaneVectors} x float{tiles.Vector} by "
            + $"{tiles.KeyRows}/{tiles.OutRows} rows, {tiles.LocalBytes(s.HeadDim, s.ValueDim):N0} B local");
    }

    public override Device Device => launches.Device;

    public override string Implementation => "fused";

    public override string Description { get; }

    public override long WorkspaceBytes => 0;

    protected override void Enqueue(DeviceStream stream, ReadOnlySpan<DeviceSlice> operands, DeviceEvent? timing, CancellationToken cancellation)
    {
        kernel.SetOperand(0, 6, operands[AttentionProblem.Q]);
        kernel.SetOperand(1, 10, operands[AttentionProblem.K]);
        kernel.SetOperand(2, 14, operands[AttentionProblem.V]);
        kernel.SetOperand(3, 18, operands[AttentionProblem.Out]);
        kernel.SetOperand(4, 22, operands[AttentionProblem.Lse]);
        kernel.SetOperand(5, 25, operands[AttentionProblem.KvLengths]);
        launches.Begin(stream, timing).Last(kernel, in grid);
    }

    protected override void Release() => launches.Dispose();

    /// <summary>Arguments that no launch changes, at the places of the kernel's parameter list.</summary>
    private void SetConstants(DeviceKernel kernel)
    {
        AttentionShape s = Problem.Shape;
        (int left, int right) = PortableAttention.Band(Problem.Options);
        PortableAttention.SetStrides(kernel, 7, Problem.QStrides);
        PortableAttention.SetStrides(kernel, 11, Problem.KStrides);
        PortableAttention.SetStrides(kernel, 15, Problem.VStrides);
        PortableAttention.SetStrides(kernel, 19, Problem.OutStrides);
        kernel.SetValue(23, (long)s.QueryHeads * s.QueryLength);
        kernel.SetValue(24, (long)s.QueryLength);
        kernel.SetValue(26, s.QueryHeads);
        kernel.SetValue(27, s.QueryHeads / s.KvHeads);
        kernel.SetValue(28, s.QueryLength);
        kernel.SetValue(29, s.KvLength);
        kernel.SetValue(30, Problem.Scale);
        kernel.SetValue(31, Problem.Options.SoftCap);
        kernel.SetValue(32, left);
        kernel.SetValue(33, right);
        kernel.SetValue(34, s.HeadDim);
        kernel.SetValue(35, s.ValueDim);
    }
}
