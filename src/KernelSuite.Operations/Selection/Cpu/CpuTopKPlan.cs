using System.Runtime.Intrinsics.X86;
using KernelSuite.Operations.Launching;
using KernelSuite.Runtime;
using KernelSuite.Runtime.Cpu;

namespace KernelSuite.Operations.Selection.Cpu;

/// <summary>Selection on the managed CPU device.</summary>
internal sealed unsafe class CpuTopKPlan : TopKPlan
{
    /// <summary>
    /// Least scores of a piece: it costs three histograms and four starts of the team, some microseconds, what so many scores take.
    /// </summary>
    private const int LeastRadixPiece = 1 << 14;

    /// <summary>By samples a score takes a quarter of the time: 64K take a thread 25 us, in two pieces with a busy second core 37.</summary>
    private const int LeastSampledPiece = 1 << 16;

    private readonly CpuDevice device;
    private readonly CpuTopKScratch scratch;
    private readonly CpuTopKKernel kernel;
    private readonly SampledScratch? candidates;
    private readonly CpuSampledTopKKernel? sampled;
    private readonly DeviceEvent first;
    private readonly int pieces;

    /// <param name="device">Where to run.</param>
    /// <param name="problem">The problem.</param>
    /// <param name="samples">Whether to look for bounds in samples where the device has vectors of 512 bits, else the radix passes alone.</param>
    public CpuTopKPlan(CpuDevice device, TopKProblem problem, bool samples = true)
        : base(problem)
    {
        this.device = device;
        samples &= device.Simd == CpuSimd.Vector512 && Bmi2.X64.IsSupported;
        pieces = Pieces(problem.Rows, problem.Columns, device.Team.Threads, samples ? LeastSampledPiece : LeastRadixPiece);
        int length = (problem.Columns + pieces - 1) / pieces;
        int parts = pieces > 1 ? problem.Rows * pieces : device.Team.Threads;
        scratch = new CpuTopKScratch(parts, length, device.Team.Threads);
        kernel = new CpuTopKKernel(problem, (int)device.Simd, pieces, scratch);
        if (samples)
        {
            candidates = new SampledScratch(scratch, parts);
            sampled = new CpuSampledTopKKernel(problem, pieces, scratch, candidates, kernel);
        }

        first = device.CreateEvent();
        Description = $"{(sampled is null ? "" : "sampled bounds, ")}{(pieces > 1 ? $"{pieces} pieces a row" : "a row a task")}"
            + $", {device.Simd}, {device.Team.Threads} threads";
    }

    public override Device Device => device;

    public override string Implementation => "radix";

    public override string Description { get; }

    public override long WorkspaceBytes => scratch.Bytes + (candidates?.Bytes ?? 0);

    /// <summary>Pieces of a row: one where there are rows for every thread or the row is short, else so many that every thread has two.</summary>
    private static int Pieces(int rows, int columns, int threads, int leastPiece)
    {
        if (rows == 0 || rows >= threads) return 1;
        long wanted = ((2L * threads) + rows - 1) / rows;
        return (int)Math.Clamp(Math.Min(wanted, columns / leastPiece), 1, 256);
    }

    protected override void Enqueue(DeviceStream stream, ReadOnlySpan<DeviceSlice> operands, DeviceEvent? timing, CancellationToken cancellation)
    {
        kernel.Scores = (float*)CpuOperands.Address(operands[TopKProblem.Scores], sizeof(float));
        kernel.Lengths = (int*)CpuOperands.Address(operands[TopKProblem.Lengths], sizeof(int));
        kernel.Counts = (int*)CpuOperands.Address(operands[TopKProblem.Counts], sizeof(int));
        kernel.Indices = (int*)CpuOperands.Address(operands[TopKProblem.Indices], sizeof(int));
        var queue = (CpuStream)stream;
        if (pieces == 1)
        {
            queue.Launch(sampled ?? (ICpuKernel)kernel, kernel.Tasks, timing, cancellation);
        }
        else
        {
            DeviceEvent? start = timing is null ? null : first;
            if (sampled is null)
            {
                kernel.Begin();
                Radix(queue, start, timing, cancellation);
            }
            else if (!Sample(queue, sampled, start, timing, cancellation))
            {
                Radix(queue, timing, timing, cancellation);
            }

            timing?.StartFrom(first);
        }
    }

    /// <summary>The steps of the sampled selection.</summary>
    /// <returns>Whether they have selected every row.</returns>
    private bool Sample(CpuStream queue, CpuSampledTopKKernel own, DeviceEvent? start, DeviceEvent? timing, CancellationToken cancellation)
    {
        own.Present = CpuSampledTopKKernel.Step.Bounds;
        queue.Launch(own, Problem.Rows, start, cancellation);
        own.Present = CpuSampledTopKKernel.Step.Collection;
        queue.Launch(own, kernel.Tasks, timing, cancellation);
        bool all = own.Choose();
        own.Present = CpuSampledTopKKernel.Step.Emission;
        queue.Launch(own, kernel.Tasks, timing, cancellation);
        return all;
    }

    /// <summary>The steps of the radix select, for the rows that the kernel was started with.</summary>
    private void Radix(CpuStream queue, DeviceEvent? start, DeviceEvent? timing, CancellationToken cancellation)
    {
        for (int step = 0; step <= CpuTopKKernel.Emission; step++)
        {
            kernel.Step = step;
            queue.Launch(kernel, kernel.Tasks, step == 0 ? start : timing, cancellation);
            if (step < CpuTopKKernel.Emission) kernel.Choose(step);
        }
    }

    protected override void Release()
    {
        candidates?.Dispose();
        scratch.Dispose();
        first.Dispose();
    }
}
