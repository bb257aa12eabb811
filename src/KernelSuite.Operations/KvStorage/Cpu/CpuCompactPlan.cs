using KernelSuite.Operations.Attention;
using KernelSuite.Operations.Launching;
using KernelSuite.Runtime;
using KernelSuite.Runtime.Cpu;

namespace KernelSuite.Operations.KvStorage.Cpu;

/// <summary>Compaction on the managed CPU device.</summary>
internal sealed unsafe class CpuCompactPlan : KvCompactPlan
{
    /// <summary>Least bytes of a column slice: a cache line, since two threads that share one pull it back and forth.</summary>
    internal const int LeastSlice = 64;

    private readonly CpuDevice device;
    private readonly CpuCompactKernel rows;
    private readonly ICpuKernel kernel;
    private readonly long tasks;

    public CpuCompactPlan(CpuDevice device, KvCompactProblem problem, bool naive)
        : base(problem)
    {
        this.device = device;
        KvCompactShape s = problem.Shape;
        int tensors = 1 + (problem.HasValues ? 1 : 0) + (problem.HasSlotMap ? 1 : 0);
        int slices = naive ? 1 : Slices(problem, device.Team.Threads);
        rows = new CpuCompactKernel(problem, tensors, slices);
        kernel = naive ? new NaiveCpuCompactKernel(problem, rows) : rows;
        tasks = rows.Tasks;
        int size = problem.DType.SizeOf();
        int next = 0;
        rows.Tensors[next++] = Tensor(problem.Paging, problem.KStrides, problem.KOutStrides, s.KeyWidth, size);
        if (problem.HasValues) rows.Tensors[next++] = Tensor(problem.Paging, problem.VStrides, problem.VOutStrides, s.ValueWidth, size);
        TensorStrides map = TensorStrides.HeadMajor(s.KvHeads, s.Slots, 1);
        if (problem.HasSlotMap) rows.Tensors[next] = Tensor(null, map, map, 1, sizeof(int));
        Implementation = naive ? "naive" : "blocked";
        Description = naive ? "byte by byte" : $"runs of rows, {slices} column slices, {device.Team.Threads} threads";
    }

    public override Device Device => device;

    public override string Implementation { get; }

    public override string Description { get; }

    public override long WorkspaceBytes => 0;

    /// <summary>Column slices of a head: enough for every thread to have one, none narrower than a cache line.</summary>
    internal static int Slices(KvCompactProblem problem, int threads)
    {
        KvCompactShape s = problem.Shape;
        long heads = Math.Max(1, (long)s.Batch * s.KvHeads * (problem.HasValues ? 2 : 1));
        if (heads >= threads) return 1;
        int narrow = s.KeyWidth * problem.DType.SizeOf();
        return (int)Math.Clamp((threads + heads - 1) / heads, 1, Math.Max(1, narrow / LeastSlice));
    }

    protected override void Enqueue(DeviceStream stream, ReadOnlySpan<DeviceSlice> operands, DeviceEvent? timing, CancellationToken cancellation)
    {
        int size = Problem.DType.SizeOf();
        rows.Keep = (int*)CpuOperands.Address(operands[KvCompactProblem.Keep], sizeof(int));
        rows.Counts = (int*)CpuOperands.Address(operands[KvCompactProblem.Counts], sizeof(int));
        int* table = (int*)CpuOperands.Address(operands[KvCompactProblem.PageTable], sizeof(int));
        int next = 0;
        Set(ref rows.Tensors[next++], operands[KvCompactProblem.K], operands[KvCompactProblem.KOut], size, table);
        if (Problem.HasValues) Set(ref rows.Tensors[next++], operands[KvCompactProblem.V], operands[KvCompactProblem.VOut], size, table);
        if (Problem.HasSlotMap)
            Set(ref rows.Tensors[next], operands[KvCompactProblem.SlotMap], operands[KvCompactProblem.SlotMapOut], sizeof(int), table);
        ((CpuStream)stream).Launch(kernel, tasks, timing, cancellation);
    }

    private static CompactTensor Tensor(KvPaging? paging, TensorStrides source, TensorStrides target, int width, int size) => new()
    {
        Source = RowAddress.Of(paging, source, size),
        Target = RowAddress.Of(paging, target, size),
        RowBytes = width * size,
    };

    private static void Set(ref CompactTensor tensor, DeviceSlice source, DeviceSlice target, int size, int* table)
    {
        tensor.Source.Base = CpuOperands.Address(source, size);
        tensor.Target.Base = CpuOperands.Address(target, size);
        tensor.Source.Table = tensor.Target.Table = table;
    }
}
