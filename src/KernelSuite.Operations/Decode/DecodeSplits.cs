namespace KernelSuite.Operations.Decode;

/// <summary>
/// How the slots of a sequence are split into parts that are computed side by side and merged by their LSE. The cpu device counts the slots through, the original
/// segment's first, then the quantised one's, and splits them as one range. Devices with programs split each segment on its own, because there a part is of one kind: with both
/// segments they have up to twice as many parts. Every device follows <see cref="SlotsPerPart"/> with the actual number of slots of what it splits: what a part holds
/// depends on no capacity.
/// </summary>
/// <param name="MaxParts">Parts that a launch has to provide for each (sequence, KV head): those of a full cache. 1 or more.</param>
/// <param name="TargetParts">Parts aimed at; <see cref="int.MaxValue"/> for parts of <paramref name="LeastSlots"/>.</param>
/// <param name="LeastSlots">Fewest slots of a part that is not the last; a multiple of <see cref="Granule"/>.</param>
public readonly record struct DecodeSplits(int MaxParts, int TargetParts, int LeastSlots)
{
    /// <summary>Parts are a multiple of this many slots: the tile of the cpu kernel.</summary>
    public const int Granule = 64;

    /// <summary>Parts that were not asked for are at least this long: below it, starting and merging a part cost as much as it saves.</summary>
    public const int ChosenLeastSlots = 256;

    /// <summary>
    /// Slots of a part in batch-invariant mode. A part leaves Dv + 2 floats a query row, so with 4 rows and a bfloat16 cache partial results are under 2 % of what is read;
    /// 32k slots give 64 parts.
    /// </summary>
    public const int FixedSlots = 512;

    /// <summary>Tasks for each thread or multiprocessor: they even out parts of unequal cost (quantised against original slots, ragged lengths).</summary>
    public const int TasksPerWorker = 8;

    /// <summary>Chooses the number of parts.</summary>
    /// <param name="heads">Sequences times KV heads.</param>
    /// <param name="capacity">Most slots of what is split: of both segments together, or of one.</param>
    /// <param name="workers">Threads or multiprocessors.</param>
    /// <param name="options">Settings; a number of splits given there, or the fixed size, is followed.</param>
    public static DecodeSplits Choose(long heads, long capacity, int workers, DecodeOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegative(heads);
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        ArgumentOutOfRangeException.ThrowIfLessThan(workers, 1);
        if (options.BatchInvariant) return Make(int.MaxValue, FixedSlots, capacity);
        if (options.Splits > 0) return Make(options.Splits, Granule, capacity);
        long wanted = CeilingDivide((long)workers * TasksPerWorker, Math.Max(heads, 1));
        return Make((int)Math.Clamp(wanted, 1, DecodeOptions.MaxSplits), ChosenLeastSlots, capacity);
    }

    /// <summary>
    /// Slots of each part but the last of a sequence with <paramref name="slots"/> slots: part p covers [p * s, min(slots, (p + 1) * s)).
    /// s = max(LeastSlots, ceil(slots / TargetParts) rounded up to a multiple of <see cref="Granule"/>).
    /// </summary>
    public int SlotsPerPart(int slots) => (int)Math.Max(LeastSlots, CeilingDivide(CeilingDivide(slots, TargetParts), Granule) * Granule);

    private static DecodeSplits Make(int target, int least, long capacity) =>
        new((int)Math.Clamp(CeilingDivide(capacity, least), 1, target), target, least);

    private static long CeilingDivide(long a, long b) => (a + b - 1) / b;
}
