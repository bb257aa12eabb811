using System.Numerics.Tensors;
using KernelSuite.Runtime.Cpu;

namespace KernelSuite.Operations.Scoring.Cpu;

/// <summary>The last step of both operations, a task a KV head: pooling, accumulation, and the sums of the statistics.</summary>
internal sealed unsafe class CpuFinishKernel(CpuScoringWorkspace workspace, int kvHeads, int keys, int headsPerKv, int poolTaps, float decay, long scoreRow) : ICpuKernel
{
    /// <summary>Keys pooled at a time: on the stack.</summary>
    private const int Chunk = 1024;

    /// <summary>Keys that are not scored at the end of a row: the window.</summary>
    public int Dropped { get; init; }

    /// <summary>[B] or null.</summary>
    public int* KvLengths { get; set; }

    /// <summary>[B,Hk,keys] or null; may be <see cref="Score"/>.</summary>
    public float* Previous { get; set; }

    /// <summary>[B,Hk,keys] or null.</summary>
    public float* Score { get; set; }

    /// <summary>[B,Hq,3] or null.</summary>
    public float* Stats { get; set; }

    /// <inheritdoc/>
    public void Execute(long task, int worker)
    {
        if (Score != null) Finish(task);
        if (Stats == null) return;
        for (long head = task * headsPerKv; head < (task + 1) * headsPerKv; head++) Sum(head);
    }

    private void Finish(long row)
    {
        int valid = KvLengths == null ? keys : (int)Math.Clamp((long)KvLengths[row / kvHeads] - Dropped, 0, keys);
        var group = new ReadOnlySpan<float>(workspace.Group + (row * keys), valid);
        var score = new Span<float>(Score + (row * scoreRow), keys);
        ReadOnlySpan<float> previous = Previous == null ? default : new(Previous + (row * scoreRow), valid);
        Span<float> pooled = stackalloc float[Chunk];
        for (int first = 0; first < valid; first += Chunk)
        {
            int count = Math.Min(Chunk, valid - first);
            Span<float> sums = pooled[..count];
            group.Slice(first, count).CopyTo(sums);
            for (int tap = 1; tap <= poolTaps / 2; tap++)
            {
                // Neighbours beyond the ends count as 0.
                int missing = Math.Min(count, Math.Max(0, tap - first));
                TensorPrimitives.Add(sums[missing..], group.Slice(first + missing - tap, count - missing), sums[missing..]);
                int there = Math.Clamp(valid - first - tap, 0, count);
                TensorPrimitives.Add(sums[..there], group.Slice(Math.Min(first + tap, valid), there), sums[..there]);
            }

            if (poolTaps > 1) TensorPrimitives.Divide(sums, poolTaps, sums);
            if (Previous == null) sums.CopyTo(score[first..]);
            else TensorPrimitives.MultiplyAdd(previous.Slice(first, count), decay, sums, score.Slice(first, count));
        }

        score[valid..].Clear();
    }

    private void Sum(long head)
    {
        double* part = workspace.Partials + (head * workspace.Parts * MomentsProblem.StatsCount);
        for (int i = 0; i < MomentsProblem.StatsCount; i++)
        {
            double sum = 0;
            for (int p = 0; p < workspace.Parts; p++) sum += part[(p * MomentsProblem.StatsCount) + i];
            Stats[(head * MomentsProblem.StatsCount) + i] = (float)sum;
        }
    }
}
