using System.Globalization;
using KernelSuite.Operations.Launching;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Attention.Portable;

/// <summary>The fused kernel on a device with programs (OpenCL, CUDA): one launch, no memory besides the operands.</summary>
internal sealed class PortableAttentionPlan : AttentionPlan
{
    private readonly DeviceProgram program;
    private readonly DeviceKernel kernel;
    private readonly LaunchShape launch;
    private bool disposed;

    public PortableAttentionPlan(Device device, AttentionProblem problem, AttentionTiles? chosen = null)
        : base(problem)
    {
        Device = device;
        AttentionShape s = problem.Shape;
        AttentionTiles tiles = chosen ?? AttentionTiles.Choose(device.Info, s.HeadDim, s.ValueDim, s.QueryLength, problem.DType)
            ?? throw new NotSupportedException(PortableAttention.Supports(device.Info, problem).Reason);
        (int left, int right) = PortableAttention.Band(problem.Options);
        program = AttentionProgram.Fused(problem, tiles).Build(device);
        try
        {
            kernel = program.CreateKernel("attention_forward");
            SetConstants(left, right);
        }
        catch
        {
            kernel?.Dispose();
            program.Dispose();
            throw;
        }

        launch = new LaunchShape(PortableAttention.Groups(s, tiles), ItemsX: tiles.ItemsX, ItemsY: tiles.ItemsY);
        Description = string.Create(
            CultureInfo.InvariantCulture,
            $"{tiles.BlockM} queries by {tiles.BlockN} keys, {tiles.ItemsX} x {tiles.ItemsY} work-items, {tiles.LaneVectors} x float{tiles.Vector} by "
            + $"{tiles.KeyRows}/{tiles.OutRows} rows, {tiles.LocalBytes(s.HeadDim, s.ValueDim):N0} B local");
    }

    public override Device Device { get; }

    public override string Implementation => "fused";

    public override string Description { get; }

    public override long WorkspaceBytes => 0;

    public override void Launch(
        DeviceStream stream, ReadOnlySpan<DeviceSlice> operands, DeviceEvent? timing = null, CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        CheckOperands(stream, operands);
        cancellation.ThrowIfCancellationRequested();
        if (Problem.UnitCount == 0)
        {
            if (timing is not null) stream.Record(timing);
            return;
        }

        kernel.SetOperand(0, 6, operands[AttentionProblem.Q]);
        kernel.SetOperand(1, 10, operands[AttentionProblem.K]);
        kernel.SetOperand(2, 14, operands[AttentionProblem.V]);
        kernel.SetOperand(3, 18, operands[AttentionProblem.Out]);
        kernel.SetOperand(4, 22, operands[AttentionProblem.Lse]);
        kernel.SetOperand(5, 25, operands[AttentionProblem.KvLengths]);
        stream.Launch(kernel, in launch, timing);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposed || !disposing) return;
        disposed = true;
        kernel.Dispose();
        program.Dispose();
    }

    /// <summary>Arguments that no launch changes, at the places of the kernel's parameter list.</summary>
    private void SetConstants(int left, int right)
    {
        AttentionShape s = Problem.Shape;
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
