using KernelSuite.Runtime;

namespace KernelSuite.Operations.Attention.Cpu;

/// <summary>Scratch memory, one part a worker, allocated once with the plan.</summary>
internal sealed unsafe class CpuAttentionScratch : IDisposable
{
    private readonly HostBuffer<float> floats;
    private readonly HostBuffer<int> integers;
    private readonly Worker[] workers;

    public CpuAttentionScratch(AttentionShape shape, CpuAttentionTiles tiles, int threads)
    {
        // 16 floats off a power of two keep the rows of a tile out of each other's cache sets.
        KeyStride = RoundUp(shape.HeadDim) + 16;
        ValueStride = RoundUp(shape.ValueDim) + 16;
        int queries = tiles.Queries;
        int widest = Math.Max(shape.HeadDim, shape.ValueDim);
        int[] sizes =
        [
            queries * shape.HeadDim, queries * shape.ValueDim, tiles.Keys * KeyStride, tiles.Keys * ValueStride, tiles.Keys * tiles.Lanes,
            tiles.Lanes * widest, queries, queries, tiles.Lanes, tiles.Lanes, tiles.Lanes,
        ];
        long perWorker = sizes.Sum(RoundUp) + 1024;
        floats = new HostBuffer<float>(perWorker * threads);
        integers = new HostBuffer<int>((long)RoundUp(2 * queries) * threads);
        workers = new Worker[threads];
        for (int t = 0; t < threads; t++)
        {
            float* next = floats.Pointer + (t * perWorker);
            float* Take(int i)
            {
                float* taken = next;
                next += RoundUp(sizes[i]);
                return taken;
            }

            int* ints = integers.Pointer + ((long)t * RoundUp(2 * queries));
            workers[t] = new Worker
            {
                Queries = Take(0),
                Output = Take(1),
                Keys = Take(2),
                Values = Take(3),
                Scores = Take(4),
                Transpose = Take(5),
                Max = Take(6),
                Sum = Take(7),
                Alpha = Take(8),
                MaskFrom = Take(9),
                MaskTo = Take(10),
                From = ints,
                To = ints + queries,
                Ranges = new GroupRange[tiles.Groups],
                Started = new bool[tiles.Groups],
            };
        }
    }

    /// <summary>Floats from one row of a staged key tile to the next.</summary>
    public int KeyStride { get; }

    /// <summary>Floats from one row of a staged value tile to the next.</summary>
    public int ValueStride { get; }

    /// <summary>Bytes held.</summary>
    public long Bytes => (floats.Length * sizeof(float)) + (integers.Length * sizeof(int));

    /// <summary>The part of one worker.</summary>
    public Worker this[int worker] => workers[worker];

    public void Dispose()
    {
        floats.Dispose();
        integers.Dispose();
    }

    private static int RoundUp(int count) => (count + 15) & ~15;

    /// <summary>The keys that the lanes of a group see: their union [From, To) and their intersection [CommonFrom, CommonTo).</summary>
    internal struct GroupRange
    {
        public int From, To, CommonFrom, CommonTo;
    }

    /// <summary>Addresses of one worker's part; [G] = one a group.</summary>
    internal sealed class Worker
    {
        /// <summary>Packed scaled queries [G][D][lanes].</summary>
        public required float* Queries;

        /// <summary>Accumulated output [G][Dv][lanes].</summary>
        public required float* Output;

        /// <summary>Staged keys and values, rows <see cref="KeyStride"/> and <see cref="ValueStride"/> apart.</summary>
        public required float* Keys, Values;

        /// <summary>S and then P [keys][lanes].</summary>
        public required float* Scores;

        /// <summary>Rows on their way through a transposition.</summary>
        public required float* Transpose;

        /// <summary>Running maximum and sum [G][lanes].</summary>
        public required float* Max, Sum;

        /// <summary>Per-lane factors, and mask bounds relative to the tile.</summary>
        public required float* Alpha, MaskFrom, MaskTo;

        /// <summary>Visible keys of each lane [G][lanes].</summary>
        public required int* From, To;

        /// <summary>Visible keys of each group.</summary>
        public required GroupRange[] Ranges;

        /// <summary>Whether a group's output holds anything yet.</summary>
        public required bool[] Started;
    }
}
