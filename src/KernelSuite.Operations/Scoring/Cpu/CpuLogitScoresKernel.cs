using System.Runtime.CompilerServices;
using KernelSuite.Operations.Simd;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Scoring.Cpu;

/// <summary>Column sums of exp(logit - lse) from logits in memory, a task a block of keys of a KV head.</summary>
internal sealed unsafe class CpuLogitScoresKernel<TSimd, TVector> : CpuScoresKernelBase
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    private readonly CpuLogitScratch scratch;

    public CpuLogitScoresKernel(ScoresProblem problem, CpuLogitScratch scratch, CpuScoringWorkspace workspace)
        : base(problem, workspace) => this.scratch = scratch;

    public override long Tasks => (long)Problem.Shape.Batch * Problem.Shape.KvHeads * ((Problem.Shape.KvLength + CpuLogitScratch.Keys - 1) / CpuLogitScratch.Keys);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Execute(long task, int worker)
    {
        ScoringShape s = Problem.Shape;
        (long block, long kvRow) = Math.DivRem(task, (long)s.Batch * s.KvHeads);
        (long b, long kvHead) = Math.DivRem(kvRow, s.KvHeads);
        int first = (int)block * CpuLogitScratch.Keys;
        int extent = Math.Min(CpuLogitScratch.Keys, s.KvLength - first);
        int count = Math.Clamp(Length(b) - first, 0, extent);

        // Whole vectors: what the lanes past the count come to is cleared before it is stored.
        int width = (count + TSimd.Lanes - 1) / TSimd.Lanes * TSimd.Lanes;
        float* row = scratch.Part(worker), sums = row + CpuLogitScratch.Keys, squares = sums + CpuLogitScratch.Keys, group = squares + CpuLogitScratch.Keys;
        new Span<float>(group, extent).Clear();
        for (int g = 0; g < s.HeadsPerKv; g++)
        {
            long h = (kvHead * s.HeadsPerKv) + g;
            long head = (b * s.QueryHeads) + h;
            new Span<float>(sums, CpuLogitScratch.Keys).Clear();
            new Span<float>(squares, CpuLogitScratch.Keys).Clear();
            for (int i = 0; i < s.QueryLength && count > 0; i++)
            {
                float lse = Arguments.Lse[(head * s.QueryLength) + i];
                if (float.IsNegativeInfinity(lse)) continue;
                float negated = -lse;
                float* logits = Arguments.Logits + (b * Problem.LogitStrides.Batch) + (h * Problem.LogitStrides.Head) + (i * Problem.LogitStrides.Row) + first;
                new ReadOnlySpan<float>(logits, count).CopyTo(new Span<float>(row, count));
                ColumnMath<TSimd, TVector>.AddColumns(row, 1, width, 1, &negated, sums, Arguments.ColumnSquares == null ? null : squares);
            }

            StoreHead(sums, squares, group, head, first, count, extent);
        }

        Finish(group, kvRow, first, extent);
    }
}

/// <summary>A row of logits and three rows of sums for each worker.</summary>
internal sealed unsafe class CpuLogitScratch(int threads) : IDisposable
{
    /// <summary>Keys of a task: four rows of them are half of a first-level cache.</summary>
    public const int Keys = 1024;

    private readonly HostBuffer<float> floats = new(4L * Keys * threads);

    /// <summary>Bytes held.</summary>
    public long Bytes => floats.Length * sizeof(float);

    /// <summary>A worker's four rows of <see cref="Keys"/> floats.</summary>
    public float* Part(int worker) => floats.Pointer + (4L * Keys * worker);

    public void Dispose() => floats.Dispose();
}
