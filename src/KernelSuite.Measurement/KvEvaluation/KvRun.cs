using KernelSuite.KvCache;

namespace KernelSuite.Measurement;

/// <summary>All outcomes of a policy at a budget, and what they add up to.</summary>
internal sealed record KvRun(string Policy, string Budget, KvSequence[] Sequences, KvOutcome[] Outcomes)
{
    private IEnumerable<(KvSequence Sequence, KvOutcome Outcome)> All => Sequences.Zip(Outcomes);

    private IEnumerable<(KvSequence Sequence, KvOutcome Outcome)> Recall => All.Where(p => p.Sequence.IsRecall);

    /// <summary>Right digits of each recall prompt.</summary>
    public double[] DigitsRight => [.. Recall.Select(p => (double)p.Outcome.DigitsRight(p.Sequence))];

    /// <summary>1 for each recall prompt whose answer is right, else 0.</summary>
    public double[] WholeRight => [.. Recall.Select(p => p.Outcome.Whole ? 1.0 : 0)];

    /// <summary>Bits of each window of text.</summary>
    public double[] Bits => [.. All.Where(p => !p.Sequence.IsRecall).Select(p => p.Outcome.Bits)];

    /// <summary>Scored bytes of each window.</summary>
    public double[] ScoredBytes => [.. Sequences.Where(s => !s.IsRecall).Select(s => (double)s.Continuation.Length)];

    public KvResult Result()
    {
        double digits = Recall.Sum(p => p.Sequence.Digits.Count(d => d));
        double[] steps = [.. Outcomes.Select(o => o.StepSeconds).Where(s => !double.IsNaN(s))];
        return new KvResult(
            Policy, Budget, Bits.Sum() / ScoredBytes.Sum(), WholeRight.DefaultIfEmpty(double.NaN).Average(), DigitsRight.Sum() / digits, Outcomes.Average(o => o.Account.BytesHeld),
            Mean(l => l.Original), Mean(l => l.Quantised), Mean(l => l.Evicted), Outcomes.Sum(o => o.Account.Purges), steps.Length > 0 ? SampleStatistics.Of(steps).Median * 1e3 : double.NaN);
    }

    public IEnumerable<KvLayerResult> Layers()
    {
        for (int layer = 0; layer < Outcomes[0].Account.Layers.Count; layer++)
        {
            yield return new KvLayerResult(
                Policy, Budget, layer, Outcomes.Average(o => o.Account.Layers[layer].Original), Outcomes.Average(o => o.Account.Layers[layer].Quantised),
                Outcomes.Average(o => o.Account.Layers[layer].Evicted));
        }
    }

    public IEnumerable<KvByteRecord> Bytes() =>
        from pair in All
        group pair by pair.Sequence.IsRecall into task
        select new KvByteRecord(
            Policy, Budget, task.Key ? "recall" : "text", task.Count(), task.Average(p => p.Sequence.Tokens), task.Average(p => (double)p.Outcome.Budget),
            task.Average(p => p.Outcome.Account.BytesHeld), task.Max(p => (double)p.Outcome.Account.PeakBytesHeld / p.Outcome.Budget));

    private double Mean(Func<KvLayerAccount, double> tokens) => Outcomes.Average(o => o.Account.Layers.Average(tokens));
}
