using System.Runtime.Intrinsics;
using KernelSuite.Operations.Attention.Cpu;
using KernelSuite.Operations.Launching;
using KernelSuite.Operations.Simd;
using KernelSuite.Runtime;
using KernelSuite.Runtime.Cpu;

namespace KernelSuite.Operations.Scoring.Cpu;

/// <summary>attention_moments on the managed CPU device: the moments, then pooling and sums.</summary>
internal sealed unsafe class CpuMomentsPlan : OperationPlan
{
    private readonly CpuDevice device;
    private readonly MomentsProblem problem;
    private readonly CpuMomentsKernelBase kernel;
    private readonly CpuFinishKernel finish;
    private readonly CpuSteps steps;

    public CpuMomentsPlan(CpuDevice device, MomentsProblem problem, bool naive)
    {
        this.device = device;
        this.problem = problem;
        ScoringShape s = problem.Shape;
        CpuScoringTiles tiles = CpuScoringTiles.Choose((long)s.Batch * s.KvHeads, problem.Past, s.QueryLength, device.Simd, device.Team.Threads);
        int blocks = naive ? Math.Min(1, problem.Past) : (problem.Past + tiles.Keys - 1) / tiles.Keys;
        var workspace = new CpuScoringWorkspace(problem.UnitCount, (long)s.Batch * s.QueryHeads, problem.Past, problem.Has(MomentsOutputs.Stats) ? blocks : 0);
        finish = new(workspace, s.KvHeads, problem.Past, s.HeadsPerKv, problem.Options.PoolTaps, 0, problem.Past) { Dropped = s.QueryLength };
        Implementation = naive ? "naive" : "fused";
        IDisposable scratch;
        if (naive)
        {
            var rows = new NaiveScoringScratch(problem.Past, s.QueryLength, device.Team.Threads);
            scratch = rows;
            WorkspaceBytes = workspace.Bytes + rows.Bytes;
            Description = "a head's probabilities in memory";
            kernel = problem.DType switch
            {
                DType.Float32 => new NaiveCpuMomentsKernel<float>(problem, rows, workspace),
                DType.Float16 => new NaiveCpuMomentsKernel<Half>(problem, rows, workspace),
                _ => new NaiveCpuMomentsKernel<BFloat16>(problem, rows, workspace),
            };
        }
        else
        {
            var parts = new CpuScoringScratch(s.HeadDim, tiles, device.Team.Threads);
            scratch = parts;
            WorkspaceBytes = workspace.Bytes + parts.Bytes;
            Description = $"{device.Simd}, {tiles.Groups} x {tiles.Lanes} keys, {device.Team.Threads} threads";
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
        kernel.Arguments = new CpuMomentsArguments
        {
            Q = CpuOperands.Address(operands[MomentsProblem.Q], size),
            K = CpuOperands.Address(operands[MomentsProblem.K], size),
            Lse = (float*)CpuOperands.Address(operands[MomentsProblem.Lse], sizeof(float)),
            KvLengths = (int*)CpuOperands.Address(operands[MomentsProblem.KvLengths], sizeof(int)),
            Mean = (float*)CpuOperands.Address(operands[MomentsProblem.Mean], sizeof(float)),
            Variance = (float*)CpuOperands.Address(operands[MomentsProblem.Variance], sizeof(float)),
            Fourth = (float*)CpuOperands.Address(operands[MomentsProblem.Fourth], sizeof(float)),
        };
        finish.KvLengths = kernel.Arguments.KvLengths;
        finish.Score = (float*)CpuOperands.Address(operands[MomentsProblem.Score], sizeof(float));
        finish.Stats = (float*)CpuOperands.Address(operands[MomentsProblem.Stats], sizeof(float));
        steps.Launch(stream, problem.Past == 0 ? 0 : kernel.Tasks, problem.UnitCount, timing, cancellation);
    }

    protected override void Release() => steps.Dispose();

    private CpuMomentsKernelBase Make<T>(CpuScoringTiles tiles, CpuScoringScratch parts, CpuScoringWorkspace workspace)
        where T : unmanaged => device.Simd switch
        {
            CpuSimd.Vector512 => new CpuMomentsKernel<Simd512, Vector512<float>, Tile6x4, T>(problem, tiles, parts, workspace),
            CpuSimd.Vector256 => new CpuMomentsKernel<Simd256, Vector256<float>, Tile6x2, T>(problem, tiles, parts, workspace),
            CpuSimd.Vector128 => new CpuMomentsKernel<Simd128, Vector128<float>, Tile6x2, T>(problem, tiles, parts, workspace),
            _ => new CpuMomentsKernel<SimdScalar, float, Tile6x2, T>(problem, tiles, parts, workspace),
        };
}
