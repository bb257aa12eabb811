using KernelSuite.Operations.Attention;
using KernelSuite.Runtime;

namespace KernelSuite.KvCache;

/// <summary>
/// A prompt on its way into an empty cache. Each layer attends over all of its keys and values, is scored, and keeps what its budget allows. Where budgets
/// depend on the layers' statistics, the layers so far share the whole budget, and are trimmed as further ones come: the total is never exceeded, and since a part only
/// shrinks and rows only go down in state, the end is as if all statistics had been known from the start.
/// </summary>
internal sealed class PrefillRun : IDisposable
{
    private readonly PagedStore store;
    private readonly RowMover mover;
    private readonly int tokens;
    private readonly AttentionPlan attention;
    private readonly DeviceBuffer<float> lse;
    private readonly PrefillScorer? scorer;
    private readonly PrefillRows rows;
    private readonly float[]?[][] scores;

    public PrefillRun(PagedStore store, RowMover mover, int tokens)
    {
        this.store = store;
        this.mover = mover;
        this.tokens = tokens;
        KvCacheShape shape = store.Layout.Shape;
        scorer = PrefillScorer.Create(store.Device, shape, store.Layout.Rules, tokens);
        TensorStrides q = TensorStrides.TokenMajor(shape.QueryHeads, tokens, shape.HeadDim), kv = TensorStrides.TokenMajor(shape.KvHeads, tokens, shape.HeadDim);
        attention = AttentionPlan.Create(store.Device, new AttentionProblem(
            new AttentionShape(1, shape.QueryHeads, shape.KvHeads, tokens, tokens, shape.HeadDim), shape.DType, new AttentionOptions { Causal = true },
            new AttentionLayout { Q = q, K = kv, V = kv, Out = q }, hasLse: scorer is not null));
        lse = store.Device.Allocate<float>(scorer is null ? 0 : (long)shape.QueryHeads * tokens);
        rows = new PrefillRows(store, tokens);
        scores = new float[shape.Layers][][];
        Sums = new (double, double, double)[shape.Layers];
    }

    public int Tokens => tokens;

    /// <summary>Entropy, variance and kurtosis sums of the layers so far.</summary>
    public (double Entropy, double Variance, double Kurtosis)[] Sums { get; }

    /// <summary>Whether <see cref="Sums"/> are measured.</summary>
    public bool HasSums => scorer is { IsMoments: true };

    public long WorkspaceBytes => attention.WorkspaceBytes + (4 * lse.Length) + (scorer?.Bytes ?? 0) + rows.Bytes + scores.Sum(layer => layer?.Sum(h => 4L * h!.Length) ?? 0);

    /// <summary>Attends and scores; <see cref="Keep"/> follows.</summary>
    public void Attend(DeviceStream stream, int layer, DeviceSlice q, DeviceSlice k, DeviceSlice v, DeviceSlice output)
    {
        attention.Launch(stream, q, k, v, output, scorer is null ? default : lse.ToDeviceSlice());
        (double, double, double) sums = (double.NaN, double.NaN, double.NaN);
        scores[layer] = scorer?.Score(stream, q, k, lse, out sums) ?? Recency();
        Sums[layer] = sums;
    }

    /// <summary>Trims the earlier layers to <paramref name="quotas"/> and stores this one.</summary>
    public void Keep(DeviceStream stream, int layer, int[] quotas, DeviceSlice k, DeviceSlice v)
    {
        int heads = store.Layout.Shape.KvHeads;
        // A cache that gives nothing up has room for the whole prompt, or was refused before.
        if (store.Layout.Rules.Decode != DecodeScore.Never)
        {
            for (int earlier = 0; earlier < layer; earlier++) Trim(stream, earlier, quotas[earlier]);
        }

        int[][] keep = new int[heads][], demote = new int[heads][];
        if (store.Layout.Rules.Decode == DecodeScore.Never)
        {
            Array.Fill(keep, [.. Enumerable.Range(0, tokens)]);
            Array.Fill(demote, []);
        }
        else
        {
            using var tables = new VerdictTables(tokens, heads);
            tables.FillPrompt();
            for (int h = 0; h < heads; h++)
            {
                Span<RowFate> fates = tables.Fates(h);
                tables.RankBy(scores[layer][h]);
                HeadVerdict.Judge(store.Layout, quotas[layer], tables, tokens, tokens, fates);
                (keep[h], demote[h]) = (Positions(fates, RowFate.Keep), Positions(fates, RowFate.Demote));
            }
        }

        rows.Store(stream, layer, k, v, keep, demote);
    }

    /// <summary>Starts the sums of an accumulating policy with what the prompt's rows gave.</summary>
    public void StartSums(DeviceStream stream, Purger purger)
    {
        // mean + gamma * variance is no sum of probabilities: there the sums start at nothing.
        bool areSums = store.Layout.Rules.Prefill is PrefillScore.AllSums or PrefillScore.WindowSums && scorer is not null;
        for (int layer = 0; layer < scores.Length; layer++)
        {
            for (int h = 0; h < store.Layout.Shape.KvHeads; h++)
            {
                float[] Of(RowList? list) =>
                    list is null ? [] : [.. Enumerable.Range(0, list.Count).Select(slot => list.Position(slot)).Select(p => areSums ? scores[layer][h]![p] : 0f)];
                purger.WriteSums(stream, layer, h, Of(store.Originals(layer, h)), Of(store.Quantised(layer, h)));
            }
        }
    }

    public void Dispose()
    {
        attention.Dispose();
        lse.Dispose();
        scorer?.Dispose();
        rows.Dispose();
    }

    private void Trim(DeviceStream stream, int layer, int quota)
    {
        using VerdictTables tables = store.RentTables(layer);
        bool any = false;
        for (int h = 0; h < store.Layout.Shape.KvHeads; h++)
        {
            // A list whose last page is full takes a further page with the next token: that page counts too.
            RowList originals = store.Originals(layer, h);
            tables.Fates(h).Fill(RowFate.Keep);
            if (store.PagesHeld(layer, h) + (originals.Count == originals.Capacity ? 1 : 0) <= quota) continue;
            any = true;
            tables.Fill(originals, store.Quantised(layer, h));
            tables.RankBy(scores[layer][h]);
            HeadVerdict.Judge(store.Layout, quota, tables, originals.Count, tokens, tables.Fates(h));
        }

        if (any) mover.Reshape(stream, layer, tables);
    }

    private static int[] Positions(ReadOnlySpan<RowFate> fates, RowFate fate)
    {
        var positions = new int[fates.Count(fate)];
        for (int i = 0, next = 0; next < positions.Length; i++)
        {
            if (fates[i] == fate) positions[next++] = i;
        }

        return positions;
    }

    private float[][] Recency()
    {
        float[] newest = [.. Enumerable.Range(0, tokens).Select(PrefillScorer.Unjudged)];
        return [.. Enumerable.Repeat(newest, store.Layout.Shape.KvHeads)];
    }
}
