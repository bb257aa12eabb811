using KernelSuite.Operations.Attention;
using KernelSuite.Operations.KvStorage;
using KernelSuite.Operations.Simd;
using KernelSuite.Runtime;

namespace KernelSuite.Operations.Decode.Cpu;

/// <summary>Sizes of the cpu kernel for a problem and a vector width.</summary>
internal readonly record struct DecodeTile
{
    /// <summary>Slots of a tile: one update of the running maximum and one load and store of the sums each.</summary>
    public const int Slots = DecodeSplits.Granule;

    /// <summary>Group factors of the widest row.</summary>
    public const int MaxGroups = AttentionShape.MaxHeadDim / KvFormats.GroupSize;

    public DecodeTile(DecodeShape shape, int lanes)
    {
        // 16 sums of 4 query rows stay in the 32 registers of AVX-512, 8 sums of 2 in 16 registers.
        int most = lanes == Simd512.Lanes ? 4 : 2;
        Rows = shape.RowsPerKvHead;
        BlockRows = Math.Min(most, Rows == 1 ? 1 : Rows == 2 ? 2 : most);
        PaddedRows = (Rows + BlockRows - 1) / BlockRows * BlockRows;
        KeyWidth = RoundUp(shape.HeadDim, 2 * lanes);
        ValueWidth = RoundUp(shape.ValueDim, 2 * lanes);
    }

    /// <summary>Query rows of a KV head.</summary>
    public int Rows { get; }

    /// <summary>Query rows that a widened row is used for at once.</summary>
    public int BlockRows { get; }

    /// <summary>Query rows with those added that fill the last block; they are zeros.</summary>
    public int PaddedRows { get; }

    /// <summary>D rounded up to pairs of vectors.</summary>
    public int KeyWidth { get; }

    /// <summary>Dv rounded up to pairs of vectors.</summary>
    public int ValueWidth { get; }

    /// <summary>Floats of a part's result: sums [PaddedRows][ValueWidth], then maxima and sums of weights.</summary>
    public int PartFloats => (PaddedRows * ValueWidth) + (2 * RoundUp(PaddedRows, 16));

    public static int RoundUp(int value, int multiple) => (value + multiple - 1) / multiple * multiple;
}

/// <summary>
/// Scratch memory of the split kernel: one part a worker, and the results of every part of the slots. Allocated once with the plan.
/// </summary>
internal sealed unsafe class CpuDecodeScratch : IDisposable
{
    private readonly HostBuffer<float> workers, parts;
    private readonly DecodeTile tile;
    private readonly long workerFloats;

    public CpuDecodeScratch(DecodeTile tile, long heads, int maxParts, int threads)
    {
        this.tile = tile;
        workerFloats = Layout(null).Total;
        workers = new HostBuffer<float>(workerFloats * threads);
        parts = new HostBuffer<float>(Math.Max(1, heads * maxParts * tile.PartFloats));
    }

    /// <summary>Bytes held.</summary>
    public long Bytes => (workers.Length + parts.Length) * sizeof(float);

    /// <summary>The result of a part: sums, then maxima, then sums of weights.</summary>
    public float* Part(long task) => parts.Pointer + (task * tile.PartFloats);

    /// <summary>A worker's addresses.</summary>
    public DecodeScratch Worker(int worker) => Layout(workers.Pointer + (worker * workerFloats)).Scratch;

    public void Dispose()
    {
        workers.Dispose();
        parts.Dispose();
    }

    private (DecodeScratch Scratch, long Total) Layout(float* start)
    {
        float* next = start;
        float* Take(int floats)
        {
            float* taken = next;
            next += DecodeTile.RoundUp(floats, 16);
            return taken;
        }

        const int Pointers = DecodeTile.Slots * 2;
        int widest = Math.Max(tile.KeyWidth, tile.ValueWidth);
        var scratch = new DecodeScratch
        {
            Queries = Take(tile.PaddedRows * tile.KeyWidth),
            OrderedQueries = Take(tile.PaddedRows * tile.KeyWidth),
            Scores = Take(tile.PaddedRows * DecodeTile.Slots),
            Alpha = Take(tile.PaddedRows),
            KScales = Take(DecodeTile.Slots),
            VScales = Take(DecodeTile.Slots),
            KFactors = Take(DecodeTile.Slots * DecodeTile.MaxGroups),
            VFactors = Take(DecodeTile.Slots * DecodeTile.MaxGroups),
            KGroups = (byte*)Take(DecodeTile.Slots * DecodeTile.MaxGroups / sizeof(float)),
            VGroups = (byte*)Take(DecodeTile.Slots * DecodeTile.MaxGroups / sizeof(float)),
            Row = Take(widest),
            KRows = (byte**)Take(Pointers),
            VRows = (byte**)Take(Pointers),
            NextKRows = (byte**)Take(Pointers),
            StagedRows = (byte**)Take(Pointers),
            Staged = Take(DecodeTile.Slots * widest),
        };
        return (scratch, next - start + 16);
    }
}

/// <summary>Addresses of one worker's scratch.</summary>
internal unsafe struct DecodeScratch
{
    /// <summary>Packed query rows [PaddedRows][KeyWidth], in order, and in the order of the segment's format with its factor.</summary>
    public float* Queries, OrderedQueries;

    /// <summary>Logits and then weights of a tile [PaddedRows][Slots].</summary>
    public float* Scores;

    /// <summary>What sums of each query row are multiplied by.</summary>
    public float* Alpha;

    /// <summary>Scales of the tile's rows.</summary>
    public float* KScales, VScales;

    /// <summary>Group factors of the tile's rows [Slots][groups of a row].</summary>
    public float* KFactors, VFactors;

    /// <summary>The same as they are stored.</summary>
    public byte* KGroups, VGroups;

    /// <summary>One row on its way to another order.</summary>
    public float* Row;

    /// <summary>Addresses of the tile's rows, of the next tile's keys, and of staged rows.</summary>
    public byte** KRows, VRows, NextKRows, StagedRows;

    /// <summary>A tile of rows widened to float or bfloat16, as wide as the wider of KeyWidth and ValueWidth.</summary>
    public float* Staged;
}
