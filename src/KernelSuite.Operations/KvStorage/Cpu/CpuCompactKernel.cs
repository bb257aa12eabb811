using System.Runtime.CompilerServices;
using KernelSuite.Operations.Launching;
using KernelSuite.Runtime.Cpu;

namespace KernelSuite.Operations.KvStorage.Cpu;

/// <summary>One tensor of a compaction: rows of some bytes, from somewhere to somewhere.</summary>
internal struct CompactTensor
{
    public RowAddress Source, Target;
    public int RowBytes;
}

/// <summary>
/// Moves kept rows down. A task is a head of a tensor, or a column slice of one where there are fewer heads than threads: the rows of a slice are
/// moved in ascending order by one thread, which is all that moving in place asks for. Neighbouring rows that stay neighbours move as one block.
/// </summary>
internal sealed unsafe class CpuCompactKernel(KvCompactProblem problem, int tensors, int slices) : ICpuKernel
{
    public readonly CompactTensor[] Tensors = new CompactTensor[tensors];
    public int* Keep;
    public int* Counts;

    private readonly KvCompactShape shape = problem.Shape;

    public long Tasks => (long)tensors * shape.Batch * shape.KvHeads * slices;

    public void Execute(long task, int worker)
    {
        (long rest, long slice) = Math.DivRem(task, slices);
        (long rest2, long head) = Math.DivRem(rest, shape.KvHeads);
        (long tensor, long batch) = Math.DivRem(rest2, shape.Batch);
        ref readonly CompactTensor rows = ref Tensors[tensor];
        long pair = (batch * shape.KvHeads) + head;
        int count = Counts == null ? shape.Kept : Math.Clamp(Counts[pair], 0, shape.Kept);

        // A row too narrow for cache lines of its own in every slice belongs to the first.
        int parts = rows.RowBytes >= slices * CpuCompactPlan.LeastSlice ? slices : 1;
        if (slice >= parts) return;
        int from = (int)(rows.RowBytes * slice / parts), to = (int)(rows.RowBytes * (slice + 1) / parts);
        Move(in rows, Keep + (pair * shape.Kept), count, (int)batch, (int)head, from, to - from);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Move(in CompactTensor rows, int* keep, int count, int batch, int head, int column, int bytes)
    {
        bool whole = bytes == rows.Source.RowStride && bytes == rows.Target.RowStride;
        for (int i = 0; i < count;)
        {
            int slot = keep[i];
            if ((uint)slot >= (uint)shape.Slots)
            {
                i++;
                continue;
            }

            // As far as the slots follow each other and neither side's page ends, the rows do too.
            int most = Math.Min(count - i, shape.Slots - slot);
            int page = rows.Source.PageSize;
            if (page > 0) most = Math.Min(most, page - Math.Max(slot % page, i % page));
            int run = 1;
            while (run < most && keep[i + run] == slot + run) run++;
            byte* source = rows.Source.Row(batch, head, slot), target = rows.Target.Row(batch, head, i);
            i += run;
            if (source == null || target == null || source == target) continue;
            source += column;
            target += column;
            if (whole)
            {
                Buffer.MemoryCopy(source, target, (long)run * bytes, (long)run * bytes);
                continue;
            }

            for (int r = 0; r < run; r++, source += rows.Source.RowStride, target += rows.Target.RowStride)
                Buffer.MemoryCopy(source, target, bytes, bytes);
        }
    }
}

/// <summary>The baseline: a task a head of a tensor, row by row, element by element.</summary>
internal sealed unsafe class NaiveCpuCompactKernel(KvCompactProblem problem, CpuCompactKernel moved) : ICpuKernel
{
    public void Execute(long task, int worker)
    {
        KvCompactShape s = problem.Shape;
        (long rest, long head) = Math.DivRem(task, s.KvHeads);
        (long tensor, long batch) = Math.DivRem(rest, s.Batch);
        ref readonly CompactTensor rows = ref moved.Tensors[tensor];
        long pair = (batch * s.KvHeads) + head;
        int count = moved.Counts == null ? s.Kept : Math.Clamp(moved.Counts[pair], 0, s.Kept);
        for (int i = 0; i < count; i++)
        {
            int slot = moved.Keep[(pair * s.Kept) + i];
            if ((uint)slot >= (uint)s.Slots) continue;
            byte* source = rows.Source.Row((int)batch, (int)head, slot), target = rows.Target.Row((int)batch, (int)head, i);
            if (source == null || target == null) continue;
            for (int d = 0; d < rows.RowBytes; d++) target[d] = source[d];
        }
    }
}
