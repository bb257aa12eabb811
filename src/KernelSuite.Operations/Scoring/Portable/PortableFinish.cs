using KernelSuite.Operations.Launching;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Scoring.Portable;

/// <summary>The steps after the first kernel, and the workspace between: pooling, accumulation, sums of statistics.</summary>
internal sealed class PortableFinish : IDisposable
{
    private readonly DeviceProgram program;
    private readonly DeviceKernel pool;
    private readonly DeviceKernel? stats;
    private readonly LaunchShape poolGrid;
    private readonly LaunchShape statsGrid;
    private readonly bool hasKeys;

    /// <param name="device">The device.</param>
    /// <param name="shape">Extents.</param>
    /// <param name="keys">Keys of a score row.</param>
    /// <param name="dropped">Keys at the end of a length that are not scored.</param>
    /// <param name="poolTaps">Keys averaged over.</param>
    /// <param name="decay">Factor on the previous score.</param>
    /// <param name="scoreRow">Elements from one row of score and previous to the next.</param>
    /// <param name="parts">Partial statistics of each query head; null where none are wanted.</param>
    public PortableFinish(Device device, ScoringShape shape, int keys, int dropped, int poolTaps, float decay, long scoreRow, long? parts = null)
    {
        long kvRows = (long)shape.Batch * shape.KvHeads;
        hasKeys = kvRows * keys > 0;
        Group = device.Allocate(DType.Float32, Math.Max(1, kvRows * keys));
        WorkspaceBytes = kvRows * keys * sizeof(float);
        try
        {
            First = device.CreateEvent();
            program = PortableScoring.Build(device, PortableScoring.FinishName, string.Empty);
            pool = program.CreateKernel("scores_finish");
            pool.SetBuffer(0, Group);
            pool.SetValue(6, scoreRow);
            pool.SetValue(8, scoreRow);
            pool.SetValue(9, (int)kvRows);
            pool.SetValue(10, shape.KvHeads);
            pool.SetValue(11, keys);
            pool.SetValue(12, dropped);
            pool.SetValue(13, poolTaps);
            pool.SetValue(14, decay);
            poolGrid = PortableScoring.KeyGrid(device, keys, kvRows);
            if (parts is not { } count) return;
            long queryRows = (long)shape.Batch * shape.QueryHeads, length = queryRows * count * MomentsProblem.StatsCount;
            Partials = device.Allocate(DType.Float32, Math.Max(1, length));
            WorkspaceBytes += length * sizeof(float);
            stats = program.CreateKernel("moments_stats");
            stats.SetBuffer(0, Partials);
            stats.SetValue(3, checked((int)count));
            statsGrid = new LaunchShape(queryRows, ItemsX: PortableScoring.GroupItems);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>[B,Hk,keys]: what the first kernel leaves.</summary>
    public DeviceMemory Group { get; }

    /// <summary>[B,Hq,parts,3]; null where no statistics are wanted.</summary>
    public DeviceMemory? Partials { get; }

    /// <summary>Takes the start of the first kernel, where a launch is timed.</summary>
    public DeviceEvent First { get; } = null!;

    /// <summary>Bytes held.</summary>
    public long WorkspaceBytes { get; }

    /// <summary>Queues what follows the first kernel.</summary>
    public void Launch(DeviceStream stream, DeviceSlice kvLengths, DeviceSlice previous, DeviceSlice score, DeviceSlice statistics, DeviceEvent? timing)
    {
        bool pools = hasKeys && score.IsPresent, sums = stats is not null && statsGrid.GroupsX > 0;
        if (pools)
        {
            pool.SetOperand(1, 4, kvLengths);
            pool.SetOperand(2, 5, previous);
            pool.SetOperand(3, 7, score);
            stream.Launch(pool, in poolGrid, sums ? null : timing);
        }

        if (sums)
        {
            stats!.SetOperand(1, 2, statistics);
            stream.Launch(stats!, in statsGrid, timing);
        }

        if (!pools && !sums && timing is not null) stream.Record(timing);
    }

    public void Dispose()
    {
        pool?.Dispose();
        stats?.Dispose();
        program?.Dispose();
        First?.Dispose();
        Group.Dispose();
        Partials?.Dispose();
    }
}
