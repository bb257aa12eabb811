using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace KernelSuite.KvCache;

/// <summary>
/// Working tables of a verdict on a layer: some 28 bytes for each row of its largest head and a byte for each row of all heads. They are rented
/// from the shared pool of arrays for as long as the verdict takes, so that a purge leaves no garbage and a cache holds nothing for purges to come.
/// </summary>
internal sealed class VerdictTables : IDisposable
{
    private readonly int rows;
    private readonly ulong[] entries, spare;
    private readonly float[] scores, ranked;
    private readonly uint[] picked;
    private readonly RowFate[] fates;

    /// <summary>Rents tables.</summary>
    /// <param name="rows">Most rows of a head.</param>
    /// <param name="heads">KV heads.</param>
    public VerdictTables(int rows, int heads)
    {
        this.rows = rows;
        entries = ArrayPool<ulong>.Shared.Rent(rows);
        spare = ArrayPool<ulong>.Shared.Rent(rows);
        scores = ArrayPool<float>.Shared.Rent(rows);
        ranked = ArrayPool<float>.Shared.Rent(rows);
        picked = ArrayPool<uint>.Shared.Rent(rows);
        fates = ArrayPool<RowFate>.Shared.Rent(checked(rows * heads));
    }

    /// <summary>
    /// A head's rows in order of position, as <see cref="Fill"/> left them: position in the upper half, number of the row in the lower.
    /// </summary>
    public ReadOnlySpan<ulong> Entries => InOrder.Span;

    /// <summary>Scores by number of the row.</summary>
    public Span<float> Scores => scores.AsSpan(0, InOrder.Length);

    /// <summary>Scores in the order of <see cref="Entries"/>. A verdict uses them up.</summary>
    public Span<float> Ranked => ranked.AsSpan(0, InOrder.Length);

    /// <summary>Room for one number a row.</summary>
    public Span<uint> Picked => picked.AsSpan(0, InOrder.Length);

    private Memory<ulong> InOrder { get; set; }

    /// <summary>A head's fates by number of the row: originals by slot, then quantised rows by slot.</summary>
    public Span<RowFate> Fates(int head) => fates.AsSpan(head * rows, rows);

    /// <summary>Enters a head's rows. Originals ascend in position; quantised rows ascend between one demotion and the next.</summary>
    public void Fill(RowList originals, RowList? quantised)
    {
        int first = originals.Count, count = first + (quantised?.Count ?? 0);
        Span<int> positions = MemoryMarshal.Cast<uint, int>(picked.AsSpan(0, count));
        originals.CopyPositions(positions);
        quantised?.CopyPositions(positions[first..]);
        Enter(positions, entries);
        InOrder = (RunMerge.Sort(entries.AsSpan(0, count), spare.AsSpan(0, count)) ? spare : entries).AsMemory(0, count);
    }

    /// <summary>Enters a prompt: row i at position i.</summary>
    public void FillPrompt()
    {
        for (int i = 0; i < rows; i++) entries[i] = ((ulong)i << 32) | (uint)i;
        InOrder = entries.AsMemory(0, rows);
    }

    /// <summary>Puts <see cref="Scores"/> into the order of positions and pools them over neighbours.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void RankPooled(int taps)
    {
        ReadOnlySpan<ulong> order = Entries;
        Span<float> ordered = MemoryMarshal.Cast<uint, float>(Picked);
        for (int i = 0; i < order.Length; i++) ordered[i] = scores[(int)(uint)order[i]];
        TokenRanking.Pool(ordered, taps, Ranked);
    }

    /// <summary>Ranks by position: the newest win.</summary>
    public void RankByPosition()
    {
        ReadOnlySpan<ulong> order = Entries;
        for (int i = 0; i < order.Length; i++) ranked[i] = (int)(order[i] >> 32);
    }

    /// <summary>Ranks by a score of each position.</summary>
    public void RankBy(ReadOnlySpan<float> byPosition)
    {
        ReadOnlySpan<ulong> order = Entries;
        for (int i = 0; i < order.Length; i++) ranked[i] = byPosition[(int)(order[i] >> 32)];
    }

    public void Dispose()
    {
        ArrayPool<ulong>.Shared.Return(entries);
        ArrayPool<ulong>.Shared.Return(spare);
        ArrayPool<float>.Shared.Return(scores);
        ArrayPool<float>.Shared.Return(ranked);
        ArrayPool<uint>.Shared.Return(picked);
        ArrayPool<RowFate>.Shared.Return(fates);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Enter(ReadOnlySpan<int> positions, Span<ulong> entries)
    {
        for (int i = 0; i < positions.Length; i++) entries[i] = ((ulong)(uint)positions[i] << 32) | (uint)i;
    }
}
