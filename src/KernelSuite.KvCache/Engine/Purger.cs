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
    public void Spill(DeviceStream stream, int layer, DeviceSlice q, DeviceSlice output)
    {
        for (int h = 0; h < store.Layout.Shape.KvHeads; h++) Spill(stream, layer, h, q, output);
    }

    /// <summary>Where the summed scores of a head lie: originals at 0, quantised rows after the capacity for originals.</summary>
    public DeviceSlice Accumulator(int layer, int head) =>
        new(store.Accumulators, ((layer * (long)store.Layout.Shape.KvHeads) + head) * store.Layout.TotalSlots);

    /// <summary>Gives a newly appended row of every head the sum 0.</summary>
    public void StartSums(DeviceStream stream, int layer, int slot)
    {
        for (int h = 0; h < store.Layout.Shape.KvHeads; h++) stream.Fill(store.Accumulators!, 4 * (Accumulator(layer, h).ElementOffset + slot), sizeof(float), 0);
    }

    /// <summary>Makes room in a layer that is full, by the scores of a step whose attention this is.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="pages">Pages that a head of it may have.</param>
    /// <param name="end">Position after the newest token.</param>
    /// <param name="q">[Hq, D].</param>
    /// <param name="output">[Hq, D], written.</param>
    public void SpillAndPurge(DeviceStream stream, int layer, int pages, int end, DeviceSlice q, DeviceSlice output)
    {
        using VerdictTables tables = store.RentTables(layer);
        for (int h = 0; h < store.Layout.Shape.KvHeads; h++)
        {
            int originals = store.Originals(layer, h).Count;
            tables.Fill(store.Originals(layer, h), store.Quantised(layer, h));
            ReadScores(stream, Spill(stream, layer, h, q, output), originals, tables.Scores);
            tables.RankPooled(store.Layout.Rules.Taps);
            HeadVerdict.Judge(store.Layout, pages, tables, originals, end, tables.Fates(h));
            if (store.Accumulators is not null) MoveSums(stream, layer, h, tables, originals);
        }

        mover.Reshape(stream, layer, tables);
    }

    /// <summary>Makes room in a layer that is full, where the newest win.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="pages">Pages that a head of it may have.</param>
    /// <param name="end">Position after the newest token.</param>
    public void Purge(DeviceStream stream, int layer, int pages, int end)
    {
        using VerdictTables tables = store.RentTables(layer);
        for (int h = 0; h < store.Layout.Shape.KvHeads; h++)
        {
            tables.Fill(store.Originals(layer, h), store.Quantised(layer, h));
            tables.RankByPosition();
            HeadVerdict.Judge(store.Layout, pages, tables, store.Originals(layer, h).Count, end, tables.Fates(h));
        }

        mover.Reshape(stream, layer, tables);
    }

    /// <summary>Writes the sums of a head's rows after they have moved.</summary>
    public void WriteSums(DeviceStream stream, int layer, int head, ReadOnlySpan<float> originals, ReadOnlySpan<float> quantised)
    {
        long offset = 4 * Accumulator(layer, head).ElementOffset;
        stream.WriteBytes(MemoryMarshal.AsBytes(originals), store.Accumulators!, offset);
        if (!quantised.IsEmpty) stream.WriteBytes(MemoryMarshal.AsBytes(quantised), store.Accumulators!, offset + (4L * store.Layout.OriginalCapacity));
    }

    /// <summary>Attention of a KV head with its logits, and scores from these.</summary>
    /// <returns>Where the scores lie: originals at 0, quantised rows after the capacity for originals.</returns>
    private DeviceSlice Spill(DeviceStream stream, int layer, int head, DeviceSlice q, DeviceSlice output)
    {
        CacheLayout layout = store.Layout;
        int group = layout.Group, total = layout.TotalSlots;
        long offset = (long)head * group * layout.Shape.HeadDim;
        StepOperands.Set(attention, store, layer, head);
        attention[DecodeProblem.Q] = new DeviceSlice(q.Memory, q.ElementOffset + offset);
        attention[DecodeProblem.Out] = new DeviceSlice(output.Memory, output.ElementOffset + offset);
        attention[DecodeProblem.Logits] = new DeviceSlice(store.Scratch, 0);
        attention[DecodeProblem.Lse] = new DeviceSlice(store.Scratch, (group + 1L) * total);
        store.Plans.Spill!.Launch(stream, attention);
        scoring[ScoresProblem.Logits] = attention[DecodeProblem.Logits];
        scoring[ScoresProblem.Lse] = attention[DecodeProblem.Lse];
        DeviceSlice score = store.Accumulators is null ? new DeviceSlice(store.Scratch, (long)group * total) : Accumulator(layer, head);
        scoring[ScoresProblem.Previous] = store.Accumulators is null ? default : score;
        scoring[ScoresProblem.Score] = score;
        store.Plans.Score!.Launch(stream, scoring);
        return score;
    }

    /// <summary>Writes the sums in the order that the rows will have.</summary>
    private void MoveSums(DeviceStream stream, int layer, int head, VerdictTables tables, int originals)
    {
        ReadOnlySpan<RowFate> fates = tables.Fates(head)[..tables.Scores.Length];
        Span<float> moved = tables.Ranked;
        int kept = Gather(tables.Scores[..originals], fates[..originals], RowFate.Keep, moved);
        int quantised = Gather(tables.Scores[originals..], fates[originals..], RowFate.Keep, moved[kept..]);
        quantised += Gather(tables.Scores[..originals], fates[..originals], RowFate.Demote, moved[(kept + quantised)..]);
        WriteSums(stream, layer, head, moved[..kept], moved.Slice(kept, quantised));
    }

    private static int Gather(ReadOnlySpan<float> scores, ReadOnlySpan<RowFate> fates, RowFate fate, Span<float> target)
    {
        int found = 0;
        for (int i = 0; i < fates.Length; i++)
        {
            if (fates[i] == fate) target[found++] = scores[i];
        }

        return found;
    }

    private void ReadScores(DeviceStream stream, DeviceSlice score, int originals, Span<float> scores)
    {
        stream.ReadBytes(score.Memory!, 4 * score.ElementOffset, MemoryMarshal.AsBytes(scores[..originals]));
        if (originals < scores.Length)
            stream.ReadBytes(score.Memory!, 4 * (score.ElementOffset + store.Layout.OriginalCapacity), MemoryMarshal.AsBytes(scores[originals..]));
    }
}
