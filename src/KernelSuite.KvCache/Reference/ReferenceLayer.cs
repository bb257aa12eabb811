namespace KernelSuite.KvCache;

/// <summary>
/// One layer of the reference cache: a row sequence for each KV head, all of the same length. The released code orders a purged layer's columns by KV head 0 and leaves the quantised
/// ones in score order; here they follow as [originals, by head 0's order | quantised, in score order | window].
/// </summary>
internal sealed class ReferenceLayer(KvCacheShape shape, ArkvReferencePolicy policy)
{
    public List<ReferenceRow>[] Heads { get; } = [.. Enumerable.Range(0, shape.KvHeads).Select(_ => new List<ReferenceRow>())];

    public (double Entropy, double Variance, double Kurtosis) Sums { get; private set; } = (double.NaN, double.NaN, double.NaN);

    private int Group => shape.QueryHeads / shape.KvHeads;

    /// <summary>Takes in a prompt that attention has been computed for.</summary>
    /// <param name="q">[n][Hq * D].</param>
    /// <param name="k">[n][Hk * D].</param>
    /// <param name="v">[n][Hk * D].</param>
    /// <param name="capacity">C.</param>
    public void Prefill(float[][] q, float[][] k, float[][] v, int capacity)
    {
        int tokens = k.Length, window = Math.Min(tokens, policy.Window), past = tokens - window;
        (double Entropy, double Variance, double Kurtosis) sums = default;
        for (int n = 0; n < shape.KvHeads; n++)
        {
            List<ReferenceRow> rows = [.. Enumerable.Range(0, tokens).Select(j => new ReferenceRow(j, Part(k[j], n), Part(v[j], n)))];
            var heads = new List<float[]>();
            for (int g = 0; g < Group; g++)
            {
                var tile = new float[window][];
                for (int i = 0; i < window; i++)
                    tile[i] = ReferenceScores.Softmax(Logits(Part(q[past + i], (n * Group) + g), rows), past + i + 1, policy.RoundToBFloat16);
                (double entropy, double variance, double kurtosis) = ReferenceScores.Statistics(tile, past, policy.RoundToBFloat16);
                sums = (sums.Entropy + entropy, sums.Variance + variance, sums.Kurtosis + kurtosis);
                heads.Add(ReferenceScores.HeavyHitters(tile, past, policy.Gamma, policy.RoundToBFloat16));
            }

            Heads[n].Clear();
            if (tokens <= capacity)
            {
                Heads[n].AddRange(rows);
                continue;
            }

            // Score order: the released code does not sort what top-k gives.
            foreach (int j in ReferenceScores.InScoreOrder(ReferenceScores.Pooled(heads), capacity - policy.Window)) Heads[n].Add(rows[j]);
            Heads[n].AddRange(rows.Skip(past));
        }

        Sums = sums;
    }

    /// <summary>Appends a token, attends, and purges where more than <paramref name="capacity"/> tokens are held. Attention sees the rows before the purge.</summary>
    /// <param name="position">The token's position.</param>
    /// <param name="q">[Hq * D].</param>
    /// <param name="k">[Hk * D].</param>
    /// <param name="v">[Hk * D].</param>
    /// <param name="capacity">C.</param>
    /// <param name="originals">O_l.</param>
    /// <param name="output">[Hq * D], written.</param>
    /// <returns>Whether it purged.</returns>
    public bool Step(int position, float[] q, float[] k, float[] v, int capacity, int originals, float[] output)
    {
        var scores = new float[shape.KvHeads][];
        for (int n = 0; n < shape.KvHeads; n++)
        {
            List<ReferenceRow> rows = Heads[n];
            rows.Add(new ReferenceRow(position, Part(k, n), Part(v, n)));
            var heads = new List<float[]>();
            for (int g = 0; g < Group; g++)
            {
                float[] p = ReferenceScores.Softmax(Logits(Part(q, (n * Group) + g), rows), rows.Count, policy.RoundToBFloat16);
                Mix(p, rows, output.AsSpan(((n * Group) + g) * shape.HeadDim, shape.HeadDim));
                heads.Add(p[..Math.Max(rows.Count - policy.Window, 0)]);
            }

            scores[n] = ReferenceScores.Pooled(heads);
        }

        if (Heads[0].Count <= capacity) return false;
        Purge(scores, originals);
        return true;
    }

    /// <summary>Restores the sums of a saved layer.</summary>
    public void SetSums((double Entropy, double Variance, double Kurtosis) sums) => Sums = sums;

    private void Purge(float[][] scores, int originals)
    {
        PurgeCounts counts = ReferenceBudget.Purge(Heads[0].Count, policy.Window, originals);
        int[][] ranked = [.. scores.Select(head => ReferenceScores.InScoreOrder(head, counts.Keep))];
        int[] columns = [.. Enumerable.Range(0, counts.Original).OrderBy(c => ranked[0][c])];
        var quantised = new float[2][][][];
        for (int part = 0; part < 2; part++)
        {
            quantised[part] = [.. Enumerable.Range(counts.Original, counts.Quantised).Select(c => ReferenceQuantiser.RoundTrip(
                [.. ranked.Select((slots, n) => part == 0 ? Heads[n][slots[c]].Key : Heads[n][slots[c]].Value)], policy.RoundToBFloat16))];
        }

        for (int n = 0; n < shape.KvHeads; n++)
        {
            List<ReferenceRow> rows = Heads[n];
            var kept = new List<ReferenceRow>(counts.Keep + policy.Window);

            // A token that was quantised once may rank among the originals again; it is then stored in full, with the values it was left with.
            kept.AddRange(columns.Select(c => rows[ranked[n][c]] with { IsQuantised = false }));
            for (int c = 0; c < counts.Quantised; c++)
                kept.Add(new ReferenceRow(rows[ranked[n][counts.Original + c]].Position, quantised[0][c][n], quantised[1][c][n], IsQuantised: true));
            kept.AddRange(rows.Skip(counts.Past));
            Heads[n].Clear();
            Heads[n].AddRange(kept);
        }
    }

    private float[] Logits(float[] query, List<ReferenceRow> rows)
    {
        float scale = (float)(1 / Math.Sqrt(shape.HeadDim));
        var logits = new float[rows.Count];
        for (int j = 0; j < logits.Length; j++)
        {
            float dot = 0;
            float[] key = rows[j].Key;
            for (int d = 0; d < key.Length; d++) dot += query[d] * key[d];
            logits[j] = dot * scale;
        }

        return logits;
    }

    private static void Mix(float[] p, List<ReferenceRow> rows, Span<float> output)
    {
        output.Clear();
        for (int j = 0; j < p.Length; j++)
        {
            float[] value = rows[j].Value;
            for (int d = 0; d < value.Length; d++) output[d] += p[j] * value[d];
        }
    }

    private float[] Part(float[] row, int head) => row[(head * shape.HeadDim)..((head + 1) * shape.HeadDim)];
}
