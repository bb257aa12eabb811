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

    public CpuQuantizeGroupsPlan(CpuDevice device, KvQuantizeGroupsProblem problem, bool naive)
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
        kernel.Source = RowAddress.Of(null, problem.XStrides, problem.DType.SizeOf());
    }

    public override Device Device { get; }

    public override string Implementation { get; }

    public override string Description { get; }

    public override long WorkspaceBytes => 0;

    protected override void Enqueue(DeviceStream stream, ReadOnlySpan<DeviceSlice> operands, DeviceEvent? timing, CancellationToken cancellation)
    {
        kernel.Source.Base = CpuOperands.Address(operands[KvQuantizeGroupsProblem.X], Problem.DType.SizeOf());
        kernel.Codes = CpuOperands.Address(operands[KvQuantizeGroupsProblem.Codes], 1);
        kernel.Minimum = (float*)CpuOperands.Address(operands[KvQuantizeGroupsProblem.Minimum], sizeof(float));
        kernel.Scale = (float*)CpuOperands.Address(operands[KvQuantizeGroupsProblem.Scale], sizeof(float));
        ((CpuStream)stream).Launch(kernel, kernel.Tasks, timing, cancellation);
    }

    private CpuQuantizeGroupsKernelBase Make<T>(CpuSimd simd)
        where T : unmanaged => simd switch
        {
            CpuSimd.Vector512 => new CpuQuantizeGroupsKernel<Simd512, Vector512<float>, T>(Problem),
            CpuSimd.Vector256 => new CpuQuantizeGroupsKernel<Simd256, Vector256<float>, T>(Problem),
            CpuSimd.Vector128 => new CpuQuantizeGroupsKernel<Simd128, Vector128<float>, T>(Problem),
            _ => new CpuQuantizeGroupsKernel<SimdScalar, float, T>(Problem),
        };
}
