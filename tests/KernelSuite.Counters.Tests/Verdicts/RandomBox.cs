using System.Numerics;
using KernelSuite.Counters.Cones;
using KernelSuite.Counters.Statistics;
using KernelSuite.Counters.Tests.Oracles;
using KernelSuite.Counters.Verdicts;

namespace KernelSuite.Counters.Tests.Verdicts;

/// <summary>A random cone and noisy samples, judged by a box about their mean: by the solver, and by GLPK over signatures and over facets.</summary>
internal sealed class RandomBox
{
    private const int Samples = 40;

    private static readonly VerdictMethod[] Methods = [VerdictMethod.Box, VerdictMethod.SidakBox, VerdictMethod.PcaBox];

    private readonly string name;
    private readonly long[][] vectors;
    private readonly Observation observation;
    private readonly MeanRegion region;
    private readonly double[] axes, widths;
    private readonly double radius, bySignatures, byFacets, slack;
    private readonly VerdictMethod method;
    private readonly ModelCone cone;
    private readonly VerdictResult result, distance;

    private RandomBox(int trial, long[][] vectors, Observation observation)
    {
        (name, this.vectors, this.observation) = ($"box {trial}", vectors, observation);
        region = MeanRegion.Of(observation);
        int p = Counters;
        method = Methods[trial % Methods.Length];
        bool plain = method == VerdictMethod.Box;
        axes = plain ? [.. Enumerable.Range(0, p * p).Select(k => k % (p + 1) == 0 ? 1.0 : 0)] : region.Axes;
        widths = plain ? [.. Enumerable.Range(0, p).Select(i => Math.Sqrt(region.Covariance[i * (p + 1)]))] : region.Deviations;
        radius = method == VerdictMethod.PcaBox ? Critical.EllipsoidBox(p, Samples) : Critical.SidakBox(p, Samples);
        slack = MeanRegion.Slack * region.Mean.Max(Math.Abs);
        var signatures = new SignatureSet(observation.Counters, vectors);
        cone = ModelCone.Of(signatures);
        var program = new FacetProgram(region.Mean, region.Scale, axes, widths, slack);
        bySignatures = program.OverSignatures(vectors);
        byFacets = program.OverFacets(cone.Equalities.Concat(cone.Inequalities));
        result = new ConeTest(signatures, new VerdictOptions { Method = method, Confidence = Critical.Confidence }).Check(observation);
        distance = new ConeTest(signatures, new VerdictOptions { Confidence = Critical.Confidence }).Check(observation);
    }

    public int Counters => observation.Counters.Count;

    /// <summary>Whether the box about touches the cone.</summary>
    public bool IsTie => Math.Abs(bySignatures - radius) < 1e-4 * radius;

    /// <summary>2 to 6 counters, 2 to 10 signatures. Null where a counter never ticks: widths then differ a millionfold, which GLPK's tolerances do
    /// not resolve.</summary>
    public static RandomBox? Make(Random random, int trial)
    {
        int p = random.Next(2, 7);
        long[][] vectors = RandomCases.Vectors(random, p, random.Next(2, 11));
        var signatures = new SignatureSet(RandomCases.Counters(p), vectors);
        double[] mean = RandomCases.Point(random, signatures, random.Next(0, 3) * .1);
        return mean.Any(value => value == 0) ? null : new(trial, vectors, RandomCases.Observe(random, signatures.Counters, mean, Samples, .03));
    }

    /// <summary>Null where the three radii are one, and the distance is where it has to be beside them.</summary>
    public string? RadiusDispute()
    {
        if (!Near(bySignatures, result.Distance) || !Near(byFacets, result.Distance))
            return $"{name}, {method}: the solver says {result.Distance}, GLPK {bySignatures} over signatures, {byFacets} over facets";
        if (method == VerdictMethod.Box) return null;

        // A box of radius t along principal directions lies in the ball of radius √p t and around that of radius t.
        return distance.Distance >= bySignatures * (1 - 1e-6) - 1e-4 && bySignatures * Math.Sqrt(Counters) >= distance.Distance * (1 - 1e-2) - .1
            ? null : $"{name}: a distance of {distance.Distance} beside a radius of {bySignatures}";
    }

