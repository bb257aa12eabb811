using System.Numerics;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Decode.Portable;

/// <summary>Build-time parameters of the portable decode kernel that say how work is cut up; see attention_decode.cl.</summary>
/// <param name="Vector">Floats of a vector (VEC).</param>
/// <param name="Rows">Query rows of a group; more rows of a KV head are further groups.</param>
/// <param name="ItemsX">Work-items along a row; 1 on a CPU.</param>
/// <param name="ItemsY">Work-items along slots; 1 on a CPU.</param>
/// <param name="Slots">GPU: slots that a work-item has under way.</param>
/// <param name="Tile">CPU: slots of a tile.</param>
/// <param name="ColumnVectors">CPU: vectors of value columns that stay in registers.</param>
public readonly record struct DecodeTiles(int Vector, int Rows, int ItemsX, int ItemsY, int Slots, int Tile, int ColumnVectors)
{
    /// <summary>Columns of a row that a work-item of a GPU holds.</summary>
    public const int Chunk = 8;

    /// <summary>Work-items of a GPU's group.</summary>
    private const int GpuItems = 128;

    /// <summary>
    /// Query rows of a GPU's group. A work-item keeps Rows x Chunk outputs in registers, and a key or value that was loaded is used once a row: at 8 the multiply-adds
    /// (16 a byte of a bfloat16 cache) stay below what a current GPU does while it reads the byte. No GPU has timed it.
    /// </summary>
    private const int GpuRows = 8;

    /// <summary>Longest rows that the program for CPUs takes (LANE_CAPACITY).</summary>
    private const int LaneCapacity = 256;

    /// <summary>Whether groups are a GPU's.</summary>
    public bool IsGroup => ItemsX * ItemsY > 1;

    /// <summary>Longest rows the program takes; their lengths are arguments.</summary>
    public int Capacity => IsGroup ? ItemsX * Chunk : LaneCapacity;

    /// <summary>What is compiled ahead of time for CUDA, and what an OpenCL GPU gets, smallest first; kernels/attention/variants-cuda.txt lists the same.</summary>
    internal static IReadOnlyList<DecodeTiles> GpuTiles { get; } = [Gpu(64), Gpu(128), Gpu(256)];

    /// <summary>Local memory of a group in bytes; the kernel's own arrays, counted as it declares them.</summary>
    public long LocalBytes
    {
        get
        {
            if (!IsGroup) return sizeof(float) * (long)Rows * ((2 * LaneCapacity) + Tile + 2);
            long tile = (long)ItemsY * Slots;
            return sizeof(float) * ((Rows * Capacity) + (tile * Rows * (ItemsX + 2)) + (ItemsX * ItemsY) + (2 * Rows));
        }
    }

    /// <summary>Chooses tiles. A pure function of device facts and shape.</summary>
    /// <param name="device">Kind, language, vector width, local memory and group size count.</param>
    /// <param name="headDim">D.</param>
    /// <param name="valueDim">Dv.</param>
    /// <param name="rows">Query rows that share a KV head.</param>
    /// <returns>Null where the device's groups or local memory are too small.</returns>
    public static DecodeTiles? Choose(DeviceInfo device, int headDim, int valueDim, int rows)
    {
        ArgumentNullException.ThrowIfNull(device);
        int longest = Math.Max(headDim, valueDim);
        if (device.Language == DeviceLanguage.Cuda) return GpuTiles.First(tiles => tiles.Capacity >= longest);
        if (device.Kind == DeviceKind.Cpu) return Cpu(device, rows);
        return GpuTiles.Where(tiles => tiles.Capacity >= longest).Cast<DecodeTiles?>().FirstOrDefault(
            tiles => device.MaxWorkGroupSize >= GpuItems && device.LocalMemoryBytes >= tiles!.Value.LocalBytes);
    }

    /// <summary>Blocks of query rows to a KV head.</summary>
    public int RowBlocks(int rows) => (rows + Rows - 1) / Rows;

    private static DecodeTiles Gpu(int capacity) =>
        new(Vector: 1, GpuRows, ItemsX: capacity / Chunk, ItemsY: GpuItems * Chunk / capacity, Slots: 4, Tile: 0, ColumnVectors: 0);

    /// <summary>
    /// Rows is a power of two, because VEC / Rows slots share a vector of logits. Rows x ColumnVectors accumulators and a tile's row of values fit the registers: 32 of 512
    /// bits, else 16. One to three rows take the program of four: on one core the cpu device's kernel needs 27 ns a float32 slot for four rows (D = 128) and 13 ns for one, while
    /// memory takes about 80 ns. Nothing here depends on D or Dv: a program takes seconds to build on such a device, and one serves every length of row.
    /// </summary>
    private static DecodeTiles? Cpu(DeviceInfo device, int rows)
    {
        const int MostColumns = 4, FewRows = 4;
        int width = Math.Min(16, 1 << BitOperations.Log2((uint)Math.Max(1, device.VectorWidthFloat32)));
        int accumulators = width == 16 ? 16 : 8;
        int wanted = Math.Min(width, rows <= FewRows ? FewRows : 2 * FewRows);
        for (; wanted >= 1; wanted /= 2)
        {
            int columns = Math.Min(accumulators / wanted, MostColumns);
            var tiles = new DecodeTiles(width, wanted, ItemsX: 1, ItemsY: 1, Slots: 0, Tile: DecodeSplits.Granule, columns);
            if (tiles.LocalBytes <= device.LocalMemoryBytes) return tiles;
        }

        return null;
    }
}
