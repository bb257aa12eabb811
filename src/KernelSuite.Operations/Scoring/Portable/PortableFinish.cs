using KernelSuite.Operations.Launching;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Scoring.Portable;

/// <summary>
/// The steps after the first kernel, and the workspace between: pooling, accumulation, sums of statistics. The plan's launches own it all.
/// </summary>
internal sealed class PortableFinish
{
    private readonly DeviceKernel pool;
    private readonly DeviceKernel? stats;
    private readonly LaunchShape poolGrid, statsGrid;

    /// <param name="launches">Those of the plan.</param>
    /// <param name="shape">Extents.</param>
    /// <param name="keys">Keys of a score row.</param>
    /// <param name="dropped">Keys at the end of a length that are not scored.</param>
    /// <param name="poolTaps">Keys averaged over.</param>
    /// <param name="decay">Factor on the previous score.</param>
    /// <param name="scoreRow">Elements from one row of score and previous to the next.</param>
    /// <param name="parts">Partial statistics of each query head; null where none are wanted.</param>
    public PortableFinish(
        PortableLaunches launches, ScoringShape shape, int keys, int dropped, int poolTaps, float decay, long scoreRow, long? parts = null)
    {
        long kvRows = (long)shape.Batch * shape.KvHeads;
        Group = launches.Allocate(DType.Float32, kvRows * keys);
        poolGrid = PortableScoring.KeyGrid(launches.Device, keys, kvRows);
        pool = launches.Kernel(PortableScoring.FinishName, string.Empty, "scores_finish", kernel =>
        {
            kernel.SetBuffer(0, Group);
            kernel.SetValue(6, scoreRow);
            kernel.SetValue(8, scoreRow);
            kernel.SetValue(9, (int)kvRows);
            kernel.SetValue(10, shape.KvHeads);
            kernel.SetValue(11, keys);
            kernel.SetValue(12, dropped);
            kernel.SetValue(13, poolTaps);
            kernel.SetValue(14, decay);
        });
        if (parts is not { } count) return;
        long queryRows = (long)shape.Batch * shape.QueryHeads;
        Partials = launches.Allocate(DType.Float32, queryRows * count * MomentsProblem.StatsCount);
        statsGrid = new(queryRows, ItemsX: PortableScoring.GroupItems);
        stats = launches.Kernel(PortableScoring.FinishName, string.Empty, "moments_stats", kernel =>
        {
            kernel.SetBuffer(0, Partials);
            kernel.SetValue(3, checked((int)count));
        });
    }

    /// <summary>[B,Hk,keys]: what the first kernel leaves.</summary>
    public DeviceMemory Group { get; }

    /// <summary>[B,Hq,parts,3]; null where no statistics are wanted.</summary>
    public DeviceMemory? Partials { get; }

    /// <summary>Queues what follows the first kernel.</summary>
    public void Enqueue(ref LaunchSequence run, DeviceSlice kvLengths, DeviceSlice previous, DeviceSlice score, DeviceSlice statistics)
    {
        pool.SetOperand(1, 4, kvLengths);
        pool.SetOperand(2, 5, previous);
        pool.SetOperand(3, 7, score);
        LaunchShape pooled = score.IsPresent ? poolGrid : default;
        if (stats is null)
        {
            run.Last(pool, in pooled);
            return;
        }

        run.Next(pool, in pooled);
        stats.SetOperand(1, 2, statistics);
        run.Last(stats, in statsGrid);
    }
}
