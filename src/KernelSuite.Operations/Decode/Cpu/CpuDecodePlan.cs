using System.Runtime.Intrinsics;
using KernelSuite.Operations.KvStorage;
using KernelSuite.Operations.Launching;
using KernelSuite.Operations.Simd;
using KernelSuite.Runtime;
using KernelSuite.Runtime.Cpu;

namespace KernelSuite.Operations.Decode.Cpu;

/// <summary>Decode attention on the managed CPU device.</summary>
internal sealed class CpuDecodePlan : DecodePlan
{
    private readonly CpuDevice device;
    private readonly CpuDecodeKernelBase kernel;
    private readonly IDisposable scratch;

    public CpuDecodePlan(CpuDevice device, DecodeProblem problem, bool naive)
        : base(problem)
    {
        this.device = device;
        if (naive)
        {
            var rows = new NaiveDecodeScratch(problem, device.Team.Threads);
            scratch = rows;
            WorkspaceBytes = rows.Bytes;
            Implementation = DecodeOperation.Naive;
            Description = "three passes over a row of logits";
            kernel = problem.DType switch
            {
                DType.Float32 => new NaiveCpuDecodeKernel<float>(problem, rows),
                DType.Float16 => new NaiveCpuDecodeKernel<Half>(problem, rows),
                _ => new NaiveCpuDecodeKernel<BFloat16>(problem, rows),
            };
            return;
        }

        DecodeShape s = problem.Shape;
        long heads = (long)s.Batch * s.KvHeads;
        DecodeSplits splits = DecodeSplits.Choose(heads, problem.TotalSlots, device.Team.Threads, problem.Options);
        var tile = new DecodeTile(s, (int)device.Simd);
        var parts = new CpuDecodeScratch(tile, heads, splits.MaxParts, device.Team.Threads);
        scratch = parts;
        WorkspaceBytes = parts.Bytes;
        Implementation = DecodeOperation.Split;
        Description = $"{device.Simd}, up to {splits.MaxParts} parts, tiles of {DecodeTile.Slots} slots by {tile.BlockRows} query rows, "
            + $"{device.Team.Threads} threads";
        kernel = device.Simd switch
        {
            CpuSimd.Vector512 => Make<Simd512, Vector512<float>>(splits, tile, parts),
            CpuSimd.Vector256 => Make<Simd256, Vector256<float>>(splits, tile, parts),
            CpuSimd.Vector128 => Make<Simd128, Vector128<float>>(splits, tile, parts),
            _ => Make<SimdScalar, float>(splits, tile, parts),
        };
    }

    public override Device Device => device;

    public override string Implementation { get; }

    public override string Description { get; }

    public override long WorkspaceBytes { get; }

    /// <exception cref="ArgumentException">Besides what every plan refuses: a page table names a page that is not in the pool, below a sequence's
    /// length.</exception>
    protected override void Enqueue(DeviceStream stream, ReadOnlySpan<DeviceSlice> operands, DeviceEvent? timing, CancellationToken cancellation)
    {
        kernel.Arguments = CpuDecodeArguments.Of(operands, Problem.DType.SizeOf());
        kernel.Begin();
        ((CpuStream)stream).Launch(kernel, kernel.Tasks, timing, cancellation);
    }

    protected override void Release() => scratch.Dispose();

    private CpuDecodeKernelBase Make<TSimd, TVector>(DecodeSplits splits, DecodeTile tile, CpuDecodeScratch parts)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct => Problem.DType switch
        {
            DType.Float32 => Make<TSimd, TVector, FloatRows<TSimd, TVector>, float>(splits, tile, parts),
            DType.Float16 => Make<TSimd, TVector, HalfRows<TSimd, TVector>, Half>(splits, tile, parts),
            _ => Make<TSimd, TVector, BFloat16Rows<TSimd, TVector>, BFloat16>(splits, tile, parts),
        };

    private CpuDecodeKernelBase Make<TSimd, TVector, TOriginal, T>(DecodeSplits splits, DecodeTile tile, CpuDecodeScratch parts)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
        where TOriginal : struct, ICacheRows<TSimd, TVector>
        where T : unmanaged
    {
        DecodeShape s = Problem.Shape;
        if (Problem.Quantised?.Format == KvFormat.Int4)
        {
            // A processor with 512-bit vectors and whole vectors of codes.
            if (typeof(TSimd) == typeof(Simd512) && (s.HeadDim | s.ValueDim) % Int4BlockRows.BlockCodes == 0)
                return MakeInt4Blocks<T>(splits, tile, parts);
            return new CpuDecodeKernel<TSimd, TVector, TOriginal, Int4Rows<TSimd, TVector>, T>(Problem, splits, tile, parts);
        }

        if (typeof(TSimd) == typeof(Simd512) && E4M3Tables.IsSupported)
            return new CpuDecodeKernel<TSimd, TVector, TOriginal, BFloat16Rows<TSimd, TVector>, T>(Problem, splits, tile, parts);
        return new CpuDecodeKernel<TSimd, TVector, TOriginal, E4M3Rows<TSimd, TVector>, T>(Problem, splits, tile, parts);
    }

    private CpuDecodeKernelBase MakeInt4Blocks<T>(DecodeSplits splits, DecodeTile tile, CpuDecodeScratch parts)
        where T : unmanaged => Problem.DType switch
        {
            DType.Float32 => new CpuDecodeKernel<Simd512, Vector512<float>, FloatRows<Simd512, Vector512<float>>, Int4BlockRows, T>(Problem,
                splits, tile, parts),
            DType.Float16 => new CpuDecodeKernel<Simd512, Vector512<float>, HalfRows<Simd512, Vector512<float>>, Int4BlockRows, T>(Problem, splits,
                tile, parts),
            _ => new CpuDecodeKernel<Simd512, Vector512<float>, BFloat16Rows<Simd512, Vector512<float>>, Int4BlockRows, T>(Problem, splits, tile,
                parts),
        };
}
