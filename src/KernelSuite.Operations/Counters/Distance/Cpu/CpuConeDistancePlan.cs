using KernelSuite.Operations.Launching;
using KernelSuite.Runtime;
using KernelSuite.Runtime.Cpu;

namespace KernelSuite.Operations.Counters.Distance.Cpu;

/// <summary>Distances on the managed CPU device: a pair a task, all arithmetic in double whatever the operands' dtype.</summary>
internal sealed unsafe class CpuConeDistancePlan : ConeDistancePlan
{
    private readonly CpuDevice device;
    private readonly CpuConeDistanceKernel kernel;

    /// <summary>Makes ready.</summary>
    /// <param name="device">The device.</param>
    /// <param name="problem">The problem.</param>
    /// <param name="naive">Whether to use the baseline.</param>
    /// <param name="mostRounds">Bound of rounds of a pair; null for that of the problem. No data are known that reach it.</param>
    public CpuConeDistancePlan(CpuDevice device, ConeDistanceProblem problem, bool naive, int? mostRounds = null)
        : base(problem)
    {
        this.device = device;
        IPairSolver Solver() => naive ? new PlainPairSolver(problem, mostRounds) : new QrPairSolver(problem, mostRounds);
        kernel = problem.DType == DType.Float32
            ? new CpuConeDistanceKernel<float>(problem, device.Team.Threads, Solver)
            : new CpuConeDistanceKernel<double>(problem, device.Team.Threads, Solver);
        Implementation = naive ? "naive" : ConeDistanceOperation.Standard;
        Description = $"a pair a task, {device.Team.Threads} threads";
    }

    public override Device Device => device;

    public override string Implementation { get; }

    public override string Description { get; }

    public override long WorkspaceBytes => kernel.Bytes;

    protected override void Enqueue(DeviceStream stream, ReadOnlySpan<DeviceSlice> operands, DeviceEvent? timing, CancellationToken cancellation)
    {
        for (int i = 0; i < operands.Length; i++)
            kernel.Addresses[i] = Problem.Operands[i] is { } spec ? CpuOperands.Address(operands[i], spec.DType.SizeOf()) : null;
        kernel.Begin();
        ((CpuStream)stream).Launch(kernel, Problem.UnitCount, timing, cancellation);
    }

    protected override void Release() => kernel.Dispose();
}
