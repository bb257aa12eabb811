using System.Runtime.Intrinsics;
using KernelSuite.Operations.Attention.Cpu;
using KernelSuite.Operations.Launching;
using KernelSuite.Operations.Simd;
using KernelSuite.Runtime;
using KernelSuite.Runtime.Cpu;

namespace KernelSuite.Operations.Scoring.Cpu;

/// <summary>attention_scores on the managed CPU device: column sums, then pooling and accumulation.</summary>
internal sealed unsafe class CpuScoresPlan : OperationPlan
{
    private readonly CpuDevice device;
    private readonly ScoresProblem problem;
    private readonly CpuScoresKernelBase kernel;
    private readonly CpuFinishKernel finish;
    private readonly CpuSteps steps;

    public CpuScoresPlan(CpuDevice device, ScoresProblem problem, bool naive)
    {
        this.device = device;
        this.problem = problem;
        ScoringShape s = problem.Shape;
        int threads = device.Team.Threads;
        long kvRows = (long)s.Batch * s.KvHeads;
        var workspace = new CpuScoringWorkspace(kvRows, 0, s.KvLength, 0);
        finish = new(workspace, s.KvHeads, s.KvLength, s.HeadsPerKv, problem.Options.PoolTaps, problem.Options.Decay, problem.ScoreRow);
        Implementation = naive ? "naive" : "fused";
        IDisposable scratch;
        if (naive)
        {
            var rows = new NaiveScoringScratch(s.KvLength, NaiveCpuScoresKernel<float>.ScratchRows, threads);
            scratch = rows;
            WorkspaceBytes = workspace.Bytes + rows.Bytes;
            Description = "a row of probabilities at a time";
            kernel = problem.DType switch
            {
                DType.Float32 => new NaiveCpuScoresKernel<float>(problem, rows, workspace),
                DType.Float16 => new NaiveCpuScoresKernel<Half>(problem, rows, workspace),
                _ => new NaiveCpuScoresKernel<BFloat16>(problem, rows, workspace),
            };
        }
        else if (problem.FromLogits)
        {
            var rows = new CpuLogitScratch(threads);
            scratch = rows;
            WorkspaceBytes = workspace.Bytes + rows.Bytes;
            Description = $"{device.Simd}, {CpuLogitScratch.Keys} keys, {threads} threads";
            kernel = device.Simd switch
            {
                CpuSimd.Vector512 => new CpuLogitScoresKernel<Simd512, Vector512<float>>(problem, rows, workspace),
                CpuSimd.Vector256 => new CpuLogitScoresKernel<Simd256, Vector256<float>>(problem, rows, workspace),
                CpuSimd.Vector128 => new CpuLogitScoresKernel<Simd128, Vector128<float>>(problem, rows, workspace),
                _ => new CpuLogitScoresKernel<SimdScalar, float>(problem, rows, workspace),
            };
        }
        else
        {
            CpuScoringTiles tiles = CpuScoringTiles.Choose(kvRows, s.KvLength, s.QueryLength, device.Simd, threads);
            var parts = new CpuScoringScratch(s.HeadDim, tiles, threads);
            scratch = parts;
            WorkspaceBytes = workspace.Bytes + parts.Bytes;
            Description = $"{device.Simd}, {tiles.Groups} x {tiles.Lanes} keys by {tiles.Rows} rows, {threads} threads";
            kernel = problem.DType switch
            {
                DType.Float32 => Make<float>(tiles, parts, workspace),
                DType.Float16 => Make<Half>(tiles, parts, workspace),
                _ => Make<BFloat16>(tiles, parts, workspace),
            };
        }

        steps = new(device, kernel, finish, workspace, scratch);
    }

    public override OperationProblem Problem => problem;

    public override Device Device => device;

    public override string Implementation { get; }

    public override string Description { get; }

    public override long WorkspaceBytes { get; }

    protected override void Enqueue(DeviceStream stream, ReadOnlySpan<DeviceSlice> operands, DeviceEvent? timing, CancellationToken cancellation)
    {
        int size = problem.DType.SizeOf();
        kernel.Arguments = new CpuScoresArguments
        {
            Q = CpuOperands.Address(operands[ScoresProblem.Q], size),
            K = CpuOperands.Address(operands[ScoresProblem.K], size),
            Logits = (float*)CpuOperands.Address(operands[ScoresProblem.Logits], sizeof(float)),
            Lse = (float*)CpuOperands.Address(operands[ScoresProblem.Lse], sizeof(float)),
            KvLengths = (int*)CpuOperands.Address(operands[ScoresProblem.KvLengths], sizeof(int)),
            ColumnSums = (float*)CpuOperands.Address(operands[ScoresProblem.ColumnSums], sizeof(float)),
            ColumnSquares = (float*)CpuOperands.Address(operands[ScoresProblem.ColumnSquares], sizeof(float)),
        };
        finish.KvLengths = kernel.Arguments.KvLengths;
        finish.Previous = (float*)CpuOperands.Address(operands[ScoresProblem.Previous], sizeof(float));
        finish.Score = (float*)CpuOperands.Address(operands[ScoresProblem.Score], sizeof(float));
        bool empty = problem.Shape.KvLength == 0;
        steps.Launch(stream, empty ? 0 : kernel.Tasks, empty ? 0 : (long)problem.Shape.Batch * problem.Shape.KvHeads, timing, cancellation);
    }

    protected override void Release() => steps.Dispose();

    private CpuScoresKernelBase Make<T>(CpuScoringTiles tiles, CpuScoringScratch parts, CpuScoringWorkspace workspace)
        where T : unmanaged => device.Simd switch
        {
            CpuSimd.Vector512 => new CpuScoresKernel<Simd512, Vector512<float>, Tile6x4, T>(problem, tiles, parts, workspace),
            CpuSimd.Vector256 => new CpuScoresKernel<Simd256, Vector256<float>, Tile6x2, T>(problem, tiles, parts, workspace),
            CpuSimd.Vector128 => new CpuScoresKernel<Simd128, Vector128<float>, Tile6x2, T>(problem, tiles, parts, workspace),
            _ => new CpuScoresKernel<SimdScalar, float, Tile6x2, T>(problem, tiles, parts, workspace),
        };
}
