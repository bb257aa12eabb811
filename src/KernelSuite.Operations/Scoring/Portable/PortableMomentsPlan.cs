using System.Globalization;
using KernelSuite.Operations.Attention.Portable;
using KernelSuite.Operations.Launching;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Scoring.Portable;

/// <summary>attention_moments on a device with programs (OpenCL, CUDA): the moments, then pooling and sums.</summary>
internal sealed class PortableMomentsPlan : OperationPlan
{
    private readonly MomentsProblem problem;
    private readonly PortableSteps steps;
    private bool disposed;

    public PortableMomentsPlan(Device device, MomentsProblem problem, bool naive, ScoringTiles? chosen = null)
    {
        Device = device;
        this.problem = problem;
        ScoringShape s = problem.Shape;
        ScoringTiles tiles = chosen ?? ScoringTiles.Choose(device.Info, s.HeadDim, s.QueryLength, MomentsProblem.MaxWindow)
            ?? throw new NotSupportedException(PortableScoring.Supports(device.Info, problem).Reason);
        long parts = naive ? problem.Past : (problem.Past + tiles.Keys - 1L) / tiles.Keys * tiles.ItemsX;
        var finish = new PortableFinish(
            device, s, problem.Past, s.QueryLength, problem.Options.PoolTaps, 0, problem.Past, problem.Has(MomentsOutputs.Stats) ? parts : null);
        LaunchShape launch = naive
            ? PortableScoring.KeyGrid(device, problem.Past, problem.UnitCount)
            : new LaunchShape(PortableScoring.Groups(tiles, problem.Past, problem.UnitCount), ItemsX: tiles.ItemsX, ItemsY: tiles.ItemsY);
        steps = naive
            ? new(finish, launch, () => PortableScoring.Build(device, PortableScoring.NaiveName, PortableScoring.NaiveOptions(problem.DType)), "moments_naive")
            : new(
                finish, launch, () => PortableScoring.Build(device, PortableScoring.MomentsName, tiles.Options(problem.DType, MomentsProblem.MaxWindow)),
                "attention_moments");
        SetConstants(steps.Kernel);
        if (naive) steps.Kernel.SetValue(31, (int)problem.UnitCount);
        Implementation = naive ? "naive" : "fused";
        Description = naive ? "one work-item a key" : string.Create(
            CultureInfo.InvariantCulture,
            $"{tiles.Keys} keys by {tiles.QueryRows} rows, {tiles.ItemsX} x {tiles.ItemsY} work-items, {tiles.LocalBytes(MomentsProblem.MaxWindow):N0} B local");
    }

    public override OperationProblem Problem => problem;

    public override Device Device { get; }

    public override string Implementation { get; }

    public override string Description { get; }

    public override long WorkspaceBytes => steps.Finish.WorkspaceBytes;

    public override void Launch(
        DeviceStream stream, ReadOnlySpan<DeviceSlice> operands, DeviceEvent? timing = null, CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        CheckOperands(stream, operands);
        cancellation.ThrowIfCancellationRequested();
        DeviceSlice lengths = operands[MomentsProblem.KvLengths];
        if (steps.HasKeys)
        {
            DeviceKernel kernel = steps.Kernel;
            kernel.SetOperand(0, 9, operands[MomentsProblem.Q]);
            kernel.SetOperand(1, 13, operands[MomentsProblem.K]);
            kernel.SetOperand(2, 17, operands[MomentsProblem.Lse]);
            kernel.SetOperand(3, 18, lengths);
            kernel.SetOperand(4, 19, operands[MomentsProblem.Mean]);
            kernel.SetOperand(5, 20, operands[MomentsProblem.Variance]);
            kernel.SetOperand(6, 21, operands[MomentsProblem.Fourth]);
        }

        steps.Launch(stream, lengths, default, operands[MomentsProblem.Score], operands[MomentsProblem.Stats], timing);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposed || !disposing) return;
        disposed = true;
        steps.Dispose();
    }

    /// <summary>Arguments that no launch changes, at the places of the kernels' parameter lists.</summary>
    private void SetConstants(DeviceKernel kernel)
    {
        ScoringShape s = problem.Shape;
        kernel.SetBuffer(7, steps.Finish.Group);
        kernel.SetBuffer(8, steps.Finish.Partials);
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
