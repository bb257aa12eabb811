using KernelSuite.Operations;

namespace KernelSuite.Measurement;

/// <summary>An estimate with the interval of a bootstrap.</summary>
/// <param name="Value">From the sample itself.</param>
/// <param name="Low">2.5 % point.</param>
/// <param name="High">97.5 % point.</param>
public readonly record struct Interval(double Value, double Low, double High);

/// <summary>Statistics of two methods that were measured on the same items.</summary>
public static class PairedStatistics
{
    /// <summary>
    /// sum a / sum b with the percentile interval of a bootstrap over items: items are drawn with replacement, both sums over the same draw. NaN where sum b is 0.
    /// </summary>
    /// <param name="a">Numerator, one an item.</param>
    /// <param name="b">Denominator, one an item.</param>
    /// <param name="resamples">Resamples, 1 or more.</param>
    /// <param name="seed">Seed of the draws: results with equal seeds and counts share them.</param>
    public static Interval Ratio(ReadOnlySpan<double> a, ReadOnlySpan<double> b, int resamples, ulong seed)
    {
        if (a.Length != b.Length) throw new ArgumentException($"'{nameof(b)}' has {b.Length} items. Expected {a.Length}, as '{nameof(a)}' has.", nameof(b));
        if (a.IsEmpty) throw new ArgumentException("No item. Expected one or more.", nameof(a));
        ArgumentOutOfRangeException.ThrowIfLessThan(resamples, 1);
        double sumA = 0, sumB = 0;
        for (int i = 0; i < a.Length; i++) (sumA, sumB) = (sumA + a[i], sumB + b[i]);
        var random = new SeededRandom(seed);
        var ratios = new List<double>(resamples);
        for (int r = 0; r < resamples; r++)
        {
            double drawnA = 0, drawnB = 0;
            for (int i = 0; i < a.Length; i++)
            {
                int item = (int)(random.NextUniform() * a.Length);
                drawnA += a[item];
                drawnB += b[item];
            }

            if (drawnB != 0) ratios.Add(drawnA / drawnB);
        }

        if (sumB == 0 || ratios.Count == 0) return new Interval(double.NaN, double.NaN, double.NaN);
        ratios.Sort();
        return new Interval(sumA / sumB, Quantile(ratios, 0.025), Quantile(ratios, 0.975));
    }

    /// <summary>Exact McNemar test, two-sided: whether items that only one of two methods gets right are as often one's as the other's. 1 where there are none.</summary>
    /// <param name="onlyFirst">Items that only the first gets right.</param>
    /// <param name="onlySecond">Items that only the second gets right.</param>
    public static double McNemar(int onlyFirst, int onlySecond)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(onlyFirst);
        ArgumentOutOfRangeException.ThrowIfNegative(onlySecond);
        int n = onlyFirst + onlySecond, fewer = Math.Min(onlyFirst, onlySecond);

        // Terms of the binomial tail in logarithms: 2^-n leaves the doubles at n = 1,075.
        double log = -n * Math.Log(2), tail = 0;
        for (int i = 0; i <= fewer; i++)
        {
            tail += Math.Exp(log);
            log += Math.Log(n - i) - Math.Log(i + 1);
        }

        return Math.Min(1, 2 * tail);
    }

    private static double Quantile(List<double> sorted, double q)
    {
        double position = q * (sorted.Count - 1);
        int below = (int)position, above = Math.Min(below + 1, sorted.Count - 1);
        return sorted[below] + ((position - below) * (sorted[above] - sorted[below]));
    }
}
