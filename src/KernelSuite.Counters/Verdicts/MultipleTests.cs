namespace KernelSuite.Counters.Verdicts;

/// <summary>Corrections for asking many questions at once.</summary>
public static class MultipleTests
{
    /// <summary>
    /// Holm's step-down adjustment (1979): rejecting where the result is at most α keeps the chance of any false rejection at α, however the tests
    /// depend on one another.
    /// </summary>
    /// <param name="pValues">In [0, 1].</param>
    public static double[] Holm(ReadOnlySpan<double> pValues)
    {
        int[] order = Order(pValues);
        var adjusted = new double[pValues.Length];
        double most = 0;
        for (int k = 0; k < order.Length; k++)
            adjusted[order[k]] = most = Math.Max(most, Math.Min((order.Length - k) * pValues[order[k]], 1));
        return adjusted;
    }

    /// <summary>
    /// Benjamini and Hochberg's step-up adjustment (1995): calling those refuted whose result is at most q keeps the expected share of false ones
    /// among them at q, for independent or positively dependent tests. For the p-values of many observations.
    /// </summary>
    /// <param name="pValues">In [0, 1].</param>
    public static double[] BenjaminiHochberg(ReadOnlySpan<double> pValues)
    {
        int[] order = Order(pValues);
        var adjusted = new double[pValues.Length];
        double least = 1;
        for (int k = order.Length - 1; k >= 0; k--)
            adjusted[order[k]] = least = Math.Min(least, order.Length / (k + 1.0) * pValues[order[k]]);
        return adjusted;
    }

    private static int[] Order(ReadOnlySpan<double> pValues)
    {
        double[] sorted = pValues.ToArray();
        foreach (double p in sorted)
            if (!(p is >= 0 and <= 1)) throw new ArgumentException($"A p-value is {p}. Expected numbers from 0 to 1.", nameof(pValues));
        int[] order = [.. Enumerable.Range(0, sorted.Length)];

        // Equal p-values get the same adjusted one in whatever order they come.
        Array.Sort(sorted, order);
        return order;
    }
}
