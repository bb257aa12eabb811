namespace KernelSuite.Measurement;

/// <summary>Paired statistics over the runs of an evaluation; the first is <c>full</c>.</summary>
internal sealed class KvComparer(IReadOnlyList<KvRun> runs, int resamples, ulong seed)
{
    private readonly KvRun full = runs[0];

    public IReadOnlyList<KvRetention> Retained() => full.DigitsRight.Length == 0 ? [] : [.. runs.Skip(1).Select(Retention)];

    /// <summary>Each run against full; then the first policy against the others at the same budget.</summary>
    public IReadOnlyList<KvComparison> Comparisons() =>
    [
        .. runs.Skip(1).SelectMany(run => Compare(run, full)),
        .. runs.Skip(1).GroupBy(run => run.Budget).SelectMany(group => group.Skip(1).Where(_ => group.First().Policy == First).SelectMany(other => Compare(group.First(), other))),
    ];

    private string? First => runs.Count > 1 ? runs[1].Policy : null;

    private KvRetention Retention(KvRun run)
    {
        Interval ratio = PairedStatistics.Ratio(run.DigitsRight, full.DigitsRight, resamples, seed);
        return new KvRetention(run.Policy, run.Budget, ratio.Value, ratio.Low, ratio.High);
    }

    private IEnumerable<KvComparison> Compare(KvRun a, KvRun b)
    {
        if (full.DigitsRight.Length > 0)
        {
            yield return Make(a, b, "recall_digits", Difference(a.DigitsRight, b.DigitsRight), full.DigitsRight, 100, double.NaN);
            double[] wholeA = a.WholeRight, wholeB = b.WholeRight;
            int onlyA = wholeA.Zip(wholeB).Count(p => p.First > p.Second), onlyB = wholeA.Zip(wholeB).Count(p => p.First < p.Second);
            yield return Make(a, b, "recall", Difference(wholeA, wholeB), full.WholeRight, 100, PairedStatistics.McNemar(onlyA, onlyB));
        }

        if (full.Bits.Length > 0) yield return Make(a, b, "bits_per_byte", Difference(a.Bits, b.Bits), full.ScoredBytes, 1, double.NaN);
    }

    private KvComparison Make(KvRun a, KvRun b, string metric, double[] difference, double[] relativeTo, double unit, double p)
    {
        Interval ratio = PairedStatistics.Ratio(difference, relativeTo, resamples, seed);
        return new KvComparison(a.Policy, a.Budget, b.Policy, b.Budget, metric, unit * ratio.Value, unit * ratio.Low, unit * ratio.High, p);
    }

    private static double[] Difference(double[] a, double[] b) => [.. a.Zip(b, (x, y) => x - y)];
}
