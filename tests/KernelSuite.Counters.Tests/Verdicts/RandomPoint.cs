using KernelSuite.Counters.Cones;
using KernelSuite.Counters.Statistics;
using KernelSuite.Counters.Tests.Oracles;
using KernelSuite.Counters.Verdicts;

namespace KernelSuite.Counters.Tests.Verdicts;

/// <summary>A random cone and a point of whole numbers in, on or beside it, judged in four ways.</summary>
internal sealed class RandomPoint
{
    // A narrow region reaches some 1e-6 of a counter, where GLPK resolves 1e-7 to 1e-9: points between are ties. What lies in the cone has a gap of
    // rounding only.
    private const double Inside = 1e-9, Outside = 1e-4;

    private readonly string name;
    private readonly long[][] vectors;
    private readonly long[] point;
    private readonly SignatureSet signatures;
    private readonly Observation narrow;
    private readonly double gap;
    private readonly List<(Certificate Certificate, double[] Reaches)> certificates = [];
    private readonly MeanRegion region;

    private RandomPoint(int trial, long[][] vectors, long[] point)
    {
        (name, this.vectors, this.point) = ($"point {trial}", vectors, point);
        signatures = new SignatureSet(RandomCases.Counters(point.Length), vectors);
        narrow = RandomCases.Narrow(signatures.Counters, point);
        region = MeanRegion.Of(narrow);
        double[] identity = [.. Enumerable.Range(0, point.Length * point.Length).Select(k => k % (point.Length + 1) == 0 ? 1.0 : 0)];
        gap = new FacetProgram(region.Mean, region.Scale, identity, [.. point.Select(_ => 1.0)], 0).OverSignatures(vectors);
    }

    /// <summary>Whether floating point cannot tell.</summary>
    public bool IsTie => gap is > Inside and < Outside;

    /// <summary>2 to 6 counters, 2 to 10 signatures; null where nothing was counted.</summary>
    public static RandomPoint? Make(Random random, int trial)
    {
        int p = random.Next(2, 7);
        long[][] vectors = RandomCases.Vectors(random, p, random.Next(2, 11));
        var point = new long[p];
        foreach (long[] vector in vectors)
        {
            long weight = random.Next(0, 2) * random.NextInt64(1, 100_000_000);
            for (int i = 0; i < p; i++) point[i] += weight * vector[i];
        }

        long size = point.Sum() / p;
        double share = random.Next(0, 3) * .2;
        for (int i = 0; i < p; i++) point[i] = Math.Max(point[i] + (long)(share * size * (2 * random.NextDouble() - 1)), 0);
        return point.All(value => value == 0) ? null : new RandomPoint(trial, vectors, point);
    }

    /// <summary>Judges; controls leave something out of one of the ways.</summary>
    public Opinions Judge(int facetsLeftOut = 0, int signaturesLeftOut = 0)
    {
        certificates.Clear();
        var known = new SignatureSet(signatures.Counters, vectors.Skip(signaturesLeftOut));
        VerdictResult exact = new ConeTest(known).Check(Observation.Exact("exact", signatures.Counters, [.. point.Select(value => (double)value)]));
        VerdictResult distance = new ConeTest(known).Check(narrow);
        ModelCone cone = ModelCone.Of(signatures);
        bool broken = cone.Equalities.Concat(cone.Inequalities.SkipLast(facetsLeftOut)).Any(row => IsBroken(row));
        if (exact.Certificate is { } one) certificates.Add((one, []));
        if (distance.Certificate is { } two)
            certificates.Add((two, [Critical.ConditionalRadius(distance.Freedom, narrow.Moments.Count)]));
        return new Opinions(name, ("the exact test", exact.Verdict == Verdict.Refuted), ("the distance", distance.Verdict == Verdict.Refuted),
            ("GLPK", gap >= Outside), ("a facet", broken));
    }

    /// <summary>Null where every refutation has a certificate that proves it.</summary>
    public string? Fault()
    {
        if (certificates.Count != 2) return $"{certificates.Count} certificates of 2";
        double[] mean = [.. point.Select(value => (double)value)];
        foreach ((Certificate certificate, double[] reaches) in certificates)
        {
            if (ExactProof.Broken(certificate.Coefficients, vectors) is { } broken) return $"{certificate}: {broken}";
            if (ExactProof.At(certificate.Coefficients, mean).Sign <= 0) return $"{certificate}: the point is not beyond it";
            if (reaches.Length > 0 && !ExactProof.IsBeyondEllipsoid(certificate.Coefficients, mean, region, reaches[0]))
                return $"{certificate}: part of the region is not beyond it";
        }

        return null;
    }

    private bool IsBroken(ConeRow row)
    {
        // In integers and without the row's own evaluation.
        System.Numerics.BigInteger sum = ExactProof.Product(row.Coefficients, point);
        return row.IsEquality ? sum.Sign != 0 : sum.Sign > 0;
    }
}
