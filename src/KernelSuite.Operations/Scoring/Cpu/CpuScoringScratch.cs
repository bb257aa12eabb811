using KernelSuite.Runtime;

namespace KernelSuite.Operations.Scoring.Cpu;

/// <summary>Scratch memory of the managed scoring kernels, one part a worker, allocated once with the plan.</summary>
internal sealed unsafe class CpuScoringScratch : IDisposable
{
    private readonly HostBuffer<float> floats;
    private readonly Worker[] workers;

    public CpuScoringScratch(int headDim, CpuScoringTiles tiles, int threads)
    {
        // 16 floats off a power of two keep the rows of a tile out of each other's cache sets.
        QueryStride = RoundUp(headDim) + 16;
        int tile = RoundUp(tiles.Rows * tiles.Lanes), keys = RoundUp(tiles.Keys), lanes = RoundUp(tiles.Lanes);
        int[] sizes =
        [
            RoundUp(tiles.Groups * headDim * tiles.Lanes), RoundUp(tiles.Rows * QueryStride), RoundUp(tiles.Rows), tile, tile,
            RoundUp(tiles.Lanes * headDim), keys, keys, keys, lanes, lanes, lanes, lanes, lanes,
        ];
        long perWorker = sizes.Sum();
        floats = new HostBuffer<float>(perWorker * threads);
        workers = new Worker[threads];
        for (int t = 0; t < threads; t++)
        {
            float* next = floats.Pointer + (t * perWorker);
            float* Take(int i)
            {
                float* taken = next;
                next += sizes[i];
                return taken;
            }

            workers[t] = new Worker
            {
                Keys = Take(0),
                Queries = Take(1),
                Lse = Take(2),
                Tile = Take(3),
                Logarithms = Take(4),
                Transpose = Take(5),
                Group = Take(6),
                Sums = Take(7),
                Squares = Take(8),
                Mean = Take(9),
                Variance = Take(10),
                Fourth = Take(11),
                Entropy = Take(12),
                Kurtosis = Take(13),
            };
        }
    }

    /// <summary>Floats from one staged query row to the next.</summary>
    public int QueryStride { get; }

    /// <summary>Bytes held.</summary>
    public long Bytes => floats.Length * sizeof(float);

    /// <summary>The part of one worker.</summary>
    public Worker this[int worker] => workers[worker];

    public void Dispose() => floats.Dispose();

    private static int RoundUp(int count) => (count + 15) & ~15;

    /// <summary>Addresses of one worker's part.</summary>
    internal sealed class Worker
    {
        /// <summary>Packed keys [groups][D][lanes].</summary>
        public required float* Keys;

        /// <summary>Staged query rows, <see cref="QueryStride"/> apart, and their negated LSE.</summary>
        public required float* Queries, Lse;

        /// <summary>S and then P [rows][lanes], and the logarithms of P.</summary>
        public required float* Tile, Logarithms;

        /// <summary>Rows on their way through a transposition.</summary>
        public required float* Transpose;

        /// <summary>For each key of the task: sum over the group of heads, and of one head the sums and sums of squares.</summary>
        public required float* Group, Sums, Squares;

        /// <summary>For each key of a group: moments and statistics, or the bounds of its visible rows.</summary>
        public required float* Mean, Variance, Fourth, Entropy, Kurtosis;
    }
}
