using KernelSuite.Counters.Statistics;

namespace KernelSuite.Counters.Verdicts;

/// <summary>What a test says of a model and an observation.</summary>
public enum Verdict
{
    /// <summary>The model can explain the observation at the confidence asked for. That is not to say that it is right.</summary>
    Consistent,

    /// <summary>It cannot.</summary>
    Refuted,

    /// <summary>The samples do not allow either; <see cref="VerdictResult.Warnings"/> say why.</summary>
    Inconclusive,
}

/// <summary>A path that helps to explain the observation.</summary>
/// <param name="Signature">Its place among the signatures on the measured counters, <see cref="VerdictResult.Signatures"/>.</param>
/// <param name="Weight">Items that took it, per sample.</param>
public readonly record struct ActiveSignature(int Signature, double Weight);

/// <summary>A verdict with what it rests on.</summary>
public sealed record VerdictResult
{
    /// <summary>The observation.</summary>
    public required Observation Observation { get; init; }

    /// <summary>The verdict.</summary>
    public required Verdict Verdict { get; init; }

    /// <summary>How it was reached.</summary>
    public required VerdictMethod Method { get; init; }

    /// <summary>The signatures on the counters that were measured; null where none was.</summary>
    public Cones.SignatureSet? Signatures { get; init; }

    /// <summary>
    /// Distance of the mean from the cone, in standard deviations; of a box, in its half-widths of one standard deviation. NaN where nothing was
    /// measured.
    /// </summary>
    public double Distance { get; init; } = double.NaN;

    /// <summary>Degrees of freedom of the conditional test: constraints that are active at the nearest point.</summary>
    public int Freedom { get; init; }

    /// <summary>Probability that a true model looks at least this bad. Too optimistic where a warning says so.</summary>
    public double PValue { get; init; } = 1;

    /// <summary>Smallest confidence at which the model is feasible, 1 - <see cref="PValue"/>: 0 where the point itself is in the cone.</summary>
    public double Confidence => 1 - PValue;

    /// <summary>
    /// Independent samples that the verdict counts with: fewer than there are where they are autocorrelated in the direction that matters.
    /// </summary>
    public double EffectiveSamples { get; init; }

    /// <summary>Paths whose mix is the nearest point of the cone.</summary>
    public IReadOnlyList<ActiveSignature> Active { get; init; } = [];

    /// <summary>Nearest point of the cone, a value for each counter of <see cref="Signatures"/>.</summary>
    public IReadOnlyList<double> Nearest { get; init; } = [];

    /// <summary>Why the model is refuted; null where it is not, or where certificates were not asked for.</summary>
    public Certificate? Certificate { get; init; }

    /// <summary>
    /// A violated constraint of few counters, where the model's rows are not known. It may be less significant than <see cref="Certificate"/>.
    /// </summary>
    public Certificate? SparseCertificate { get; init; }

    /// <summary>The rows one by one, worst first; empty where rows are not known.</summary>
    public IReadOnlyList<RowResult> Rows { get; init; } = [];

    /// <summary>Rows with a counter that was not measured.</summary>
    public IReadOnlyList<TestRow> UntestedRows { get; init; } = [];

    /// <summary>Rows that are violated by themselves. A model can be refuted without any.</summary>
    public IEnumerable<RowResult> Violated => Rows.Where(row => row.IsViolated);

    /// <summary>What to read the verdict with; where it is inconclusive, why.</summary>
    public IReadOnlyList<Warning> Warnings { get; init; } = [];
}
