using KernelSuite.Runtime;

namespace KernelSuite.KvCache;

/// <summary>All policies but <c>arkv-reference</c>: prefill, steps and purges over a <see cref="PagedStore"/>.</summary>
internal sealed class PagedEngine : IKvEngine
{
    private readonly PagedStore store;
    private readonly RowMover mover;
    private readonly Purger purger;
    private readonly DecodeRun run;
    private readonly double[] weights;
    private readonly (double Entropy, double Variance, double Kurtosis)[] sums;
    private int[] quotas;
    private PrefillRun? prefill;
    private int promptTokens;
    private int purges;
    private long peakWorkspace;

    public PagedEngine(PagedStore store)
    {
        this.store = store;
        mover = new RowMover(store);
        purger = new Purger(store, mover);
        run = new DecodeRun(store, purger);
        CacheLayout layout = store.Layout;
        weights = layout.StartWeights();
        sums = new (double, double, double)[weights.Length];
        Array.Fill(sums, (double.NaN, double.NaN, double.NaN));
        quotas = layout.Quotas(weights);
    }

    private CacheLayout Layout => store.Layout;

    /// <summary>The memory underneath, for tests.</summary>
    internal PagedStore Store => store;

    /// <summary>Pages that a head of each layer may have.</summary>
    internal IReadOnlyList<int> Quotas => quotas;

    public IReadOnlyList<KvLayerStatistics> Statistics
    {
        get
        {
            double[] scores = [.. sums.Select(s => OqScore.Score(s.Entropy, s.Variance, s.Kurtosis, Layout.Rules.Tau))];
            double[] ratios = OqScore.Ratios(scores);
            var result = new KvLayerStatistics[scores.Length];
            for (int l = 0; l < result.Length; l++)
            {
                bool known = !double.IsNaN(sums[l].Entropy);
                double running = OqScore.Ratios(scores.AsSpan(0, l + 1))[l];
                (int original, int quantised) = Budgets(l);
                long bytes = (long)quotas[l] * Layout.Shape.KvHeads * Layout.Geometry.PageBytes;
                result[l] = new KvLayerStatistics(
                    l, sums[l].Entropy, sums[l].Variance, sums[l].Kurtosis, known ? scores[l] : double.NaN, known ? ratios[l] : double.NaN, known ? running : double.NaN,
                    bytes, original, quantised);
            }

            return result;
        }
    }

    public void CheckRoom(int position, int tokens)
    {
        if (Layout.Rules.Decode != DecodeScore.Never) return;
        int room = quotas.Min() * Layout.Geometry.OriginalSlots;
        if ((long)position + tokens <= room) return;
        long needed = PagedStore.BytesOf(store.Device, CacheLayout.ForTokens(Layout.Shape, Layout.Rules, checked(position + tokens)));
        long held = store.DeviceBytes + store.HostBytes;
        throw new KvCacheBudgetException(
            $"The full policy has room for {room:N0} tokens in {held:N0} bytes; token {(long)position + tokens:N0} needs a budget of {needed:N0} bytes. "
            + "Raise the budget, or choose a policy that gives tokens up.", needed, held);
    }

    public void Attend(DeviceStream stream, int layer, int position, int tokens, DeviceSlice q, DeviceSlice k, DeviceSlice v, DeviceSlice output)
    {
        if (position == 0 && tokens > 1)
        {
            Prefill(stream, layer, tokens, q, k, v, output);
            return;
        }

        purges += run.Attend(stream, layer, quotas[layer], position, tokens, q, k, v, output);
        if (tokens == 1) return;
        peakWorkspace = Math.Max(peakWorkspace, run.WorkspaceBytes);
        if (layer < Layout.Shape.Layers - 1) return;
        stream.Synchronize();
        run.Release();
    }

    public KvAccount Account(int position)
    {
        KvCacheShape shape = Layout.Shape;
        var layers = new KvLayerAccount[shape.Layers];
        long rowBytes = 0;
        for (int l = 0; l < layers.Length; l++)
        {
            long original = 0, quantised = 0;
            for (int h = 0; h < shape.KvHeads; h++)
            {
                original += store.Originals(l, h).Count;
                quantised += store.Quantised(l, h)?.Count ?? 0;
            }

            // A token counts for a layer as soon as the layer holds it, also between the layers of one step.
            layers[l] = new KvLayerAccount(original, quantised, Math.Max(((long)position * shape.KvHeads) - original - quantised, 0), shape.KvHeads);
            rowBytes += (original * Layout.Geometry.OriginalRowBytes) + (quantised * Layout.Geometry.QuantisedRowBytes);
        }

        return new KvAccount(store.DeviceBytes + store.HostBytes, 0, 0, purges, layers)
        {
            DeviceBytes = store.DeviceBytes,
            KernelScratchBytes = store.KernelScratchBytes,
            WorkspaceBytes = (prefill?.WorkspaceBytes ?? 0) + run.WorkspaceBytes,
            PeakWorkspaceBytes = peakWorkspace,
            Pages = (store.Pool.Total, store.Pool.Free),
            RowBytes = rowBytes,
        };
    }

    public void Save(DeviceStream stream, KvFileWriter writer) => PagedState.Save(stream, writer, store, weights, sums, promptTokens, purges);

    public void Restore(DeviceStream stream, KvFileReader reader, int position)
    {
        (promptTokens, purges) = PagedState.Restore(stream, reader, store, position, weights, sums);
        quotas = Layout.Rules.Layers == LayerRule.Statistics ? Layout.Quotas(weights, promptTokens) : Layout.Quotas(weights);
        PagedState.CheckQuotas(store, quotas);
    }

    public void Dispose()
    {
        prefill?.Dispose();
        run.Dispose();
        store.Dispose();
    }

    private (int Original, int Quantised) Budgets(int layer)
    {
        if (Layout.Rules.Decode == DecodeScore.Never) return (quotas[layer] * Layout.Geometry.OriginalSlots, 0);
        int held = Layout.Rules.Sinks + SegmentTargets.Window(Layout.Rules, Layout.Geometry, quotas[layer]);
        SegmentTargets targets = SegmentTargets.Choose(Layout.Rules, Layout.Geometry, quotas[layer], held, 1 << 29);
        return (held + targets.Originals, targets.Quantised);
    }

    private void Prefill(DeviceStream stream, int layer, int tokens, DeviceSlice q, DeviceSlice k, DeviceSlice v, DeviceSlice output)
    {
        if (layer == 0)
        {
            prefill?.Dispose();
            prefill = new PrefillRun(store, mover, tokens);
            promptTokens = tokens;
        }

        prefill!.Attend(stream, layer, q, k, v, output);
        sums[layer] = prefill.Sums[layer];
        int[] parts = quotas;
        if (Layout.Rules.Layers == LayerRule.Statistics && prefill.HasSums)
        {
            (double entropy, double variance, double kurtosis) = sums[layer];
            weights[layer] = Math.Pow(OqScore.Score(entropy, variance, kurtosis, Layout.Rules.Tau), Layout.Rules.LayerSpread);
            parts = Layout.Quotas(weights.AsSpan(0, layer + 1), promptTokens);
        }

        prefill.Keep(stream, layer, parts, k, v);
        peakWorkspace = Math.Max(peakWorkspace, prefill.WorkspaceBytes);
        if (layer < Layout.Shape.Layers - 1) return;
        quotas = parts;
        if (store.Accumulators is not null) prefill.StartSums(stream, purger);
        stream.Synchronize();
        prefill.Dispose();
        prefill = null;
    }
}
