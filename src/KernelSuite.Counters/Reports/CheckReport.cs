using KernelSuite.Counters.Cones;
using KernelSuite.Counters.Inputs;
using KernelSuite.Counters.Verdicts;

namespace KernelSuite.Counters.Reports;

/// <summary>An observation that was tested.</summary>
/// <param name="Result">The verdict, its distance, certificate, rows and warnings.</param>
/// <param name="Adjusted">
/// Its p-value after Benjamini and Hochberg's adjustment over all observations: calling those refuted whose value is at most q keeps the expected
/// share of false ones among them at q.
/// </param>
public sealed record CheckedObservation(VerdictResult Result, double Adjusted);

/// <summary>A row of the model over all observations.</summary>
/// <param name="Row">The row.</param>
/// <param name="Passing">Observations that do not violate it.</param>
/// <param name="Failing">Ids of the observations that violate it by themselves (Holm's correction over the rows of each), worst first.</param>
/// <param name="Untested">Observations that were not tested on it: they lack one of its counters, or their own counters' rows imply it.</param>
/// <param name="FailingAdjusted">How many violate it with the false discovery rate controlled over all observations.</param>
/// <param name="Worst">The worst test of it.</param>
/// <param name="WorstObservation">The id of the observation of that test.</param>
public sealed record CheckedRow(
    ConeRow Row, int Passing, IReadOnlyList<string> Failing, int Untested, int FailingAdjusted, RowResult Worst, string WorstObservation);

/// <summary>Observations whose smallest confidence that makes the model feasible lies in a range.</summary>
/// <param name="Above">Lower end; excluded, but for the first range.</param>
/// <param name="UpTo">Upper end, included.</param>
/// <param name="Observations">How many.</param>
public readonly record struct ConfidenceBin(double Above, double UpTo, int Observations);

/// <summary>What a test of a model against observations found.</summary>
public sealed record CheckReport
{
    private static readonly double[] Ends = [0, .5, .9, .95, .99, .999, 1];

    /// <summary>The model's file; empty where signatures were given.</summary>
    public string Model { get; init; } = "";

    /// <summary>The features that were on.</summary>
    public IReadOnlyList<string> Features { get; init; } = [];

    /// <summary>Number of paths; null where signatures were given.</summary>
    public long? Paths { get; init; }

    /// <summary>What was read; null where observations did not come from files.</summary>
    public ReadReport? Inputs { get; init; }

    /// <summary>The signatures that were tested.</summary>
    public required SignatureSet Signatures { get; init; }

    /// <summary>How it was tested.</summary>
    public required VerdictOptions Options { get; init; }

    /// <summary>
    /// The cone on all counters that were measured; null where none was, or there are more than <see cref="ModelCone.MostCounters"/>.
    /// </summary>
    public ModelCone? Cone { get; init; }

    /// <summary>Counters of the model that an observation has.</summary>
    public required CounterSet Measured { get; init; }

    /// <summary>Counters of the model that no observation has; they are free.</summary>
    public required IReadOnlyList<string> Unmeasured { get; init; }

    /// <summary>
    /// Counters of observations that the model lacks, and of the files that were read where the read left them out; they are ignored.
    /// </summary>
    public required IReadOnlyList<string> Foreign { get; init; }

    /// <summary>Such counters of the files beyond those that a <see cref="ReadReport"/> names.</summary>
    public int MoreForeign { get; init; }

    /// <summary>The observations: refuted ones first, then inconclusive ones, the smallest p-value first.</summary>
    public required IReadOnlyList<CheckedObservation> Observations { get; init; }

    /// <summary>The rows that were tested, those that fail most observations first.</summary>
    public required IReadOnlyList<CheckedRow> Rows { get; init; }

    /// <summary>The report with what was read: counters that the files have and the model lacks are foreign, too.</summary>
    internal CheckReport With(ReadReport read, CounterSet model) => this with
    {
        Inputs = read,
        Foreign = [.. Foreign.Union(read.Unread.Where(name => !model.Contains(name)))],
        MoreForeign = read.MoreUnread,
    };

    /// <summary>Number of observations with a verdict.</summary>
    public int Count(Verdict verdict) => Observations.Count(o => o.Result.Verdict == verdict);

    /// <summary>Refuted observations that stay so with the false discovery rate over all observations at 1 - confidence.</summary>
    public int RefutedAdjusted => Observations.Count(o => o.Result.Verdict == Verdict.Refuted && o.Adjusted <= 1 - Options.Confidence);

    /// <summary>Observations by the smallest confidence at which the model is feasible.</summary>
    public IReadOnlyList<ConfidenceBin> Histogram()
    {
        var counts = new int[Ends.Length - 1];
        foreach (CheckedObservation one in Observations.Where(o => !double.IsNaN(o.Result.Distance)))
        {
            int bin = 0;
            while (bin < counts.Length - 1 && one.Result.Confidence > Ends[bin + 1]) bin++;
            counts[bin]++;
        }

        return [.. counts.Select((count, i) => new ConfidenceBin(Ends[i], Ends[i + 1], count))];
    }
}
