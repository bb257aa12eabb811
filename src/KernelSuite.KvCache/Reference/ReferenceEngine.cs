using KernelSuite.Operations.Attention;
using KernelSuite.Runtime;

namespace KernelSuite.KvCache;

/// <summary>
/// <c>arkv-reference</c>: rows on the host as floats, plain loops; only the prompt's attention runs on the device. Its account states what its rows would take as the released code means to
/// store them (full rows in the model's dtype; one byte an element and one scale a slot for quantised ones), since it is there to be compared with at equal bytes.
/// </summary>
internal sealed class ReferenceEngine : IKvEngine
{
    private readonly Device device;
    private readonly KvCacheShape shape;
    private readonly ArkvReferencePolicy policy;
    private readonly int capacity;
    private readonly ReferenceLayer[] layers;
    private readonly double[] running;
    private int promptLength, purges;

    public ReferenceEngine(Device device, KvCacheShape shape, ArkvReferencePolicy policy, long budget)
    {
        this.device = device;
        this.shape = shape;
        this.policy = policy;
        capacity = (int)Math.Min(budget / shape.BytesPerToken, KvCacheLimits.MaxTokens);
        if (capacity < policy.Window + 4)
        {
            long needed = (policy.Window + 4) * shape.BytesPerToken;
            throw new KvCacheBudgetException($"A budget of {budget:N0} bytes is {capacity} tokens. Expected the window and 4 more, {needed:N0} bytes.", needed, budget);
        }

        layers = [.. Enumerable.Range(0, shape.Layers).Select(_ => new ReferenceLayer(shape, policy))];
        running = new double[shape.Layers];
        Array.Fill(running, double.NaN);
    }

    public IReadOnlyList<KvLayerStatistics> Statistics
    {
        get
        {
            double[] scores = Scores(), ratios = OqScore.Ratios(scores);
            return
            [
                .. layers.Select((layer, l) => new KvLayerStatistics(
                    l, layer.Sums.Entropy, layer.Sums.Variance, layer.Sums.Kurtosis, scores[l], ratios[l], running[l], capacity * shape.BytesPerToken / shape.Layers,
                    Originals(l) + policy.Window, capacity - Originals(l) - policy.Window)),
            ];
        }
    }

    internal IReadOnlyList<ReferenceLayer> Layers => layers;

    public void CheckRoom(int position, int tokens)
    {
    }

    public void Attend(DeviceStream stream, int layer, int position, int tokens, DeviceSlice q, DeviceSlice k, DeviceSlice v, DeviceSlice output)
    {
        int queryRow = shape.QueryHeads * shape.HeadDim, row = shape.KvHeads * shape.HeadDim;
        float[][] queries = HostRows.Read(stream, q, shape.DType, tokens, queryRow);
        float[][] keys = HostRows.Read(stream, k, shape.DType, tokens, row), values = HostRows.Read(stream, v, shape.DType, tokens, row);
        if (position == 0) promptLength = tokens;
        if (position == 0 && tokens > 1)
        {
            AttendPrompt(stream, tokens, q, k, v, output);
            layers[layer].Prefill(queries, keys, values, capacity);
            double[] seen = Scores()[..(layer + 1)];
            running[layer] = OqScore.Ratios(seen)[layer];
            return;
        }

        var result = new float[queryRow];
        for (int i = 0; i < tokens; i++)
        {
            if (layers[layer].Step(position + i, queries[i], keys[i], values[i], capacity, Originals(layer), result)) purges++;
            HostRows.Write(stream, result, output with { ElementOffset = output.ElementOffset + ((long)i * queryRow) }, shape.DType);
        }
    }

    public KvAccount Account(int position)
    {
        var accounts = new KvLayerAccount[layers.Length];
        long bytes = 0;
        for (int l = 0; l < layers.Length; l++)
        {
            int quantisedSlots = layers[l].Heads[0].Count(row => row.IsQuantised), held = layers[l].Heads[0].Count;
            long original = (long)(held - quantisedSlots) * shape.KvHeads, quantised = (long)quantisedSlots * shape.KvHeads;
            accounts[l] = new KvLayerAccount(original, quantised, Math.Max(((long)position * shape.KvHeads) - original - quantised, 0), shape.KvHeads);

            // A scale of keys and one of values a slot, in the model's dtype.
            bytes += 2L * ((original * shape.HeadDim * shape.DType.SizeOf()) + (quantised * shape.HeadDim) + ((long)quantisedSlots * shape.DType.SizeOf()));
        }

        return new KvAccount(bytes, 0, 0, purges, accounts) { RowBytes = bytes };
    }

    public void Save(DeviceStream stream, KvFileWriter writer) => ReferenceState.Save(writer, layers, running, promptLength, purges);

    public void Restore(DeviceStream stream, KvFileReader reader, int position) =>
        (promptLength, purges) = ReferenceState.Restore(reader, layers, running, shape, capacity, position);

    public void Dispose()
    {
        foreach (ReferenceLayer layer in layers)
        {
            foreach (List<ReferenceRow> head in layer.Heads) head.Clear();
        }
    }

    private double[] Scores() => [.. layers.Select(layer => OqScore.Score(layer.Sums.Entropy, layer.Sums.Variance, layer.Sums.Kurtosis, policy.Tau))];

    private int Originals(int layer)
    {
        double[] scores = Scores();
        double ratio = scores.Max() > 0 ? scores[layer] / scores.Max() : 1;
        return ReferenceBudget.Originals(ratio, capacity, policy.Window, promptLength);
    }

    private void AttendPrompt(DeviceStream stream, int tokens, DeviceSlice q, DeviceSlice k, DeviceSlice v, DeviceSlice output)
    {
        TensorStrides queries = TensorStrides.TokenMajor(shape.QueryHeads, tokens, shape.HeadDim), rows = TensorStrides.TokenMajor(shape.KvHeads, tokens, shape.HeadDim);
        using AttentionPlan plan = AttentionPlan.Create(device, new AttentionProblem(
            new AttentionShape(1, shape.QueryHeads, shape.KvHeads, tokens, tokens, shape.HeadDim), shape.DType, new AttentionOptions { Causal = true },
            new AttentionLayout { Q = queries, K = rows, V = rows, Out = queries }, hasLse: false));
        plan.Launch(stream, q, k, v, output);
        stream.Synchronize();
    }
}
