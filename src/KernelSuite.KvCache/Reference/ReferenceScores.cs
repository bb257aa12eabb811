using KernelSuite.Runtime;

namespace KernelSuite.KvCache;

/// <summary>ARKV's statistics and scores from a tile of probabilities, in the order and precision of its released code.</summary>
internal static class ReferenceScores
{
    private const float EntropyGuard = 1e-10f, KurtosisFloor = 1e-8f;

    /// <summary>Entropy, variance and kurtosis sums of one query head's tile [rows][past], to be added up over heads.</summary>
    public static (double Entropy, double Variance, double Kurtosis) Statistics(float[][] tile, int past, bool round)
    {
        double entropy = 0, variance = 0, kurtosis = 0;
        int rows = tile.Length;
        for (int j = 0; j < past; j++)
        {
            double mean = 0, m2 = 0, m4 = 0;
            for (int i = 0; i < rows; i++)
            {
                mean += tile[i][j];
                entropy -= tile[i][j] * Math.Log(tile[i][j] + EntropyGuard);
            }

            mean /= rows;
            for (int i = 0; i < rows; i++)
            {
                double square = (tile[i][j] - mean) * (tile[i][j] - mean);
                m2 += square;
                m4 += square * square;
            }

            variance += Round((float)(m2 / (rows - 1)), round);
            double floored = Math.Max(m2 / rows, KurtosisFloor);
            kurtosis += m4 / rows / (floored * floored);
        }

        return (entropy, variance, kurtosis);
    }

    /// <summary>mean + gamma * unbiased variance over the rows, before pooling; with one row its probabilities.</summary>
    public static float[] HeavyHitters(float[][] tile, int past, float gamma, bool round)
    {
        var scores = new float[past];
        int rows = tile.Length;
        if (rows == 1) return tile[0][..past];
        for (int j = 0; j < past; j++)
        {
            double mean = 0, m2 = 0;
            for (int i = 0; i < rows; i++) mean += tile[i][j];
            mean /= rows;
            for (int i = 0; i < rows; i++) m2 += (tile[i][j] - mean) * (tile[i][j] - mean);
            scores[j] = Round((float)mean, round) + (gamma * Round((float)(m2 / (rows - 1)), round));
        }

        return scores;
    }

    /// <summary>Five taps for each query head, then the mean over the group: scores of a KV head.</summary>
    public static float[] Pooled(IReadOnlyList<float[]> heads)
    {
        var sum = new float[heads[0].Length];
        var pooled = new float[sum.Length];
        foreach (float[] head in heads)
        {
            TokenRanking.Pool(head, 5, pooled);
            for (int j = 0; j < sum.Length; j++) sum[j] += pooled[j];
        }

        for (int j = 0; j < sum.Length; j++) sum[j] /= heads.Count;
        return sum;
    }

    /// <summary>Softmax of <paramref name="logits"/> over their first <paramref name="visible"/> entries, the rest 0, rounded to bfloat16 where asked.</summary>
    public static float[] Softmax(float[] logits, int visible, bool round)
    {
        float largest = float.NegativeInfinity;
        for (int j = 0; j < visible; j++) largest = Math.Max(largest, logits[j]);
        double sum = 0;
        var result = new float[logits.Length];
        for (int j = 0; j < visible; j++) sum += result[j] = MathF.Exp(logits[j] - largest);
        for (int j = 0; j < visible; j++) result[j] = Round((float)(result[j] / sum), round);
        return result;
    }

    /// <summary>Indices of the <paramref name="count"/> highest scores, best first; ties to the lowest index.</summary>
    public static int[] InScoreOrder(float[] scores, int count) =>
        [.. Enumerable.Range(0, scores.Length).OrderByDescending(i => scores[i]).ThenBy(i => i).Take(count)];

    public static float Round(float value, bool round) => round ? (float)(BFloat16)value : value;
}
