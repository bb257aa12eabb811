using System.Globalization;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Attention.OpenCl;

/// <summary>The fused kernel on an OpenCL device: one launch, no memory besides the operands.</summary>
internal sealed class OpenClAttentionPlan : AttentionPlan
{
    private const string Source = "attention/attention_forward.cl";

    private readonly DeviceProgram program;
    private readonly DeviceKernel kernel;
    private readonly LaunchShape launch;
    private bool disposed;

    public OpenClAttentionPlan(Device device, AttentionProblem problem, AttentionTiles? chosen = null)
        : base(problem)
    {
        Device = device;
        AttentionShape s = problem.Shape;
        AttentionTiles tiles = chosen ?? AttentionTiles.Choose(device.Info, s.HeadDim, s.ValueDim, s.QueryLength, problem.DType)
            ?? throw new NotSupportedException(OpenClAttention.Supports(device.Info, problem).Reason);
        (int left, int right) = OpenClAttention.Band(problem.Options);
        program = device.BuildProgram(new ProgramSource(Source, KernelText.Load(Source), Options(problem, tiles, left >= 0 || right >= 0)));
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

        launch = new LaunchShape(OpenClAttention.Groups(s, tiles), ItemsX: tiles.ItemsX, ItemsY: tiles.ItemsY);
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

        OpenClAttention.SetOperand(kernel, 0, 6, operands[AttentionProblem.Q]);
        OpenClAttention.SetOperand(kernel, 1, 10, operands[AttentionProblem.K]);
        OpenClAttention.SetOperand(kernel, 2, 14, operands[AttentionProblem.V]);
        OpenClAttention.SetOperand(kernel, 3, 18, operands[AttentionProblem.Out]);
        OpenClAttention.SetOperand(kernel, 4, 22, operands[AttentionProblem.Lse]);
        OpenClAttention.SetOperand(kernel, 5, 25, operands[AttentionProblem.KvLengths]);
        stream.Launch(kernel, in launch, timing);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposed || !disposing) return;
        disposed = true;
        kernel.Dispose();
        program.Dispose();
    }

    private static string Options(AttentionProblem problem, AttentionTiles t, bool band) => string.Create(
        CultureInfo.InvariantCulture,
        $"{OpenClAttention.CommonOptions(problem)} -DHEAD_DIM={problem.Shape.HeadDim} -DHEAD_DIM_V={problem.Shape.ValueDim} -DBAND={(band ? 1 : 0)} "
        + $"-DVEC={t.Vector} -DBLOCK_M={t.BlockM} -DBLOCK_N={t.BlockN} -DITEMS_X={t.ItemsX} -DITEMS_Y={t.ItemsY} -DLANE_VECS={t.LaneVectors} "
        + $"-DKEY_ROWS={t.KeyRows} -DOUT_ROWS={t.OutRows} -DKEEP_OUT={(t.KeepOut ? 1 : 0)} -DSTAGE_KV={(t.StageKv ? 1 : 0)}");

    /// <summary>Arguments that no launch changes, at the places of the kernel's parameter list.</summary>
    private void SetConstants(int left, int right)
    {
        AttentionShape s = Problem.Shape;
        OpenClAttention.SetStrides(kernel, 7, Problem.QStrides);
        OpenClAttention.SetStrides(kernel, 11, Problem.KStrides);
        OpenClAttention.SetStrides(kernel, 15, Problem.VStrides);
        OpenClAttention.SetStrides(kernel, 19, Problem.OutStrides);
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
