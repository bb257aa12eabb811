using System.Runtime.Intrinsics;
using KernelSuite.Operations.Launching;
using KernelSuite.Operations.Simd;
using KernelSuite.Runtime;
using KernelSuite.Runtime.Cpu;

namespace KernelSuite.Operations.Attention.Cpu;

/// <summary>Attention on the managed CPU device.</summary>
internal sealed unsafe class CpuAttentionPlan : AttentionPlan
{
    private readonly CpuDevice device;
    private readonly CpuAttentionKernelBase kernel;
    private readonly IDisposable scratch;

    public CpuAttentionPlan(CpuDevice device, AttentionProblem problem, bool naive)
        : base(problem)
    {
        this.device = device;
        if (naive)
        {
            var rows = new NaiveScratch(problem.Shape, device.Team.Threads);
            scratch = rows;
            WorkspaceBytes = rows.Bytes;
            Implementation = "naive";
            Description = "three passes over a score row";
            kernel = problem.DType switch
            {
                DType.Float32 => new NaiveCpuAttentionKernel<float>(problem, rows),
                DType.Float16 => new NaiveCpuAttentionKernel<Half>(problem, rows),
                _ => new NaiveCpuAttentionKernel<BFloat16>(problem, rows),
            };
            return;
        }

        CpuAttentionTiles tiles = CpuAttentionTiles.Choose(problem.Shape, device.Simd, device.Team.Threads);
        var parts = new CpuAttentionScratch(problem.Shape, tiles, device.Team.Threads);
        scratch = parts;
        WorkspaceBytes = parts.Bytes;
        Implementation = "fused";
        Description = $"{device.Simd}, {tiles.Groups} x {tiles.Lanes} queries by {tiles.Keys} keys, {device.Team.Threads} threads";
        kernel = problem.DType switch
        {
            DType.Float32 => Make<float>(tiles, parts),
            DType.Float16 => Make<Half>(tiles, parts),
            _ => Make<BFloat16>(tiles, parts),
        };
    }

    public override Device Device => device;

    public override string Implementation { get; }

    public override string Description { get; }

    public override long WorkspaceBytes { get; }

    protected override void Enqueue(DeviceStream stream, ReadOnlySpan<DeviceSlice> operands, DeviceEvent? timing, CancellationToken cancellation)
    {
        int size = Problem.DType.SizeOf();
        kernel.Arguments = new CpuAttentionArguments
        {
            Q = CpuOperands.Address(operands[AttentionProblem.Q], size),
            K = CpuOperands.Address(operands[AttentionProblem.K], size),
            V = CpuOperands.Address(operands[AttentionProblem.V], size),
            KvLengths = (int*)CpuOperands.Address(operands[AttentionProblem.KvLengths], sizeof(int)),
            Out = CpuOperands.Address(operands[AttentionProblem.Out], size),
            Lse = (float*)CpuOperands.Address(operands[AttentionProblem.Lse], sizeof(float)),
        };
        ((CpuStream)stream).Launch(kernel, kernel.Tasks, timing, cancellation);
    }

    protected override void Release() => scratch.Dispose();

    private CpuAttentionKernelBase Make<T>(CpuAttentionTiles tiles, CpuAttentionScratch parts)
        where T : unmanaged => device.Simd switch
        {
            CpuSimd.Vector512 => Make<Simd512, Vector512<float>, T>(tiles, parts),
            CpuSimd.Vector256 => Make<Simd256, Vector256<float>, T>(tiles, parts),
            CpuSimd.Vector128 => Make<Simd128, Vector128<float>, T>(tiles, parts),
            _ => Make<SimdScalar, float, T>(tiles, parts),
        };

    private CpuAttentionKernelBase Make<TSimd, TVector, T>(CpuAttentionTiles tiles, CpuAttentionScratch parts)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
        where T : unmanaged => tiles.Vectors switch
        {
            4 => new CpuAttentionKernel<TSimd, TVector, Tile6x4, T>(Problem, tiles, parts),
            2 when device.Simd == CpuSimd.Vector512 => new CpuAttentionKernel<TSimd, TVector, Tile12x2, T>(Problem, tiles, parts),
            2 => new CpuAttentionKernel<TSimd, TVector, Tile6x2, T>(Problem, tiles, parts),
            _ => new CpuAttentionKernel<TSimd, TVector, Tile6x1, T>(Problem, tiles, parts),
        };
}
