using KernelSuite.Counters.Cones;
using KernelSuite.Counters.Statistics;
using KernelSuite.Counters.Verdicts;

namespace KernelSuite.Counters.Refinement;

/// <summary>Tests sets of signatures against all observations until one refutes, and keeps the certificates.</summary>
internal sealed class SetTester(
    SignaturePool pool, IReadOnlyList<TestedRuns> observations, VerdictOptions options, VerdictBatch? batch, CancellationToken cancellation)
{
    private const int MostTogether = 2048;

    private readonly List<KnownRow> certificates = [];
    private readonly List<int> order = [.. Enumerable.Range(0, observations.Count)];

    /// <summary>Verdicts that the search rests on: up to the first refutation of each set, in the order of <see cref="order"/>.</summary>
    public long Verdicts { get; private set; }

    /// <summary>The certificates that can refute other sets, the last useful one first.</summary>
    public IReadOnlyList<KnownRow> Certificates => certificates;

    /// <summary>A certificate that refutes a set, found without solving; null where none does. The one that did so last is tried first.</summary>
    public KnownRow? Known(int[] ids)
    {
        for (int i = 0; i < certificates.Count; i++)
        {
            KnownRow row = certificates[i];
            if (!row.HoldsFor(ids)) continue;
            certificates.RemoveAt(i);
            certificates.Insert(0, row);
            return row;
        }

        return null;
    }

    /// <summary>The first verdict that refutes a set, and its certificate; or the number of inconclusive verdicts where none does.</summary>
    public (VerdictResult? Refutation, ConeRow? Row, int Inconclusive) Solve(int[] ids)
    {
        var test = new ConeTest(pool.Set(ids), options);
        int inconclusive = 0;
        VerdictResult[] together = [];
        int first = 0;
        for (int k = 0; k < order.Count; k++)
        {
            cancellation.ThrowIfCancellationRequested();
            int at = order[k];

            // As many together as were passed one after another: a refutation in their midst wastes no more than what was needed to reach them.
            int most = Math.Min(Math.Min(k, MostTogether), order.Count - k);
            if (k >= first + together.Length && batch?.Takes(most) == true)
                (together, first) = (batch.Check(test, [.. order.GetRange(k, most).Select(i => observations[i])], cancellation), k);
            VerdictResult result = k < first + together.Length ? together[k - first] : test.CheckRuns(observations[at]);
            Verdicts++;
            if (result.Verdict == Verdict.Inconclusive) inconclusive++;
            if (result.Verdict != Verdict.Refuted) continue;

            // What refuted one set refutes its neighbours more often than not.
            order.RemoveAt(k);
            order.Insert(0, at);
            if (result.Certificate is not { } certificate) return (result, null, 0);
            var row = new KnownRow(pool, certificate.Counters, certificate.Coefficients, result.Observation.Id);
            if (ProvesAlone(certificate, result)) certificates.Insert(0, row);
            return (result, row.Row, 0);
        }

        return (null, null, inconclusive);
    }

    /// <summary>
    /// Whether a certificate refutes every model for which it holds, whatever the number of constraints that are active there. A region says so by
    /// itself; the conditional test counts the active constraints of one model, so there the certificate has to suffice with all of them active. What
    /// is pruned a solver would then refute too.
    /// </summary>
    private bool ProvesAlone(Certificate certificate, VerdictResult result)
    {
        if (options.Method != VerdictMethod.Conditional || result.Observation.IsExact) return true;
        double inflation = result.Observation.Moments.Count / result.EffectiveSamples, z = certificate.Significance;
        VerdictOptions region = options with { Method = VerdictMethod.Ellipsoid };
        return region.PValue(z * z / inflation, certificate.Counters.Count, 0, (long)result.EffectiveSamples) < 1 - options.Confidence;
    }
}
