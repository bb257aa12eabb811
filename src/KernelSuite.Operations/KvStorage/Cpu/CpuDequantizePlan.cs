using System.Runtime.Intrinsics;
using KernelSuite.Operations.Launching;
using KernelSuite.Operations.Simd;
using KernelSuite.Runtime;
using KernelSuite.Runtime.Cpu;

namespace KernelSuite.Operations.KvStorage.Cpu;

/// <summary>Dequantisation on the managed CPU device. The baseline is the same work one float at a time.</summary>
internal sealed unsafe class CpuDequantizePlan : KvDequantizePlan
{
    private readonly CpuDequantizeKernelBase kernel;

    public CpuDequantizePlan(CpuDevice device, KvDequantizeProblem problem, bool naive)
        : base(problem)
    {
        CpuSimd simd = naive ? CpuSimd.Scalar : device.Simd;
        Device = device;
        Implementation = naive ? "naive" : "fused";
        Description = $"{simd}, {device.Team.Threads} threads";
        kernel = problem.DType switch
        {
            DType.Float32 => Make<float>(simd),
            DType.Float16 => Make<Half>(simd),
            _ => Make<BFloat16>(simd),
        };
        kernel.Codes = RowAddress.Of(problem.Paging, problem.CodeStrides, 1);
        kernel.Groups = RowAddress.Of(problem.Paging, problem.GroupStrides, 1);
        kernel.Scales = RowAddress.Of(problem.Paging, problem.ScaleStrides, sizeof(float));
        kernel.Target = RowAddress.Of(null, problem.XStrides, problem.DType.SizeOf());
    }

    public override Device Device { get; }

    public override string Implementation { get; }

    public override string Description { get; }

    public override long WorkspaceBytes => 0;

    protected override void Enqueue(DeviceStream stream, ReadOnlySpan<DeviceSlice> operands, DeviceEvent? timing, CancellationToken cancellation)
    {
        kernel.Codes.Base = CpuOperands.Address(operands[KvDequantizeProblem.Codes], 1);
        kernel.Groups.Base = CpuOperands.Address(operands[KvDequantizeProblem.Groups], 1);
        kernel.Scales.Base = CpuOperands.Address(operands[KvDequantizeProblem.Scales], sizeof(float));
        kernel.Codes.Table = (int*)CpuOperands.Address(operands[KvDequantizeProblem.PageTable], sizeof(int));
        kernel.Groups.Table = kernel.Scales.Table = kernel.Codes.Table;
        kernel.Lengths = (int*)CpuOperands.Address(operands[KvDequantizeProblem.Lengths], sizeof(int));
        kernel.Target.Base = CpuOperands.Address(operands[KvDequantizeProblem.X], Problem.DType.SizeOf());
        ((CpuStream)stream).Launch(kernel, kernel.Tasks, timing, cancellation);
    }

    private CpuDequantizeKernelBase Make<T>(CpuSimd simd)
        where T : unmanaged => simd switch
        {
            CpuSimd.Vector512 => new CpuDequantizeKernel<Simd512, Format512, Vector512<float>, T>(Problem),
            CpuSimd.Vector256 => new CpuDequantizeKernel<Simd256, Format256, Vector256<float>, T>(Problem),
            CpuSimd.Vector128 => new CpuDequantizeKernel<Simd128, Format128, Vector128<float>, T>(Problem),
            _ => new CpuDequantizeKernel<SimdScalar, FormatScalar, float, T>(Problem),
        };
}
