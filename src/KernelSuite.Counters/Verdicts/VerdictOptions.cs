using KernelSuite.Counters.Statistics;

namespace KernelSuite.Counters.Verdicts;

/// <summary>Which region an observation's mean is looked for in.</summary>
public enum VerdictMethod
{
    /// <summary>
    /// The nearest point of the cone, judged with as many degrees of freedom as constraints are active there: Cox and Shi, "Simple adaptive
    /// size-exact testing for full-vector and subvector inference in moment inequality models" (2023). The sharpest of these that keeps its level.
    /// </summary>
    Conditional,

    /// <summary>The confidence ellipsoid of all counters: chi-square, or Hotelling for finite samples.</summary>
    Ellipsoid,

    /// <summary>A box along the principal directions with exact joint coverage, from the independence of these.</summary>
    SidakBox,

    /// <summary>The box along the principal directions around the ellipsoid: the published tool's region.</summary>
    PcaBox,

    /// <summary>A box along the counters, which ignores how they vary together; only to compare with.</summary>
    Box,
}

/// <summary>How to test.</summary>
public sealed record VerdictOptions
{
    private readonly double confidence = .99;
    private readonly int fewestSamples = 30;

    /// <summary>Probability with which a true model is not refuted; in (0, 1), 0.99 unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not in (0, 1).</exception>
    public double Confidence
    {
        get => confidence;
        init => confidence = value is > 0 and < 1 ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, $"The confidence is {value}. " +
                "Expected a number between 0 and 1, such as 0.99.");
    }

    /// <summary>The region.</summary>
    public VerdictMethod Method { get; init; }

    /// <summary>Samples below which a verdict is inconclusive; 30 unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 2.</exception>
    public int FewestSamples
    {
        get => fewestSamples;
        init => fewestSamples = value >= 2 ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, $"The fewest samples are {value}. " +
                "Expected at least 2: one sample has no variance.");
    }

    /// <summary>
    /// Whether the covariance counts as estimated from the samples (Hotelling, Student) rather than known (chi-square, normal). True unless set.
    /// </summary>
    public bool FiniteSample { get; init; } = true;

    /// <summary>Whether refutations carry a certificate; without one they rest on the solver alone and are faster. True unless set.</summary>
    public bool Certificates { get; init; } = true;

    /// <summary>
    /// P(a true model looks at least this bad), of a statistic: d² of the ellipsoid and the conditional test, the radius t of boxes.
    /// </summary>
    internal double PValue(double statistic, int counters, int freedom, long samples)
    {
        double n = FiniteSample ? samples : double.PositiveInfinity;
        if (!(statistic > 0)) return 1;
        return Method switch
        {
            VerdictMethod.Conditional => freedom == 0 ? 1 : Tails.Hotelling(statistic, freedom, n),
            VerdictMethod.Ellipsoid => Tails.Hotelling(statistic, counters, n),
            VerdictMethod.PcaBox => Tails.Hotelling(statistic * statistic, counters, n),

            // 1 - (1 - tail)^p without cancellation.
            _ => -Expm1(counters * LogOnePlus(-Math.Min(Tails.StudentTwoSided(statistic, n - 1), 1))),
        };
    }

    private static double LogOnePlus(double x) => Math.Abs(x) < 1e-5 ? x - x * x / 2 : Math.Log(1 + x);

    private static double Expm1(double x) => Math.Abs(x) < 1e-5 ? x + x * x / 2 : Math.Exp(x) - 1;
}
