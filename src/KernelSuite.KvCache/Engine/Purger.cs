using System.Runtime.InteropServices;
using KernelSuite.Operations.Decode;
using KernelSuite.Operations.Scoring;
using KernelSuite.Runtime;

namespace KernelSuite.KvCache;

/// <summary>
/// Makes room in a layer: attention of the step head by head with its logits spilled, scores from them, pooled over neighbours in position, then a verdict on every row.
/// </summary>
internal sealed class Purger(PagedStore store, RowMover mover)
{
    private readonly DeviceSlice[] attention = new DeviceSlice[DecodeProblem.OperandCount];
    private readonly DeviceSlice[] scoring = new DeviceSlice[9];

    /// <summary>Attention of one step, a KV head at a time, with scores of its rows.</summary>
    /// <returns>Raw scores [Hk][originals then quantised, in slot order].</returns>
    public float[][] Spill(DeviceStream stream, int layer, DeviceSlice q, DeviceSlice output, bool read)
    {
        CacheLayout layout = store.Layout;
        int heads = layout.Shape.KvHeads, group = layout.Group, total = layout.TotalSlots;
        var scores = new float[read ? heads : 0][];
        for (int h = 0; h < heads; h++)
        {
            long offset = (long)h * group * layout.Shape.HeadDim;
            StepOperands.Set(attention, store, layer, h);
            attention[DecodeProblem.Q] = new DeviceSlice(q.Memory, q.ElementOffset + offset);
            attention[DecodeProblem.Out] = new DeviceSlice(output.Memory, output.ElementOffset + offset);
            attention[DecodeProblem.Logits] = new DeviceSlice(store.Scratch, 0);
            attention[DecodeProblem.Lse] = new DeviceSlice(store.Scratch, (group + 1L) * total);
            store.Plans.Spill!.Launch(stream, attention);
            scoring[ScoresProblem.Logits] = attention[DecodeProblem.Logits];
            scoring[ScoresProblem.Lse] = attention[DecodeProblem.Lse];
            DeviceSlice score = store.Accumulators is null ? new DeviceSlice(store.Scratch, (long)group * total) : Accumulator(layer, h);
            scoring[ScoresProblem.Previous] = store.Accumulators is null ? default : score;
            scoring[ScoresProblem.Score] = score;
            store.Plans.Score!.Launch(stream, scoring);
            if (read) scores[h] = ReadScores(stream, layer, h, score);
        }

        return scores;
    }

    /// <summary>Where the summed scores of a head lie: originals at 0, quantised rows after the capacity for originals.</summary>
    public DeviceSlice Accumulator(int layer, int head) =>
        new(store.Accumulators, ((layer * (long)store.Layout.Shape.KvHeads) + head) * store.Layout.TotalSlots);

    /// <summary>Gives a newly appended row of every head the sum 0.</summary>
    public void StartSums(DeviceStream stream, int layer, int slot)
    {
        for (int h = 0; h < store.Layout.Shape.KvHeads; h++) stream.Fill(store.Accumulators!, 4 * (Accumulator(layer, h).ElementOffset + slot), sizeof(float), 0);
    }

    /// <summary>Makes room in a layer that is full.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="pages">Pages that a head of it may have.</param>
    /// <param name="end">Position after the newest token.</param>
    /// <param name="scores">From <see cref="Spill"/>; null where the newest win.</param>
    public void Purge(DeviceStream stream, int layer, int pages, int end, float[][]? scores)
    {
        for (int h = 0; h < store.Layout.Shape.KvHeads; h++)
        {
            RowList originals = store.Originals(layer, h);
            RowList? quantised = store.Quantised(layer, h);
            HeadScores.Sequence sequence = HeadScores.InOrder(originals, quantised);
            float[] ranked = scores is null ? [.. sequence.Positions.Select(p => (float)p)] : Pooled(sequence, scores[h], originals.Count);
            HeadScores.Verdict verdict = HeadScores.Judge(store.Layout, pages, sequence, ranked, end);
            int before = originals.Count;
            mover.Reshape(stream, layer, h, verdict.Keep, verdict.Demote, verdict.KeepQuantised);
            if (store.Accumulators is not null && scores is not null) MoveSums(stream, layer, h, verdict, scores[h], before);
        }
    }

    /// <summary>Writes the sums of a head's rows after they have moved.</summary>
    public void WriteSums(DeviceStream stream, int layer, int head, ReadOnlySpan<float> originals, ReadOnlySpan<float> quantised)
    {
        long offset = 4 * Accumulator(layer, head).ElementOffset;
        stream.WriteBytes(MemoryMarshal.AsBytes(originals), store.Accumulators!, offset);
        if (!quantised.IsEmpty) stream.WriteBytes(MemoryMarshal.AsBytes(quantised), store.Accumulators!, offset + (4L * store.Layout.OriginalCapacity));
    }

    private void MoveSums(DeviceStream stream, int layer, int head, HeadScores.Verdict verdict, float[] sums, int originals)
    {
        float[] kept = [.. verdict.Keep.Select(slot => sums[slot])];
        float[] quantised = [.. verdict.KeepQuantised.Select(slot => sums[originals + slot]), .. verdict.Demote.Select(slot => sums[slot])];
        WriteSums(stream, layer, head, kept, quantised);
    }

    private float[] Pooled(HeadScores.Sequence sequence, float[] scores, int originals)
    {
        var ordered = new float[sequence.Slots.Length];
        for (int i = 0; i < ordered.Length; i++) ordered[i] = scores[sequence.IsQuantised[i] ? originals + sequence.Slots[i] : sequence.Slots[i]];
        var pooled = new float[ordered.Length];
        TokenRanking.Pool(ordered, store.Layout.Rules.Taps, pooled);
        return pooled;
    }

    private float[] ReadScores(DeviceStream stream, int layer, int head, DeviceSlice score)
    {
        int originals = store.Originals(layer, head).Count, quantised = store.Quantised(layer, head)?.Count ?? 0;
        var scores = new float[originals + quantised];
        stream.ReadBytes(score.Memory!, 4 * score.ElementOffset, MemoryMarshal.AsBytes(scores.AsSpan(0, originals)));
        if (quantised > 0)
            stream.ReadBytes(score.Memory!, 4 * (score.ElementOffset + store.Layout.OriginalCapacity), MemoryMarshal.AsBytes(scores.AsSpan(originals)));
        return scores;
    }
}

/// <summary>The cache's side of an attention's operands.</summary>
internal static class StepOperands
{
    /// <summary>Sets keys, values, tables and lengths of a layer from KV head <paramref name="head"/> on.</summary>
    public static void Set(Span<DeviceSlice> operands, PagedStore store, int layer, int head)
    {
        PageGeometry g = store.Layout.Geometry;
        operands[DecodeProblem.K] = store.Part(0, g.DType.SizeOf());
        operands[DecodeProblem.V] = store.Part(g.ValueOffset, g.DType.SizeOf());
        operands[DecodeProblem.PageTable] = store.Table(layer, head);
        operands[DecodeProblem.KvLengths] = store.Lengths(layer, head);
        QuantisedOperands.SetSegment(operands, store, layer, head);
    }
}
