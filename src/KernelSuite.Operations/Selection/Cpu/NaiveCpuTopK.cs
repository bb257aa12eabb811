using KernelSuite.Operations.Launching;
using KernelSuite.Runtime;
using KernelSuite.Runtime.Cpu;

namespace KernelSuite.Operations.Selection.Cpu;

/// <summary>The baseline: a task a row, which is sorted by key and position; the first k positions are sorted again.</summary>
internal sealed unsafe class NaiveCpuTopKPlan : TopKPlan
{
    private readonly CpuDevice device;
    private readonly Sorter sorter;

    public NaiveCpuTopKPlan(CpuDevice device, TopKProblem problem)
        : base(problem)
    {
        this.device = device;
        sorter = new Sorter(problem, device.Team.Threads);
    }

    public override Device Device => device;

    public override string Implementation => "naive";

    public override string Description => "a sorted row a task";

    public override long WorkspaceBytes => (long)device.Team.Threads * Problem.Columns * sizeof(ulong);

    protected override void Enqueue(DeviceStream stream, ReadOnlySpan<DeviceSlice> operands, DeviceEvent? timing, CancellationToken cancellation)
    {
        sorter.Scores = (float*)CpuOperands.Address(operands[TopKProblem.Scores], sizeof(float));
        sorter.Lengths = (int*)CpuOperands.Address(operands[TopKProblem.Lengths], sizeof(int));
        sorter.Counts = (int*)CpuOperands.Address(operands[TopKProblem.Counts], sizeof(int));
        sorter.Indices = (int*)CpuOperands.Address(operands[TopKProblem.Indices], sizeof(int));
        ((CpuStream)stream).Launch(sorter, Problem.Rows, timing, cancellation);
    }

    protected override void Release() => sorter.Dispose();

    private sealed class Sorter(TopKProblem problem, int threads) : ICpuKernel, IDisposable
    {
        private readonly HostBuffer<ulong> pairs = new((long)threads * problem.Columns);

        public float* Scores;
        public int* Lengths;
        public int* Counts;
        public int* Indices;

        public void Execute(long task, int worker)
        {
            int length = Lengths == null ? problem.Columns : Math.Clamp(Lengths[task], 0, problem.Columns);
            int count = Counts == null ? problem.Selected : Math.Clamp(Counts[task], 0, problem.Selected);
            count = Math.Min(count, length);
            var row = new Span<ulong>(pairs.Pointer + ((long)worker * problem.Columns), length);
            for (int i = 0; i < length; i++) row[i] = ((ulong)~ScoreKey.Of(Scores[(task * problem.ScoreStride) + i]) << 32) | (uint)i;
            row.Sort();
            var target = new Span<int>(Indices + (task * problem.IndexStride), problem.Selected);
            for (int i = 0; i < count; i++) target[i] = (int)(uint)row[i];
            target[..count].Sort();
            target[count..].Fill(-1);
        }

        public void Dispose() => pairs.Dispose();
    }
}
