using System.Runtime.Intrinsics;
using KernelSuite.Operations.Launching;
using KernelSuite.Operations.Simd;
using KernelSuite.Runtime;
using KernelSuite.Runtime.Cpu;

namespace KernelSuite.Operations.KvStorage.Cpu;

/// <summary>Group quantisation on the managed CPU device. The baseline is the same work one float at a time.</summary>
internal sealed unsafe class CpuQuantizeGroupsPlan : KvQuantizeGroupsPlan
{
    private readonly CpuQuantizeGroupsKernelBase kernel;
    private readonly CpuLaunch launch;

    public CpuQuantizeGroupsPlan(CpuDevice device, KvQuantizeGroupsProblem problem, bool naive)
        : base(problem)
    {
        CpuSimd simd = CpuLaunch.SimdOf(device, naive);
        kernel = problem.DType switch
        {
            DType.Float32 => Make<float>(simd),
            DType.Float16 => Make<Half>(simd),
            _ => Make<BFloat16>(simd),
        };
        kernel.Source = RowAddress.Of(null, problem.XStrides, problem.DType.SizeOf());
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
        kernel.Source.Base = CpuOperands.Address(operands[KvQuantizeGroupsProblem.X], Problem.DType.SizeOf());
        kernel.Codes = CpuOperands.Address(operands[KvQuantizeGroupsProblem.Codes], 1);
        kernel.Minimum = (float*)CpuOperands.Address(operands[KvQuantizeGroupsProblem.Minimum], sizeof(float));
        kernel.Scale = (float*)CpuOperands.Address(operands[KvQuantizeGroupsProblem.Scale], sizeof(float));
        launch.Run(this, stream, kernel.Tasks, operands, timing, cancellation);
    }

    protected override void Dispose(bool disposing) => launch.Dispose();

    private CpuQuantizeGroupsKernelBase Make<T>(CpuSimd simd)
        where T : unmanaged => simd switch
        {
            CpuSimd.Vector512 => new CpuQuantizeGroupsKernel<Simd512, Vector512<float>, T>(Problem),
            CpuSimd.Vector256 => new CpuQuantizeGroupsKernel<Simd256, Vector256<float>, T>(Problem),
            CpuSimd.Vector128 => new CpuQuantizeGroupsKernel<Simd128, Vector128<float>, T>(Problem),
            _ => new CpuQuantizeGroupsKernel<SimdScalar, float, T>(Problem),
        };
}
