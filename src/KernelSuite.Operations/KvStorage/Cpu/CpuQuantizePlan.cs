using System.Runtime.Intrinsics;
using KernelSuite.Operations.Launching;
using KernelSuite.Operations.Simd;
using KernelSuite.Runtime;
using KernelSuite.Runtime.Cpu;

namespace KernelSuite.Operations.KvStorage.Cpu;

/// <summary>Quantisation on the managed CPU device. The baseline is the same work one float at a time.</summary>
internal sealed unsafe class CpuQuantizePlan : KvQuantizePlan
{
    private readonly CpuQuantizeKernelBase kernel;

    public CpuQuantizePlan(CpuDevice device, KvQuantizeProblem problem, bool naive)
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
        kernel.Source = RowAddress.Of(problem.Paging, problem.XStrides, problem.DType.SizeOf());
        kernel.Codes = RowAddress.Of(problem.TargetPaging, problem.CodeStrides, 1);
        kernel.Groups = RowAddress.Of(problem.TargetPaging, problem.GroupStrides, 1);
        kernel.Scales = RowAddress.Of(problem.TargetPaging, problem.ScaleStrides, sizeof(float));
    }

    public override Device Device { get; }

    public override string Implementation { get; }

    public override string Description { get; }

    public override long WorkspaceBytes => 0;

    protected override void Enqueue(DeviceStream stream, ReadOnlySpan<DeviceSlice> operands, DeviceEvent? timing, CancellationToken cancellation)
    {
        kernel.Source.Base = CpuOperands.Address(operands[KvQuantizeProblem.X], Problem.DType.SizeOf());
        kernel.Codes.Base = CpuOperands.Address(operands[KvQuantizeProblem.Codes], 1);
        kernel.Groups.Base = CpuOperands.Address(operands[KvQuantizeProblem.Groups], 1);
        kernel.Scales.Base = CpuOperands.Address(operands[KvQuantizeProblem.Scales], sizeof(float));
        kernel.Source.Table = (int*)CpuOperands.Address(operands[KvQuantizeProblem.PageTable], sizeof(int));
        kernel.Codes.Table = (int*)CpuOperands.Address(operands[KvQuantizeProblem.TargetPageTable], sizeof(int));
        kernel.Groups.Table = kernel.Scales.Table = kernel.Codes.Table;
        kernel.Rows = (int*)CpuOperands.Address(operands[KvQuantizeProblem.Rows], sizeof(int));
        kernel.Counts = (int*)CpuOperands.Address(operands[KvQuantizeProblem.Counts], sizeof(int));
        kernel.Start = (int*)CpuOperands.Address(operands[KvQuantizeProblem.Start], sizeof(int));
        ((CpuStream)stream).Launch(kernel, kernel.Tasks, timing, cancellation);
    }

    private CpuQuantizeKernelBase Make<T>(CpuSimd simd)
        where T : unmanaged => simd switch
        {
            CpuSimd.Vector512 => new CpuQuantizeKernel<Simd512, Format512, Vector512<float>, T>(Problem),
            CpuSimd.Vector256 => new CpuQuantizeKernel<Simd256, Format256, Vector256<float>, T>(Problem),
            CpuSimd.Vector128 => new CpuQuantizeKernel<Simd128, Format128, Vector128<float>, T>(Problem),
            _ => new CpuQuantizeKernel<SimdScalar, FormatScalar, float, T>(Problem),
        };
}
