using KernelSuite.Operations.Launching;
using KernelSuite.Runtime;
using KernelSuite.Runtime.Cpu;

namespace KernelSuite.Operations.Selection.Cpu;

/// <summary>Selection on the managed CPU device.</summary>
internal sealed unsafe class CpuTopKPlan : TopKPlan
{
    private readonly CpuDevice device;
    private readonly CpuTopKScratch scratch;
    private readonly CpuTopKKernel kernel;
    private readonly DeviceEvent first;
    private readonly int pieces;
    private bool disposed;

    public CpuTopKPlan(CpuDevice device, TopKProblem problem)
        : base(problem)
    {
        this.device = device;
        pieces = Pieces(problem.Rows, problem.Columns, device.Team.Threads);
        int length = (problem.Columns + pieces - 1) / pieces;
        scratch = new CpuTopKScratch(pieces > 1 ? problem.Rows * pieces : device.Team.Threads, length, device.Team.Threads);
        kernel = new CpuTopKKernel(problem, (int)device.Simd, pieces, scratch);
        first = device.CreateEvent();
        Description = pieces > 1 ? $"{pieces} pieces a row, {device.Simd}, {device.Team.Threads} threads" : $"a row a task, {device.Simd}, {device.Team.Threads} threads";
    }

    public override Device Device => device;

    public override string Implementation => "radix";

    public override string Description { get; }

    public override long WorkspaceBytes => scratch.Bytes;

    /// <summary>Pieces of a row: one where there are rows for every thread or the row is short, else so many that every thread has two.</summary>
    internal static int Pieces(int rows, int columns, int threads)
    {
        // A piece costs three histograms and four starts of the team, some microseconds: what 16384 scores take.
        const int LeastPiece = 1 << 14;
        if (rows == 0 || rows >= threads) return 1;
        long wanted = ((2L * threads) + rows - 1) / rows;
        return (int)Math.Clamp(Math.Min(wanted, columns / LeastPiece), 1, 256);
    }

    public override void Launch(
        DeviceStream stream, ReadOnlySpan<DeviceSlice> operands, DeviceEvent? timing = null, CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        CheckOperands(stream, operands);
        kernel.Scores = (float*)CpuOperands.Address(operands[TopKProblem.Scores], sizeof(float));
        kernel.Lengths = (int*)CpuOperands.Address(operands[TopKProblem.Lengths], sizeof(int));
        kernel.Counts = (int*)CpuOperands.Address(operands[TopKProblem.Counts], sizeof(int));
        kernel.Indices = (int*)CpuOperands.Address(operands[TopKProblem.Indices], sizeof(int));
        var queue = (CpuStream)stream;
        if (pieces == 1)
        {
            queue.Launch(kernel, kernel.Tasks, timing, cancellation);
        }
        else
        {
            kernel.Begin();
            for (int step = 0; step <= CpuTopKKernel.Emission; step++)
            {
                kernel.Step = step;
                queue.Launch(kernel, kernel.Tasks, timing is null ? null : step == 0 ? first : timing, cancellation);
                if (step < CpuTopKKernel.Emission) kernel.Choose(step);
            }

            timing?.StartFrom(first);
        }

        CpuOperands.KeepAlive(operands);
        GC.KeepAlive(this);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposed || !disposing) return;
        disposed = true;
        scratch.Dispose();
        first.Dispose();
    }
}
