namespace KernelSuite.KvCache;

/// <summary>The temperatures of the OQ score: s = E^(1/Entropy) * V^(1/Variance) * K^(1/Kurtosis).</summary>
/// <param name="Entropy">tau 1, positive.</param>
/// <param name="Variance">tau 2, positive.</param>
/// <param name="Kurtosis">tau 3, positive.</param>
public readonly record struct OqExponents(double Entropy, double Variance, double Kurtosis)
{
    /// <summary>The values that ARKV was published with.</summary>
    public static OqExponents Published { get; } = new(7.774380648611771, 5.407015096778621, 5.527702582901318);

    internal void Validate()
    {
        if (!(Entropy > 0 && Variance > 0 && Kurtosis > 0 && double.IsFinite(Entropy + Variance + Kurtosis)))
            throw new ArgumentOutOfRangeException(nameof(Entropy), this, $"Temperatures are {this}. Expected three positive finite numbers.");
    }
}

/// <summary>How much a layer's attention asks for originals (ARKV, arXiv 2603.08727, as its released code computes it).</summary>
public static class OqScore
{
    /// <summary>s = E^(1/tau1) * V^(1/tau2) * K^(1/tau3) of a layer's entropy, variance and kurtosis sums; 0 where one of them is not positive.</summary>
    public static double Score(double entropy, double variance, double kurtosis, OqExponents tau) =>
        entropy > 0 && variance > 0 && kurtosis > 0
            ? Math.Pow(entropy, 1 / tau.Entropy) * Math.Pow(variance, 1 / tau.Variance) * Math.Pow(kurtosis, 1 / tau.Kurtosis)
            : 0;

    /// <summary>r_l = s_l / max s; all 0 where the largest is 0.</summary>
    public static double[] Ratios(ReadOnlySpan<double> scores)
    {
        double largest = 0;
        foreach (double score in scores) largest = Math.Max(largest, score);
        var ratios = new double[scores.Length];
        for (int l = 0; l < ratios.Length; l++) ratios[l] = largest > 0 ? scores[l] / largest : 0;
        return ratios;
    }
}
