using System.Globalization;
using System.Numerics;
using KernelSuite.Operations.Launching;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Scoring.Portable;

/// <summary>Build-time parameters of the portable scoring kernels; see kernels/kvcache/scoring_tile.h.</summary>
/// <param name="Vector">Floats of a vector (VEC).</param>
/// <param name="ItemsX">Work-items across keys.</param>
/// <param name="ItemsY">Work-items across query rows.</param>
/// <param name="LaneVectors">Vectors of keys of a work-item.</param>
/// <param name="Rows">Query rows of a work-item.</param>
/// <param name="Chunk">Elements of the head dimension in local memory at a time.</param>
public readonly record struct ScoringTiles(int Vector, int ItemsX, int ItemsY, int LaneVectors, int Rows, int Chunk)
{
    /// <summary>
    /// Elements of the head dimension that a GPU stages at a time: K and Q chunks are then about 8 KiB each, and one program serves every head
    /// dimension. By reasoning: no GPU has timed it yet.
    /// </summary>
    private const int GpuChunk = 32;

    /// <summary>Keys of a group.</summary>
    public int Keys => ItemsX * LaneVectors * Vector;

    /// <summary>Query rows of a group at a time.</summary>
    public int QueryRows => ItemsY * Rows;

    /// <summary>Local memory of a group in bytes; the kernels' own arrays, counted as they declare them.</summary>
    /// <param name="window">Rows of probabilities that are kept; 0 for attention_scores.</param>
    public long LocalBytes(int window)
    {
        long keyStride = ItemsX * ItemsY > 1 ? Keys + 1 : Keys;
        return sizeof(float) * ((Chunk * keyStride) + ((long)QueryRows * Chunk) + QueryRows + ((long)ItemsY * Keys) + ((long)window * Keys));
    }

    /// <summary>Chooses tiles. A pure function of device facts and extents.</summary>
    /// <param name="device">Language, kind, vector width, local memory and group size count.</param>
    /// <param name="headDim">D.</param>
    /// <param name="queries">Query rows.</param>
    /// <param name="window">Rows of probabilities that are kept; 0 for attention_scores.</param>
    /// <returns>Null where not even the smallest tiles fit the device's local memory.</returns>
    public static ScoringTiles? Choose(DeviceInfo device, int headDim, int queries, int window)
    {
        ArgumentNullException.ThrowIfNull(device);

        // Rows that no query fills are computed all the same: few queries take the lower tile.
        int gpuRows = queries <= 32 ? 8 : 16;
        if (device.Language == DeviceLanguage.Cuda) return new(1, 32, 4, 2, gpuRows, GpuChunk);
        IEnumerable<ScoringTiles> candidates = device.Kind == DeviceKind.Cpu
            ? CpuCandidates(device.VectorWidthFloat32, headDim)
            : GpuCandidates(device.MaxWorkGroupSize, gpuRows);
        foreach (ScoringTiles tiles in candidates)
            if (tiles.LocalBytes(window) <= device.LocalMemoryBytes) return tiles;
        return null;
    }

    /// <summary>The options of a fused program, in the order in which kernels/kvcache/variants-cuda.txt lists them.</summary>
    public string Options(DType dtype, int window) => string.Create(
        CultureInfo.InvariantCulture,
        $"-DSTORAGE={KernelArguments.StorageCode(dtype)} -DVEC={Vector} -DITEMS_X={ItemsX} -DITEMS_Y={ItemsY} -DLANE_VECS={LaneVectors} -DROWS={Rows} -DCHUNK={Chunk}")
        + (window > 0 ? string.Create(CultureInfo.InvariantCulture, $" -DWINDOW={window}") : string.Empty);

    /// <summary>Best first: whole rows of keys in local memory, which a CPU device maps to cache, and 6 x 4 (512-bit) or 6 x 2 accumulators.</summary>
    private static IEnumerable<ScoringTiles> CpuCandidates(int reportedWidth, int headDim)
    {
        for (int width = Math.Min(16, 1 << BitOperations.Log2((uint)Math.Max(1, reportedWidth))); width >= 1; width /= 2)
        {
            int vectors = width == 16 ? 4 : 2;
            for (int chunk = headDim; chunk >= 1; chunk /= 2) yield return new(width, 1, 1, vectors, 6, chunk);
        }
    }

    private static IEnumerable<ScoringTiles> GpuCandidates(int maxGroup, int rows)
    {
        for (int x = 32; x >= 1; x /= 2)
        {
            int y = 4;
            while (y > 1 && x * y > maxGroup) y /= 2;
            if (x * y <= maxGroup) yield return new(1, x, y, 2, rows, Math.Min(GpuChunk, x));
        }
    }
}
