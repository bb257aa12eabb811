using System.Globalization;
using KernelSuite.Operations.Attention.Portable;
using KernelSuite.Operations.Launching;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Scoring.Portable;

/// <summary>attention_moments on a device with programs (OpenCL, CUDA): the moments, then pooling and sums.</summary>
internal sealed class PortableMomentsPlan : OperationPlan
{
    private readonly MomentsProblem problem;
    private readonly DeviceProgram program;
    private readonly DeviceKernel kernel;
    private readonly PortableFinish finish;
    private readonly LaunchShape launch;
    private bool disposed;

    public PortableMomentsPlan(Device device, MomentsProblem problem, bool naive, ScoringTiles? chosen = null)
    {
        Device = device;
        this.problem = problem;
        ScoringShape s = problem.Shape;
        ScoringTiles tiles = chosen ?? ScoringTiles.Choose(device.Info, s.HeadDim, s.QueryLength, MomentsProblem.MaxWindow)
            ?? throw new NotSupportedException(PortableScoring.Supports(device.Info, problem).Reason);
        long parts = naive ? problem.Past : (problem.Past + tiles.Keys - 1L) / tiles.Keys * tiles.ItemsX;
        finish = new(
            device, s, problem.Past, s.QueryLength, problem.Options.PoolTaps, 0, problem.Past, problem.Has(MomentsOutputs.Stats) ? parts : null);
        try
        {
            program = naive
                ? PortableScoring.Build(device, PortableScoring.NaiveName, PortableScoring.NaiveOptions(problem.DType))
                : PortableScoring.Build(device, PortableScoring.MomentsName, tiles.Options(problem.DType, MomentsProblem.MaxWindow));
            kernel = program.CreateKernel(naive ? "moments_naive" : "attention_moments");
            SetConstants();
            if (naive) kernel.SetValue(31, (int)problem.UnitCount);
        }
        catch
        {
            kernel?.Dispose();
            program?.Dispose();
            finish.Dispose();
            throw;
        }

        Implementation = naive ? "naive" : "fused";
        launch = naive
            ? PortableScoring.KeyGrid(device, problem.Past, problem.UnitCount)
            : new LaunchShape(PortableScoring.Groups(tiles, problem.Past, problem.UnitCount), ItemsX: tiles.ItemsX, ItemsY: tiles.ItemsY);
        Description = naive ? "one work-item a key" : string.Create(
            CultureInfo.InvariantCulture,
            $"{tiles.Keys} keys by {tiles.QueryRows} rows, {tiles.ItemsX} x {tiles.ItemsY} work-items, {tiles.LocalBytes(MomentsProblem.MaxWindow):N0} B local");
    }

    public override OperationProblem Problem => problem;

    public override Device Device { get; }

    public override string Implementation { get; }

    public override string Description { get; }

    public override long WorkspaceBytes => finish.WorkspaceBytes;

    public override void Launch(
        DeviceStream stream, ReadOnlySpan<DeviceSlice> operands, DeviceEvent? timing = null, CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        CheckOperands(stream, operands);
        cancellation.ThrowIfCancellationRequested();
        DeviceSlice lengths = operands[MomentsProblem.KvLengths];
        bool hasPast = launch.GroupsX * launch.GroupsY > 0;
        if (hasPast)
        {
            kernel.SetOperand(0, 9, operands[MomentsProblem.Q]);
            kernel.SetOperand(1, 13, operands[MomentsProblem.K]);
            kernel.SetOperand(2, 17, operands[MomentsProblem.Lse]);
            kernel.SetOperand(3, 18, lengths);
            kernel.SetOperand(4, 19, operands[MomentsProblem.Mean]);
            kernel.SetOperand(5, 20, operands[MomentsProblem.Variance]);
            kernel.SetOperand(6, 21, operands[MomentsProblem.Fourth]);
            stream.Launch(kernel, in launch, timing is null ? null : finish.First);
        }

        finish.Launch(stream, lengths, default, operands[MomentsProblem.Score], operands[MomentsProblem.Stats], timing);
        if (hasPast) timing?.StartFrom(finish.First);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposed || !disposing) return;
        disposed = true;
        kernel.Dispose();
        program.Dispose();
        finish.Dispose();
    }

    /// <summary>Arguments that no launch changes, at the places of the kernels' parameter lists.</summary>
    private void SetConstants()
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
