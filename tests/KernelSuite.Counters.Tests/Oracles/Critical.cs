using MathNet.Numerics.Distributions;

namespace KernelSuite.Counters.Tests.Oracles;

/// <summary>Critical values of regions of finitely many normal samples at confidence 0.99, from their definitions.</summary>
internal static class Critical
{
    public const double Confidence = .99;

    /// <summary>Squared radius: df (n - 1) / (n - df) F(df, n - df).</summary>
    public static double ConditionalRadius(int freedom, long samples) =>
        freedom * (samples - 1.0) / (samples - freedom) * FisherSnedecor.InvCDF(freedom, samples - freedom, Confidence);

    /// <summary>Half-width of a box around the ellipsoid, in standard deviations.</summary>
    public static double EllipsoidBox(int counters, long samples) => Math.Sqrt(ConditionalRadius(counters, samples));

    /// <summary>Half-width of a box of independent components: P(|T| ≤ t)^p = confidence.</summary>
    public static double SidakBox(int counters, long samples) =>
        StudentT.InvCDF(0, 1, samples - 1, (1 + Math.Pow(Confidence, 1.0 / counters)) / 2);
}
