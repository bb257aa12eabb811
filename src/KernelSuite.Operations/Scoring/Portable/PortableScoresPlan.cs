using System.Globalization;
using KernelSuite.Operations.Attention.Portable;
using KernelSuite.Operations.Launching;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Scoring.Portable;

/// <summary>attention_scores on a device with programs (OpenCL, CUDA): column sums, then pooling and accumulation.</summary>
internal sealed class PortableScoresPlan : OperationPlan
{
    private readonly ScoresProblem problem;
    private readonly PortableLaunches launches;
    private readonly PortableFinish finish;
    private readonly DeviceKernel kernel;
    private readonly LaunchShape grid;

    public PortableScoresPlan(Device device, ScoresProblem problem, bool naive, ScoringTiles? chosen = null)
    {
        launches = new(device);
        this.problem = problem;
        ScoringShape s = problem.Shape;
        long kvRows = (long)s.Batch * s.KvHeads;
        ScoringTiles tiles = chosen ?? ScoringTiles.Choose(device.Info, s.HeadDim, s.QueryLength, 0)
            ?? throw new NotSupportedException(PortableScoring.Supports(device.Info, problem).Reason);
        bool tiled = !naive && !problem.FromLogits;
        finish = new(launches, s, s.KvLength, 0, problem.Options.PoolTaps, problem.Options.Decay, problem.ScoreRow);
        if (tiled)
        {
            grid = new(PortableScoring.Groups(tiles, s.KvLength, kvRows), ItemsX: tiles.ItemsX, ItemsY: tiles.ItemsY);
            kernel = launches.Kernel(PortableScoring.ScoresName, tiles.Options(problem.DType, 0), "attention_scores", SetConstants);
        }
        else if (problem.FromLogits)
        {
            grid = PortableScoring.KeyGrid(device, s.KvLength, kvRows);
            kernel = launches.Kernel(PortableScoring.FinishName, string.Empty, "scores_from_logits", own => SetLogitConstants(own, (int)kvRows));
        }
        else
        {
            grid = PortableScoring.KeyGrid(device, s.KvLength, kvRows);
            kernel = launches.Kernel(PortableScoring.NaiveName, PortableScoring.NaiveOptions(problem.DType), "scores_naive", own =>
            {
                SetConstants(own);
                own.SetValue(27, (int)kvRows);
            });
        }

        Implementation = naive ? "naive" : "fused";
        Description = !tiled ? "one work-item a key" : string.Create(
            CultureInfo.InvariantCulture,
            $"{tiles.Keys} keys by {tiles.QueryRows} rows, {tiles.ItemsX} x {tiles.ItemsY} work-items, {tiles.LocalBytes(0):N0} B local");
    }

    public override OperationProblem Problem => problem;

    public override Device Device => launches.Device;

    public override string Implementation { get; }

    public override string Description { get; }

    public override long WorkspaceBytes => launches.WorkspaceBytes;

    protected override void Enqueue(DeviceStream stream, ReadOnlySpan<DeviceSlice> operands, DeviceEvent? timing, CancellationToken cancellation)
    {
        DeviceSlice lengths = operands[ScoresProblem.KvLengths];
        if (problem.FromLogits)
        {
            kernel.SetOperand(0, 6, operands[ScoresProblem.Logits]);
            kernel.SetOperand(1, 10, operands[ScoresProblem.Lse]);
            kernel.SetOperand(2, 11, lengths);
            kernel.SetOperand(4, 12, operands[ScoresProblem.ColumnSums]);
            kernel.SetOperand(5, 13, operands[ScoresProblem.ColumnSquares]);
        }
        else
        {
            kernel.SetOperand(0, 7, operands[ScoresProblem.Q]);
            kernel.SetOperand(1, 11, operands[ScoresProblem.K]);
            kernel.SetOperand(2, 15, operands[ScoresProblem.Lse]);
            kernel.SetOperand(3, 16, lengths);
            kernel.SetOperand(5, 17, operands[ScoresProblem.ColumnSums]);
            kernel.SetOperand(6, 18, operands[ScoresProblem.ColumnSquares]);
        }

        LaunchSequence run = launches.Begin(stream, timing);
        run.Next(kernel, in grid);
        finish.Enqueue(ref run, lengths, operands[ScoresProblem.Previous], operands[ScoresProblem.Score], default);
    }

    protected override void Release() => launches.Dispose();

    /// <summary>Arguments that no launch changes, at the places of the parameter lists of attention_scores and scores_naive.</summary>
    private void SetConstants(DeviceKernel kernel)
    {
        ScoringShape s = problem.Shape;
        kernel.SetBuffer(4, finish.Group);
        PortableAttention.SetStrides(kernel, 8, problem.QStrides);
        PortableAttention.SetStrides(kernel, 12, problem.KStrides);
        kernel.SetValue(19, s.QueryHeads);
        kernel.SetValue(20, s.HeadsPerKv);
        kernel.SetValue(21, s.QueryLength);
        kernel.SetValue(22, s.KvLength);
        kernel.SetValue(23, s.HeadDim);
        kernel.SetValue(24, problem.Scale);
        kernel.SetValue(25, problem.Options.SoftCap);
        kernel.SetValue(26, problem.Options.Causal ? 1 : 0);
    }

    /// <summary>The same for scores_from_logits.</summary>
    private void SetLogitConstants(DeviceKernel kernel, int kvRows)
    {
        ScoringShape s = problem.Shape;
        kernel.SetBuffer(3, finish.Group);
        PortableAttention.SetStrides(kernel, 7, problem.LogitStrides);
        kernel.SetValue(14, kvRows);
        kernel.SetValue(15, s.QueryHeads);
        kernel.SetValue(16, s.HeadsPerKv);
        kernel.SetValue(17, s.QueryLength);
        kernel.SetValue(18, s.KvLength);
    }
}
