using System.Globalization;
using KernelSuite.Operations.Attention.Portable;
using KernelSuite.Operations.Launching;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Scoring.Portable;

/// <summary>attention_moments on a device with programs (OpenCL, CUDA): the moments, then pooling and sums.</summary>
internal sealed class PortableMomentsPlan : OperationPlan
{
    private readonly MomentsProblem problem;
    private readonly PortableLaunches launches;
    private readonly PortableFinish finish;
    private readonly DeviceKernel kernel;
    private readonly LaunchShape grid;

    public PortableMomentsPlan(Device device, MomentsProblem problem, bool naive, ScoringTiles? chosen = null)
    {
        launches = new(device);
        this.problem = problem;
        ScoringShape s = problem.Shape;
        ScoringTiles tiles = chosen ?? ScoringTiles.Choose(device.Info, s.HeadDim, s.QueryLength, MomentsProblem.MaxWindow)
            ?? throw new NotSupportedException(PortableScoring.Supports(device.Info, problem).Reason);
        long parts = naive ? problem.Past : (problem.Past + tiles.Keys - 1L) / tiles.Keys * tiles.ItemsX;
        finish = new(
            launches, s, problem.Past, s.QueryLength, problem.Options.PoolTaps, 0, problem.Past, problem.Has(MomentsOutputs.Stats) ? parts : null);
        grid = naive
            ? PortableScoring.KeyGrid(device, problem.Past, problem.UnitCount)
            : new(PortableScoring.Groups(tiles, problem.Past, problem.UnitCount), ItemsX: tiles.ItemsX, ItemsY: tiles.ItemsY);
        kernel = naive
            ? launches.Kernel(PortableScoring.NaiveName, PortableScoring.NaiveOptions(problem.DType), "moments_naive", own =>
            {
                SetConstants(own);
                own.SetValue(31, (int)problem.UnitCount);
            })
            : launches.Kernel(PortableScoring.MomentsName, tiles.Options(problem.DType, MomentsProblem.MaxWindow), "attention_moments", SetConstants);
        Implementation = naive ? "naive" : "fused";
        Description = naive ? "one work-item a key" : string.Create(
            CultureInfo.InvariantCulture,
            $"{tiles.Keys} keys by {tiles.QueryRows} rows, {tiles.ItemsX} x {tiles.ItemsY} work-items, {tiles.LocalBytes(MomentsProblem.MaxWindow):N0} B local");
    }

    public override OperationProblem Problem => problem;

    public override Device Device => launches.Device;

    public override string Implementation { get; }

    public override string Description { get; }

    public override long WorkspaceBytes => launches.WorkspaceBytes;

    protected override void Enqueue(DeviceStream stream, ReadOnlySpan<DeviceSlice> operands, DeviceEvent? timing, CancellationToken cancellation)
    {
        DeviceSlice lengths = operands[MomentsProblem.KvLengths];
        kernel.SetOperand(0, 9, operands[MomentsProblem.Q]);
        kernel.SetOperand(1, 13, operands[MomentsProblem.K]);
        kernel.SetOperand(2, 17, operands[MomentsProblem.Lse]);
        kernel.SetOperand(3, 18, lengths);
        kernel.SetOperand(4, 19, operands[MomentsProblem.Mean]);
        kernel.SetOperand(5, 20, operands[MomentsProblem.Variance]);
        kernel.SetOperand(6, 21, operands[MomentsProblem.Fourth]);
        LaunchSequence run = launches.Begin(stream, timing);
        run.Next(kernel, in grid);
        finish.Enqueue(ref run, lengths, default, operands[MomentsProblem.Score], operands[MomentsProblem.Stats]);
    }

    protected override void Release() => launches.Dispose();

    /// <summary>Arguments that no launch changes, at the places of the kernels' parameter lists.</summary>
    private void SetConstants(DeviceKernel kernel)
    {
        ScoringShape s = problem.Shape;
        kernel.SetBuffer(7, finish.Group);
        kernel.SetBuffer(8, finish.Partials);
        PortableAttention.SetStrides(kernel, 10, problem.QStrides);
        PortableAttention.SetStrides(kernel, 14, problem.KStrides);
        kernel.SetValue(22, s.QueryHeads);
        kernel.SetValue(23, s.HeadsPerKv);
        kernel.SetValue(24, s.QueryLength);
        kernel.SetValue(25, s.KvLength);
        kernel.SetValue(26, s.HeadDim);
        kernel.SetValue(27, problem.Scale);
        kernel.SetValue(28, problem.Options.SoftCap);
        kernel.SetValue(29, problem.Options.Gamma);
        kernel.SetValue(30, problem.Options.KurtosisFloor);
    }
}