    public Opinions Judge() => new($"{name}, {method}", ("the solver", result.Verdict == Verdict.Refuted),
        ("GLPK over signatures", bySignatures > radius), ("GLPK over facets", byFacets > radius));

    /// <summary>Whether the box lies wholly beyond one facet, or misses one equality.</summary>
    public bool BreaksOneRow() => cone.Inequalities.Any(row => Least(row.Coefficients).Sign > 0)
        || cone.Equalities.Any(row => Least(row.Coefficients).Sign > 0 || Least([.. row.Coefficients.Select(BigInteger.Negate)]).Sign > 0);

    /// <summary>Whether the distance refutes, by the ellipsoid that has as many degrees of freedom as constraints are active.</summary>
    public bool IsRefutedByDistance => distance.Verdict == Verdict.Refuted;

    /// <summary>Null where the box's refutation has a certificate that proves it, if there is one.</summary>
    public string? Fault() => result.Verdict != Verdict.Refuted ? null
        : result.Certificate is null ? "no certificate" : Fault(result.Certificate.Coefficients);

    /// <summary>Null where the distance's refutation has a certificate that proves it for the whole ellipsoid, if there is one.</summary>
    public string? DistanceFault()
    {
        if (!IsRefutedByDistance) return null;
        if (distance.Certificate is not { } certificate) return "no certificate";
        if (ExactProof.Broken(certificate.Coefficients, vectors) is { } broken) return $"{certificate}: {broken}";
        double squared = Critical.ConditionalRadius(distance.Freedom, Samples) * (1 - 1e-6);
        return ExactProof.IsBeyondEllipsoid(certificate.Coefficients, observation.Moments.Mean, region, squared) ? null
            : $"{certificate}: part of the ellipsoid is not beyond it";
    }

    /// <summary>Whether a coefficient that is too large by one is found out; null where no signature ticks the counter.</summary>
    public bool? NoticesRaised(int counter)
    {
        IReadOnlyList<BigInteger> w = result.Certificate!.Coefficients;
        long[][] ticking = [.. vectors.Where(v => v[counter] > 0)];
        if (ticking.Length == 0) return null;

        // The least step after which some w · s is positive, and one less.
        BigInteger step = ticking.Min(v => -ExactProof.Product(w, v) / v[counter]) + 1;
        if (ExactProof.Broken(Changed(w, counter, step - 1), vectors) is { } wrongly) throw new InvalidOperationException(wrongly);
        return Fault(Changed(w, counter, step)) is not null;
    }

    /// <summary>
    /// Whether a coefficient that is too small is found out, to within a factor of two of the least change that matters; null where the rest proves
    /// it whatever that coefficient is.
    /// </summary>
    public bool? NoticesLowered(int counter)
    {
        IReadOnlyList<BigInteger> w = result.Certificate!.Coefficients;
        BigInteger step = 1;
        while (Least(Changed(w, counter, -step)).Sign > 0)
            if ((step *= 2) > BigInteger.One << 64) return null;
        return Fault(Changed(w, counter, -step)) is not null;
    }

    private static BigInteger[] Changed(IReadOnlyList<BigInteger> w, int counter, BigInteger step) =>
        [.. w.Select((c, i) => i == counter ? c + step : c)];

    private static bool Near(double expected, double actual) => Math.Abs(expected - actual) <= 1e-5 * Math.Max(1, Math.Abs(expected));

    private string? Fault(IReadOnlyList<BigInteger> w) =>
        ExactProof.Broken(w, vectors) is { } broken ? broken : Least(w).Sign > 0 ? null : "part of the box is not beyond it";

    /// <summary>The least w · x over the box with its slack; a millionth of a half-width is for the critical value's own rounding.</summary>
    private Dyadic Least(IReadOnlyList<BigInteger> w) => ExactProof.LeastInBox(w, observation.Moments.Mean, region.Scale, axes,
        [.. widths.Select(width => radius * (1 - 1e-6) * width + slack)]);
}
