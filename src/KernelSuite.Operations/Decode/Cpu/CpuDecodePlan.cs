using KernelSuite.Operations.Launching;
using KernelSuite.Runtime;
using KernelSuite.Runtime.Cpu;

namespace KernelSuite.Operations.Decode.Cpu;

/// <summary>Decode attention on the managed CPU device.</summary>
internal sealed class CpuDecodePlan : DecodePlan
{
    private readonly CpuDevice device;
    private readonly CpuDecodeKernelBase kernel;
    private readonly NaiveDecodeScratch scratch;
    private bool disposed;

    public CpuDecodePlan(CpuDevice device, DecodeProblem problem, bool naive)
        : base(problem)
    {
        this.device = device;
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
    }

    public override Device Device => device;

    public override string Implementation { get; }

    public override string Description { get; }

    public override long WorkspaceBytes { get; }

    /// <exception cref="ArgumentException">Besides what every plan refuses: a page table names a page that is not in the pool, below a sequence's length.</exception>
    public override void Launch(
        DeviceStream stream, ReadOnlySpan<DeviceSlice> operands, DeviceEvent? timing = null, CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        CheckOperands(stream, operands);
        kernel.Arguments = CpuDecodeArguments.Of(operands, Problem.DType.SizeOf());
        kernel.Begin();
        ((CpuStream)stream).Launch(kernel, kernel.Tasks, timing, cancellation);

        // The kernel saw addresses only: a caller who has dropped the buffers must not see them finalised under it.
        CpuOperands.KeepAlive(operands);
        GC.KeepAlive(this);
    }

    protected override void Dispose(bool disposing)
    {
        disposed = true;
        if (disposing) scratch.Dispose();
    }
}
