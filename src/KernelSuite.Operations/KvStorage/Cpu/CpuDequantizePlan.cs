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
    private readonly CpuLaunch launch;

    public CpuDequantizePlan(CpuDevice device, KvDequantizeProblem problem, bool naive)
        : base(problem)
    {
        CpuSimd simd = CpuLaunch.SimdOf(device, naive);
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
        launch = new CpuLaunch(device, kernel, naive);
    }

    public override Device Device => launch.Device;

    public override string Implementation => launch.Implementation;

    public override string Description => launch.Description;

    public override long WorkspaceBytes => 0;

    public override void Launch(
        DeviceStream stream, ReadOnlySpan<DeviceSlice> operands, DeviceEvent? timing = null, CancellationToken cancellation = default)
    {
        launch.MustBeAlive(this);
        CheckOperands(stream, operands);
        kernel.Codes.Base = CpuOperands.Address(operands[KvDequantizeProblem.Codes], 1);
        kernel.Groups.Base = CpuOperands.Address(operands[KvDequantizeProblem.Groups], 1);
        kernel.Scales.Base = CpuOperands.Address(operands[KvDequantizeProblem.Scales], sizeof(float));
        kernel.Codes.Table = (int*)CpuOperands.Address(operands[KvDequantizeProblem.PageTable], sizeof(int));
        kernel.Groups.Table = kernel.Scales.Table = kernel.Codes.Table;
        kernel.Lengths = (int*)CpuOperands.Address(operands[KvDequantizeProblem.Lengths], sizeof(int));
        kernel.Target.Base = CpuOperands.Address(operands[KvDequantizeProblem.X], Problem.DType.SizeOf());
        launch.Run(this, stream, kernel.Tasks, operands, timing, cancellation);
    }

    protected override void Dispose(bool disposing) => launch.Dispose();

    private CpuDequantizeKernelBase Make<T>(CpuSimd simd)
        where T : unmanaged => simd switch
        {
            CpuSimd.Vector512 => new CpuDequantizeKernel<Simd512, Format512, Vector512<float>, T>(Problem),
            CpuSimd.Vector256 => new CpuDequantizeKernel<Simd256, Format256, Vector256<float>, T>(Problem),
            CpuSimd.Vector128 => new CpuDequantizeKernel<Simd128, Format128, Vector128<float>, T>(Problem),
            _ => new CpuDequantizeKernel<SimdScalar, FormatScalar, float, T>(Problem),
        };
}
