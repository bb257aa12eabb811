using System.Numerics.Tensors;
using KernelSuite.Operations;

namespace KernelSuite.KvCache.Decoding;

/// <summary>Chooses a token from logits.</summary>
/// <param name="temperature">0 for the most likely token.</param>
/// <param name="seed">Seed of the draws.</param>
internal sealed class TokenSampler(float temperature, ulong seed)
{
    private readonly SeededRandom random = new(seed);
    private float[] weights = [];

    /// <summary>The most likely token; of several the lowest.</summary>
    /// <exception cref="InvalidOperationException">A logit is NaN: the weights or the cache are broken, and any choice would hide it.</exception>
    public static int MostLikely(ReadOnlySpan<float> logits)
    {
        int best = 0;
        for (int i = 0; i < logits.Length; i++)
        {
            if (float.IsNaN(logits[i])) throw new InvalidOperationException($"The logit of token {i} is NaN. The weights hold NaN or overflow float32; check the checkpoint.");
            if (logits[i] > logits[best]) best = i;
        }

        return best;
    }

    public int Next(ReadOnlySpan<float> logits)
    {
        int best = MostLikely(logits);
        if (temperature == 0 || float.IsInfinity(logits[best])) return best;
        if (weights.Length != logits.Length) weights = new float[logits.Length];

        // The largest is subtracted before the division: a small temperature must not overflow.
        TensorPrimitives.Subtract(logits, logits[best], weights);
        TensorPrimitives.Divide(weights, temperature, weights);
        TensorPrimitives.Exp(weights, weights);
        double total = 0;
        foreach (float weight in weights) total += weight;
        double draw = random.NextUniform() * total;
        for (int i = 0; i < weights.Length; i++)
        {
            draw -= weights[i];
            if (draw < 0) return i;
        }

        return best;
    }
}
