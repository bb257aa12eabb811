using System.Numerics;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Attention.Portable;

/// <summary>Build-time parameters of the fused portable kernel that say how work is cut up; see attention_config.h.</summary>
/// <param name="Vector">Floats of a vector (VEC).</param>
/// <param name="BlockM">Queries of a group.</param>
/// <param name="BlockN">Keys of a tile.</param>
/// <param name="ItemsX">Work-items across queries.</param>
/// <param name="ItemsY">Work-items across keys and value columns.</param>
/// <param name="LaneVectors">Vectors of queries that a work-item handles at once.</param>
/// <param name="KeyRows">Accumulator rows of the first product.</param>
/// <param name="OutRows">Accumulator rows of the second product.</param>
/// <param name="KeepOut">Whether the output stays in registers; otherwise it lies in local memory.</param>
/// <param name="StageKv">Whether tiles of K and V are widened into local memory first.</param>
/// <param name="Capacity">Longest rows the program takes, where it is compiled before the shape is known; 0 where it is built for D and Dv.</param>
public readonly record struct AttentionTiles(
    int Vector, int BlockM, int BlockN, int ItemsX, int ItemsY, int LaneVectors, int KeyRows, int OutRows, bool KeepOut, bool StageKv,
    int Capacity = 0)
{
    /// <summary>A GPU group keeps to this much local memory where it can, so that a compute unit holds two groups or more.</summary>
    private const long GpuLocalBudget = 48 * 1024;

    /// <summary>
    /// What is compiled ahead of time for CUDA, smallest first, up to the longest rows that a problem may have; kernels/attention/variants-cuda.txt lists the same. Two queries to a thread
    /// and Dv / ItemsY outputs of each in registers; 48 KiB of shared memory at most, which a launch may have without asking. No GPU has
    /// timed them yet; nvcc 11.8 gives them 124 to 166 registers and no spills.
    /// </summary>
    internal static IReadOnlyList<AttentionTiles> CudaTiles { get; } =
    [
        new(1, 64, 32, 32, 4, 2, 8, 16, KeepOut: true, StageKv: true, Capacity: 64),
        new(1, 64, 16, 32, 4, 2, 4, 32, KeepOut: true, StageKv: true, Capacity: 128),
        new(1, 32, 8, 32, 8, 1, 1, 32, KeepOut: true, StageKv: true, Capacity: 256),
    ];

    /// <summary>Local memory of a group in bytes; the kernel's own arrays, counted as it declares them.</summary>
    public long LocalBytes(int headDim, int valueDim)
    {
        if (Capacity > 0) headDim = valueDim = Capacity;
        long stride = ItemsX * ItemsY > 1 ? BlockM + 1 : BlockM;
        long rows = KeepOut ? Math.Max(headDim, valueDim) : headDim + ((valueDim + OutRows - 1) / OutRows * OutRows);
        long staged = StageKv ? (long)BlockN * Math.Max(headDim, valueDim) : 0;
        return sizeof(float) * (((rows + BlockN) * stride) + staged + ((long)ItemsY * BlockM));
    }

    /// <summary>Chooses tiles. A pure function of device facts and shape.</summary>
    /// <param name="device">Kind, vector width, local memory and group size count.</param>
    /// <param name="headDim">D.</param>
    /// <param name="valueDim">Dv.</param>
    /// <param name="queries">Nq.</param>
    /// <param name="dtype">Storage type.</param>
    /// <returns>Null where not even the smallest tiles fit the device's local memory.</returns>
    public static AttentionTiles? Choose(DeviceInfo device, int headDim, int valueDim, int queries, DType dtype)
    {
        ArgumentNullException.ThrowIfNull(device);
        if (device.Language == DeviceLanguage.Cuda)
        {
            int longest = Math.Max(headDim, valueDim);
            return CudaTiles.First(tiles => tiles.Capacity >= longest);
        }

        IEnumerable<AttentionTiles> candidates = device.Kind == DeviceKind.Cpu
            ? CpuCandidates(device.VectorWidthFloat32, headDim, valueDim, queries, dtype)
            : GpuCandidates(device.MaxWorkGroupSize, valueDim, queries);
        AttentionTiles? overBudget = null;
        foreach (AttentionTiles tiles in candidates)
        {
            long bytes = tiles.LocalBytes(headDim, valueDim);
            if (bytes > device.LocalMemoryBytes) continue;
            if (device.Kind == DeviceKind.Cpu || bytes <= GpuLocalBudget) return tiles;
            overBudget ??= tiles;
        }

        return overBudget;
    }

    /// <summary>
    /// Best first. Measured with pocl 3.1 on a 2 GHz AVX-512 machine, float32, in GFLOP/s for each core's processor second (the FMA
    /// peak in the same minutes was 120 to 140), lane vectors x key rows / out rows, block m, block n:
    /// N1024 D128: 4x6/6 64,96: 113; 64,48: 112; 64,192: 115; 3x8/8 48,96: 102; 2x12/12 32,96: 108; 128,96 in two passes: 107.
    /// N1024 D256: 4x6/6 64,96: 91; 64,48: 94; 64,24: 85; 2x8/8 32,48: 92.
    /// Nq24 Nk1024 D128, counting real queries: 4x6/6 64: 34; 2x8/8 32: 67; 2x12/8 32: 66; 2x6/6 32: 62; 1x8/8 32: 48.
    /// Nq1 Nk4096 D128: 4x6/6 64: 1.3; 1x4/8 16: 3.0; 1x8/8 16: 2.7; 1x12/8 16: 2.5.
    /// 8-float vectors, N1024 D128: 2x6/6 32: 60; 2x6/6 64: 47; 3x4/4 72: 56; 2x4/4 64: 60; 1x12/12 64: 39.
    /// float16, tile staged: 94 % of float32; not staged, every use converts anew: 0.9 against 3.5 at Nq1.
    /// </summary>
    private static IEnumerable<AttentionTiles> CpuCandidates(int reportedWidth, int headDim, int valueDim, int queries, DType dtype)
    {
        int width = Math.Min(16, 1 << BitOperations.Log2((uint)Math.Max(1, reportedWidth)));
        bool stage = dtype != DType.Float32;

        // 48 keys keep a tile's scores and a wide O^T together in the second-level cache.
        int wanted = Math.Max(headDim, valueDim) > 128 ? 48 : 96;
        for (; width >= 1; width /= 2)
        {
            // 512-bit registers number 32: 4 x 6 accumulators, 4 vectors of queries, 1 broadcast. Narrower ones number 16: 2 x 6.
            int vectors = width == 16 ? 4 : 2;
            while (vectors > 1 && queries <= vectors / 2 * width) vectors /= 2;
            for (; vectors >= 1; vectors /= 2)
            {
                (int keyRows, int outRows) = vectors switch
                {
                    4 => (6, 6),
                    2 => width == 16 ? (8, 8) : (6, 6),
                    _ => (4, 8),
                };
                for (int passes = width < 16 && queries > vectors * width ? 2 : 1; passes >= 1; passes--)
                {
                    for (int keys = wanted; keys >= 24; keys /= 2)
                        yield return new(width, passes * vectors * width, keys, 1, 1, vectors, keyRows, outRows, KeepOut: false, stage);
                }
            }
        }
    }

    /// <summary>
    /// Best first, by reasoning: no GPU has timed them yet. 32 work-items along x are a warp, or half a wavefront, that shares every
    /// scalar of K and V; two queries to a work-item halve the local-memory reads for each multiply-add; Dv / ItemsY outputs for each
    /// query stay in registers (at most 64).
    /// </summary>
    private static IEnumerable<AttentionTiles> GpuCandidates(int maxGroup, int valueDim, int queries)
    {
        int wantedY = valueDim > 128 ? 8 : 4;
        for (int stage = 1; stage >= 0; stage--)
        {
            for (int x = 32; x >= 1; x /= 2)
            {
                int y = wantedY;
                while (y > 1 && x * y > maxGroup) y /= 2;
                if (x * y > maxGroup) continue;
                for (int vectors = queries > x ? 2 : 1; vectors >= 1; vectors--)
                {
                    for (int keys = 32; keys >= 8; keys /= 2)
                        yield return new(1, x * vectors, keys, x, y, vectors, Math.Min(8, keys / y), (valueDim + y - 1) / y, KeepOut: true, stage == 1);
                }
            }
        }
    }
}
