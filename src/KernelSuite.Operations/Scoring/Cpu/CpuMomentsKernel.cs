using System.Runtime.CompilerServices;
using KernelSuite.Operations.Attention.Cpu;
using KernelSuite.Operations.Simd;
using KernelSuite.Runtime.Cpu;

namespace KernelSuite.Operations.Scoring.Cpu;

/// <summary>Addresses of one launch.</summary>
internal unsafe struct CpuMomentsArguments
{
    public byte* Q, K;
    public float* Lse, Mean, Variance, Fourth;
    public int* KvLengths;
}

/// <summary>
/// Moments of one block of past keys of a KV head, a task each: keys are read and transposed once, P of each query head's W rows lies in a
/// first-level-cache tile, and two more passes over it give the central moments. Writes the group's unpooled score and partial sums of the
/// statistics to workspace.
/// </summary>
internal sealed unsafe class CpuMomentsKernel<TSimd, TVector, TShape, T> : CpuMomentsKernelBase
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
    where TShape : struct, ITileShape
    where T : unmanaged
{
    private readonly MomentsProblem problem;
    private readonly CpuScoringTiles tiles;
    private readonly CpuScoringScratch scratch;
    private readonly CpuScoringWorkspace workspace;
    private readonly KeyTiles<TSimd, TVector, TShape, T> keyTiles;
    private readonly int blocks;

    public CpuMomentsKernel(MomentsProblem problem, CpuScoringTiles tiles, CpuScoringScratch scratch, CpuScoringWorkspace workspace)
    {
        this.problem = problem;
        this.tiles = tiles;
        this.scratch = scratch;
        this.workspace = workspace;
        keyTiles = new(problem.Shape.HeadDim, problem.Scale, problem.Options.SoftCap, tiles, scratch.QueryStride);
        blocks = (problem.Past + tiles.Keys - 1) / tiles.Keys;
    }

    public override long Tasks => problem.UnitCount * blocks;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Execute(long task, int worker)
    {
        ScoringShape s = problem.Shape;
        (long unit, long block) = Math.DivRem(task, blocks);
        (long b, long kvHead) = Math.DivRem(unit, s.KvHeads);
        int first = (int)block * tiles.Keys;
        int extent = Math.Min(tiles.Keys, problem.Past - first);
        int count = Math.Clamp(problem.PastOf(Arguments.KvLengths == null ? s.KvLength : Arguments.KvLengths[b]) - first, 0, extent);
        CpuScoringScratch.Worker w = scratch[worker];
        float* group = workspace.Group + (unit * problem.Past) + first;
        new Span<float>(group, extent).Clear();
        if (count > 0)
        {
            T* k = (T*)Arguments.K + (b * problem.KStrides.Batch) + (kvHead * problem.KStrides.Head) + (first * problem.KStrides.Row);
            keyTiles.PackKeys(w, k, problem.KStrides.Row, count);
        }

        for (int g = 0; g < s.HeadsPerKv; g++)
        {
            long h = (kvHead * s.HeadsPerKv) + g;
            long head = (b * s.QueryHeads) + h;
            double entropy = 0, variance = 0, kurtosis = 0;
            if (count > 0)
            {
                T* q = (T*)Arguments.Q + (b * problem.QStrides.Batch) + (h * problem.QStrides.Head);
                keyTiles.StageQueries(w, q, problem.QStrides.Row, Arguments.Lse + (head * s.QueryLength), s.QueryLength);
            }

            for (int at = 0; at < count; at += tiles.Lanes)
            {
                int lanes = Math.Min(tiles.Lanes, count - at);
                Moments(w, at / tiles.Lanes);
                for (int lane = 0; lane < lanes; lane++)
                {
                    group[at + lane] += (w.Mean[lane] + (problem.Options.Gamma * w.Variance[lane])) / s.HeadsPerKv;
                    entropy += w.Entropy[lane];
                    variance += w.Variance[lane];
                    kurtosis += w.Kurtosis[lane];
                }

                long target = (head * problem.Past) + first + at;
                Store(w.Mean, Arguments.Mean, target, lanes);
                Store(w.Variance, Arguments.Variance, target, lanes);
                Store(w.Fourth, Arguments.Fourth, target, lanes);
            }

            Clear(Arguments.Mean, (head * problem.Past) + first + count, extent - count);
            Clear(Arguments.Variance, (head * problem.Past) + first + count, extent - count);
            Clear(Arguments.Fourth, (head * problem.Past) + first + count, extent - count);
            if (workspace.Partials == null) continue;
            double* part = workspace.Partials + (((head * blocks) + block) * MomentsProblem.StatsCount);
            part[0] = entropy;
            part[1] = variance;
            part[2] = kurtosis;
        }
    }

    /// <summary>Moments of one group of keys over the staged rows, and its statistics where they are wanted.</summary>
    private void Moments(CpuScoringScratch.Worker w, int group)
    {
        int rows = problem.Shape.QueryLength, width = tiles.Lanes;
        keyTiles.Multiply(w, group, 0, rows);
        ColumnMath<TSimd, TVector>.Means(w.Tile, rows, width, keyTiles.Factor, w.Lse, w.Mean);
        ColumnMath<TSimd, TVector>.CentralMoments(w.Tile, rows, width, w.Mean, w.Variance, w.Fourth);
        if (workspace.Partials == null) return;
        ColumnMath<TSimd, TVector>.Kurtoses(w.Tile, rows, width, w.Mean, w.Variance, problem.Options.KurtosisFloor, w.Kurtosis);
        ColumnMath<TSimd, TVector>.Entropies(w.Tile, rows, width, w.Logarithms, w.Entropy);
    }

    private static void Store(float* source, float* target, long offset, int count)
    {
        if (target != null) new ReadOnlySpan<float>(source, count).CopyTo(new Span<float>(target + offset, count));
    }

    private static void Clear(float* target, long offset, int count)
    {
        if (target != null) new Span<float>(target + offset, count).Clear();
    }
}

/// <summary>The part of the kernels that the plan sees.</summary>
internal abstract class CpuMomentsKernelBase : ICpuKernel
{
    /// <summary>Operands of the launch under way.</summary>
    public CpuMomentsArguments Arguments;

    /// <summary>Number of tasks.</summary>
    public abstract long Tasks { get; }

    /// <inheritdoc/>
    public abstract void Execute(long task, int worker);
}
