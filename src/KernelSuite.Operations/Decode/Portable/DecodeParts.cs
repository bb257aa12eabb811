using KernelSuite.Runtime;

namespace KernelSuite.Operations.Decode.Portable;

/// <summary>
/// Parts of a launch on a device with programs. Each kind of slots is split on its own, by the same rule, so that a group walks rows of one kind, and so that the original
/// slots are split alike whether or not there is a quantised segment. A pure function of shape and device facts.
/// </summary>
/// <param name="RowBlocks">Blocks of query rows to a KV head.</param>
/// <param name="OriginalSplits">How the original slots are split.</param>
/// <param name="Original">Parts of original slots that a launch provides.</param>
/// <param name="QuantisedSplits">How the quantised slots are split.</param>
/// <param name="Quantised">Parts of quantised slots that a launch provides; 0 where there are none.</param>
internal readonly record struct DecodeParts(int RowBlocks, DecodeSplits OriginalSplits, int Original, DecodeSplits QuantisedSplits, int Quantised)
{
    /// <summary>Parts of both kinds, 1 or more.</summary>
    public int Total => Original + Quantised;

    /// <summary>Chooses them.</summary>
    public static DecodeParts Choose(DeviceInfo device, DecodeProblem problem, DecodeTiles tiles)
    {
        DecodeShape s = problem.Shape;
        int blocks = tiles.RowBlocks(s.RowsPerKvHead);
        long heads = (long)s.Batch * s.KvHeads * blocks;
        int quantisedSlots = problem.Quantised?.Slots.Slots ?? 0;
        DecodeSplits original = DecodeSplits.Choose(heads, problem.Original.Slots, device.ComputeUnits, problem.Options);
        DecodeSplits quantised = DecodeSplits.Choose(heads, quantisedSlots, device.ComputeUnits, problem.Options);

        // Somebody has to write the result of a problem without slots.
        int originals = problem.Original.Slots == 0 && quantisedSlots > 0 ? 0 : original.MaxParts;
        return new DecodeParts(blocks, original, originals, quantised, quantisedSlots == 0 ? 0 : quantised.MaxParts);
    }

    /// <summary>Groups of the launch.</summary>
    public double Groups(DecodeShape shape) => (double)RowBlocks * Total * shape.KvHeads * shape.Batch;

    /// <summary>The kernels' view of the original segment.</summary>
    public KernelSegment OriginalSegment(DecodeProblem problem) => KernelSegment.Of(problem.Original, 0, OriginalSplits, Original);

    /// <summary>The kernels' view of the quantised segment, of a problem that has one.</summary>
    public KernelSegment QuantisedSegment(DecodeProblem problem) =>
        KernelSegment.Of(problem.Quantised!.Slots, problem.Original.Slots, QuantisedSplits, Quantised);
}
