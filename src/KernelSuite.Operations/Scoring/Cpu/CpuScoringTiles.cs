using KernelSuite.Runtime.Cpu;

namespace KernelSuite.Operations.Scoring.Cpu;

/// <summary>Tile sizes of the managed scoring kernels. Keys lie in the vector lanes.</summary>
/// <param name="Vectors">Vectors of keys side by side in the micro-kernel: 2 or 4.</param>
/// <param name="Lanes">Keys of one group: <paramref name="Vectors"/> times the vector length.</param>
/// <param name="Groups">Groups of keys of a task.</param>
/// <param name="Rows">Query rows staged at a time.</param>
public readonly record struct CpuScoringTiles(int Vectors, int Lanes, int Groups, int Rows)
{
    /// <summary>Keys of one task.</summary>
    public int Keys => Lanes * Groups;

    /// <summary>Chooses tiles. A pure function of extents, vector width and threads.</summary>
    /// <param name="heads">KV heads of all batch entries.</param>
    /// <param name="keys">Keys to score.</param>
    /// <param name="rows">Query rows.</param>
    /// <param name="simd">Vector width.</param>
    /// <param name="threads">Threads of the team.</param>
    public static CpuScoringTiles Choose(long heads, int keys, int rows, CpuSimd simd, int threads)
    {
        // 512-bit has registers for four vectors by six rows; the narrower sets have 16 registers, which hold two by six.
        int vectors = simd == CpuSimd.Vector512 ? 4 : 2;
        int lanes = vectors * (int)simd;

        // A staged block of query rows is used by every group of keys; 256 packed keys (128 KiB at D128) lie in the second-level cache.
        int wanted = Math.Max(1, 256 / lanes);
        int needed = Math.Max(1, (keys + lanes - 1) / lanes);
        int groups = Math.Min(wanted, needed);

        // Few heads: smaller tasks, so that every thread has at least four.
        while (groups > 1 && Math.Max(1, heads) * ((needed + groups - 1) / groups) < 4L * threads) groups /= 2;

        // 96 rows: S of a group (24 KiB) stays in a 48 KiB first-level cache.
        return new CpuScoringTiles(vectors, lanes, groups, Math.Clamp(rows, 1, 96));
    }
}
