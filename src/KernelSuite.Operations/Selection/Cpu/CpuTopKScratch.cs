using KernelSuite.Runtime;

namespace KernelSuite.Operations.Selection.Cpu;

/// <summary>
/// Memory of a selection: for each piece of each row that is worked on at a time, the gathered keys and a histogram a digit; for each thread the sets
/// of counters.
/// </summary>
internal sealed unsafe class CpuTopKScratch : IDisposable
{
    private readonly HostBuffer<uint> keys;
    private readonly HostBuffer<int> histograms;
    private readonly HostBuffer<int> sets;

    /// <summary>Allocates.</summary>
    /// <param name="parts">Pieces that are worked on at a time.</param>
    /// <param name="pieceLength">Scores of a piece at most.</param>
    /// <param name="threads">Threads.</param>
    public CpuTopKScratch(int parts, int pieceLength, int threads)
    {
        PieceLength = pieceLength;
        keys = new HostBuffer<uint>((long)parts * Stride);
        histograms = new HostBuffer<int>((long)parts * TopKState.Digits * TopKState.Bins);
        sets = new HostBuffer<int>((long)threads * TopKScan.Sets * TopKState.Bins);
        Found = new int[parts];
    }

    public int PieceLength { get; }

    /// <summary>From one part's keys to the next.</summary>
    public long Stride => PieceLength + CandidateScan.Slack;

    public long Bytes => sizeof(int) * (keys.Length + histograms.Length + sets.Length);

    /// <summary>Keys gathered by each part.</summary>
    public int[] Found { get; }

    public uint* Keys(int part) => keys.Pointer + (part * Stride);

    public int* Histogram(int part, int digit) => histograms.Pointer + ((((long)part * TopKState.Digits) + digit) * TopKState.Bins);

    public int* Sets(int worker) => sets.Pointer + ((long)worker * TopKScan.Sets * TopKState.Bins);

    public void Dispose()
    {
        keys.Dispose();
        histograms.Dispose();
        sets.Dispose();
    }
}
