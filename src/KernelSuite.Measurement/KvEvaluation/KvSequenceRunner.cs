using System.Diagnostics;
using KernelSuite.KvCache;
using KernelSuite.KvCache.Decoding;
using KernelSuite.Runtime;

namespace KernelSuite.Measurement;

/// <summary>Runs a sequence through a model with a cache of its own.</summary>
internal sealed class KvSequenceRunner(LlamaDecoder decoder, Device device, DType dtype)
{
    private readonly float[] logits = new float[decoder.Config.VocabularySize];
    private readonly KvCacheShape shape = decoder.Config.CacheShape(dtype);

    /// <summary>What <c>full</c> needs for a sequence.</summary>
    public long FullBytes(KvSequence sequence) => TriStateKvCache.BytesFor(device, shape, new FullPolicy(), sequence.Tokens);

    /// <summary>Prefills the prompt with one call, then feeds the continuation token by token, whatever was predicted.</summary>
    /// <exception cref="KvCacheBudgetException">The budget is too small for the policy.</exception>
    public KvOutcome Run(KvPolicy policy, KvBudget budget, KvSequence sequence, CancellationToken cancellation)
    {
        long bytes = policy is FullPolicy ? FullBytes(sequence) : budget.Of(FullBytes(sequence));
        using var cache = new TriStateKvCache(device, shape, policy, bytes);
        decoder.Forward(cache, sequence.Prompt, logits);
        var right = new bool[sequence.Continuation.Length];
        double bits = 0;
        long ticks = 0;
        for (int i = 0; i < right.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            int token = sequence.Continuation[i];
            right[i] = Likeliest() == token;
            bits += Bits(token);
            if (i == right.Length - 1) break;
            long start = Stopwatch.GetTimestamp();
            decoder.Forward(cache, [token], logits);
            ticks += Stopwatch.GetTimestamp() - start;
        }

        int steps = right.Length - 1;
        return new KvOutcome(right, bits, bytes, cache.Account, steps > 0 ? ticks / (double)Stopwatch.Frequency / steps : double.NaN);
    }

    /// <summary>The token of the highest logit; the lowest id of equals, as in generation.</summary>
    private int Likeliest()
    {
        int best = 0;
        for (int i = 1; i < logits.Length; i++)
        {
            if (logits[i] > logits[best]) best = i;
        }

        return best;
    }

    private double Bits(int token)
    {
        double largest = double.NegativeInfinity, sum = 0;
        foreach (float logit in logits) largest = Math.Max(largest, logit);
        foreach (float logit in logits) sum += Math.Exp(logit - largest);
        return (Math.Log(sum) + largest - logits[token]) / Math.Log(2);
    }
}
