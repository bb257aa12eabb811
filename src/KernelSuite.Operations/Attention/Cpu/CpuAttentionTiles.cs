using KernelSuite.Runtime.Cpu;

namespace KernelSuite.Operations.Attention.Cpu;

/// <summary>Tile sizes of the managed kernel.</summary>
/// <param name="Vectors">Vectors of queries side by side in the micro-kernel: 1, 2 or 4.</param>
/// <param name="Lanes">Queries of one group: <paramref name="Vectors"/> times the vector length.</param>
/// <param name="Groups">Groups of queries that share one staged key/value tile.</param>
/// <param name="Keys">Keys of a tile (BN).</param>
public readonly record struct CpuAttentionTiles(int Vectors, int Lanes, int Groups, int Keys)
{
    /// <summary>Queries of one task (BM).</summary>
    public int Queries => Lanes * Groups;

    /// <summary>Chooses tiles. A pure function of the shape, the vector width and the number of threads.</summary>
    public static CpuAttentionTiles Choose(AttentionShape shape, CpuSimd simd, int threads)
    {
        ArgumentNullException.ThrowIfNull(shape);
        int width = (int)simd;

        // 512-bit has registers for four vectors by six rows; the narrower sets have 16 registers, which hold two by six.
        int vectors = simd == CpuSimd.Vector512 ? 4 : 2;
        while (vectors > 1 && shape.QueryLength <= vectors / 2 * width) vectors /= 2;
        int lanes = vectors * width;

        // Staging a tile of keys and values costs the same for any number of queries. D128 on two cores, median of one run: 201, 204, 211 and
        // 205 GFLOP/s with 256, 512, 1024 and 2048 queries a task; D64: 190, 194, 198 and 200. The state of a task (Q and O, 1 MiB at
        // D128) still fits a 2 MiB second-level cache.
        int wanted = Math.Max(1, 1024 / lanes);
        int groupsNeeded = Math.Max(1, (shape.QueryLength + lanes - 1) / lanes);
        int groups = Math.Min(wanted, groupsNeeded);

        // Few heads: smaller tasks, so that every thread has at least four.
        long heads = Math.Max(1, (long)shape.Batch * shape.QueryHeads);
        while (groups > 1 && heads * ((groupsNeeded + groups - 1) / groups) < 4L * threads) groups /= 2;

        // 96 keys: S and P of a group (24 KiB) stay in a 48 KiB first-level cache; 48 and 192 keys gave the same within the noise.
        return new CpuAttentionTiles(vectors, lanes, groups, 96);
    }
}
