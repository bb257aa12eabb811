namespace KernelSuite.KvCache;

/// <summary>Divides a budget over layers.</summary>
public static class LayerBudgets
{
    /// <summary>
    /// Whole parts b_l = clamp(theta * w_l, least, most) whose sum is <paramref name="total"/>, or as much of it as the bounds let be given. What a bounded layer
    /// leaves goes to the others. With one more layer of positive weight no part grows, but by the one of rounding.
    /// </summary>
    /// <param name="weights">w_l, 0 or more; all 0 counts as all equal.</param>
    /// <param name="total">What there is to divide.</param>
    /// <param name="least">Least part of a layer; <paramref name="total"/> must suffice for all.</param>
    /// <param name="most">Largest part of a layer.</param>
    public static int[] Divide(ReadOnlySpan<double> weights, int total, int least, int most)
    {
        int layers = weights.Length;
        ArgumentOutOfRangeException.ThrowIfLessThan(total, (long)layers * least);
        var parts = new int[layers];
        if (layers == 0) return parts;
        double largest = 0;
        foreach (double weight in weights) largest = Math.Max(largest, double.IsFinite(weight) ? weight : 0);
        var exact = new double[layers];
        double Sum(double theta, ReadOnlySpan<double> w)
        {
            double sum = 0;
            for (int l = 0; l < layers; l++)
            {
                double weight = largest > 0 ? (double.IsFinite(w[l]) ? Math.Max(w[l], 0) / largest : 0) : 1;
                exact[l] = Math.Clamp(theta * weight, least, Math.Max(most, least));
                sum += exact[l];
            }

            return sum;
        }

        // The sum grows with theta: bisect. 200 halvings reach the last bit of a double.
        double low = 0, high = 1e9;
        for (int i = 0; i < 200 && high - low > 1e-12 * high; i++)
        {
            double middle = (low + high) / 2;
            if (Sum(middle, weights) <= total) low = middle;
            else high = middle;
        }

        _ = Sum(low, weights);
        int given = 0;
        for (int l = 0; l < layers; l++) given += parts[l] = (int)(exact[l] + 1e-9);

        // Largest remainders first, ties to the earlier layer.
        foreach (int l in Enumerable.Range(0, layers).OrderByDescending(l => exact[l] - parts[l]).ThenBy(l => l))
        {
            if (given < total && parts[l] < most)
            {
                parts[l]++;
                given++;
            }
        }

        return parts;
    }

    /// <summary>
    /// What a budget in bytes buys before pages round it: with room for A tokens in full, n_O = round(r A) of them stay in full and the bytes of the others hold
    /// n_Q = floor((A - n_O) / rho) quantised rows, rho the bytes of a quantised row over those of an original one.
    /// </summary>
    /// <param name="tokens">A, 0 or more.</param>
    /// <param name="ratio">r, the share that stays in full, 0 to 1.</param>
    /// <param name="originalBytes">Bytes of a row in full.</param>
    /// <param name="quantisedBytes">Bytes of a quantised row.</param>
    public static (int Originals, int Quantised) SplitBytes(int tokens, double ratio, int originalBytes, int quantisedBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(tokens);
        if (!(ratio >= 0 && ratio <= 1)) throw new ArgumentOutOfRangeException(nameof(ratio), ratio, "Expected a share from 0 to 1.");
        ArgumentOutOfRangeException.ThrowIfLessThan(originalBytes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(quantisedBytes, 1);
        int originals = (int)Math.Round(ratio * tokens, MidpointRounding.ToEven);
        return (originals, checked((int)((long)(tokens - originals) * originalBytes / quantisedBytes)));
    }

    /// <summary>
    /// Past tokens of each layer in PyramidKV: a straight line from max = 2 * past - min to min = past / beta, in whole steps (its released code).
    /// The parts add up to a little more than layers * past.
    /// </summary>
    /// <param name="layers">Layers.</param>
    /// <param name="past">Mean tokens of a layer, the window not included.</param>
    /// <param name="beta">Steepness, 1 or more.</param>
    public static int[] Pyramid(int layers, int past, double beta = 20)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(layers, 1);
        int least = (int)(past / beta);
        int most = (2 * past) - least;
        int step = layers > 1 ? (most - least) / (layers - 1) : 0;
        var parts = new int[layers];
        for (int l = 0; l < layers; l++) parts[l] = layers > 1 ? most - (l * step) : past;
        return parts;
    }
}
