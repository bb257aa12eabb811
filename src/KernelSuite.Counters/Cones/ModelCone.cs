using System.Numerics;

namespace KernelSuite.Counters.Cones;

/// <summary>
/// The set of counter vectors that a model can explain: non-negative combinations of its signatures, described by equalities and facets in exact
/// arithmetic.
/// Every row is verified against every signature before it is given out. Immutable.
/// </summary>
public sealed class ModelCone
{
    /// <summary>Most counters of a cone. Its rows are dense in them and elimination is cubic; counter sets of real studies have some tens.</summary>
    public const int MostCounters = 512;

    private readonly SignatureSpan span;
    private IReadOnlyList<int>? extreme;

    private ModelCone(SignatureSet signatures, SignatureSpan span, ConeRow[] equalities, ConeRow[] inequalities, string? facetsMissing)
    {
        Signatures = signatures;
        this.span = span;
        Equalities = equalities;
        Inequalities = inequalities;
        FacetsMissing = facetsMissing;
    }

    /// <summary>The generators.</summary>
    public SignatureSet Signatures { get; }

    /// <summary>The axes.</summary>
    public CounterSet Counters => Signatures.Counters;

    /// <summary>Dimension of the cone. What it lacks to the number of counters is the number of equalities.</summary>
    public int Rank => span.Rank;

    /// <summary>Independent rows with sum == 0 that span all equalities of the cone, short ones first.</summary>
    public IReadOnlyList<ConeRow> Equalities { get; }

    /// <summary>One row with sum &lt;= 0 a facet, short ones first; empty where facets were not enumerated.</summary>
    public IReadOnlyList<ConeRow> Inequalities { get; }

    /// <summary>Whether <see cref="Inequalities"/> has all facets, so that the rows describe the cone.</summary>
    public bool FacetsComplete => FacetsMissing is null;

    /// <summary>Why facets were not enumerated; null where they were.</summary>
    public string? FacetsMissing { get; }

    /// <summary>Equalities and facets of the cone of signatures.</summary>
    /// <param name="signatures">The generators.</param>
    /// <param name="limits">Where to give up enumerating facets; <see cref="ConeLimits.Default"/> where null.</param>
    /// <param name="cancellation">Ends the enumeration with <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="ArgumentException">There are more than <see cref="MostCounters"/> counters.</exception>
    /// <exception cref="ConeVerificationException">A row failed its check: a defect of this library.</exception>
    public static ModelCone Of(SignatureSet signatures, ConeLimits? limits = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(signatures);
        limits ??= ConeLimits.Default;
        CounterSet counters = signatures.Counters;
        if (counters.Count > MostCounters)
            throw new ArgumentException(
                $"The signatures have {counters.Count} counters. Expected at most {MostCounters}; project them on those that are measured.",
                nameof(signatures));
        var span = SignatureSpan.Of(signatures, cancellation);
        var reducer = new RowReducer(span.NullSpace, cancellation);
        ConeRow[] inequalities = Facets(signatures, span, reducer, limits, cancellation, out string? missing);
        ConeRow[] equalities = Rows(counters, reducer.Basis, isEquality: true);
        RowVerification.Check(signatures, span.Rank, equalities, inequalities, cancellation);
        return new(signatures, span, equalities, inequalities, missing);
    }

    /// <summary>
    /// Places of the signatures that are extreme rays; the others are combinations of these and add nothing to the cone. Computed when first asked
    /// for.
    /// </summary>
    /// <param name="cancellation">Ends the computation with <see cref="OperationCanceledException"/>.</param>
    public IReadOnlyList<int> ExtremeSignatures(CancellationToken cancellation = default) =>
        extreme ??= FacetsComplete ? RedundantSignatures.ExtremeByFacets(this, cancellation)
            : RedundantSignatures.ExtremeByMembership(Signatures, cancellation);

    /// <summary>Whether a vector is in the cone, with weights or a separating row; needs no facets.</summary>
    /// <exception cref="ArgumentException">The vector has another length than <see cref="Counters"/>.</exception>
    public ConeMembership Membership(ReadOnlySpan<long> vector, CancellationToken cancellation = default) =>
        ConeMembership.Of(Signatures, vector, cancellation);

    /// <summary>
    /// The shortest equality or inequality of the cone that a vector breaks, a separating row where facets are missing, or null for a member.
    /// </summary>
    /// <exception cref="ArgumentException">The vector has another length than <see cref="Counters"/>.</exception>
    public ConeRow? FindBroken(ReadOnlySpan<long> vector, CancellationToken cancellation = default)
    {
        foreach (ConeRow row in Equalities)
        {
            if (!row.Holds(vector)) return row;
        }

        if (!FacetsComplete) return Membership(vector, cancellation).Broken;
        foreach (ConeRow row in Inequalities)
        {
            if (!row.Holds(vector)) return row;
        }

        return null;
    }

    private static ConeRow[] Facets(
        SignatureSet signatures, SignatureSpan span, RowReducer reducer, ConeLimits limits, CancellationToken cancellation, out string? missing)
    {
        BigInteger[][] restricted = [.. Enumerable.Range(0, signatures.Count).Select(i => IntegerVector.From(signatures[i], span.Coordinates))];
        BigInteger[][]? rays = DualCone.ExtremeRays(restricted, span.Independent, limits, cancellation)?.Take(limits.MostFacets + 1).ToArray();
        missing = rays is null ? $"more than {limits.MostRays} intermediate rays"
            : rays.Length > limits.MostFacets ? $"more than {limits.MostFacets} facets" : null;
        if (missing is not null) return [];
        return Rows(signatures.Counters, rays!.Select(ray => reducer.Reduce(ToRow(ray, span, signatures.Counters.Count))), isEquality: false);
    }

    /// <summary>A ray a of the dual means a . v &gt;= 0 in the coordinates of the span; rows are kept as sum &lt;= 0 over all counters.</summary>
    private static BigInteger[] ToRow(BigInteger[] ray, SignatureSpan span, int counters)
    {
        var row = new BigInteger[counters];
        for (int c = 0; c < ray.Length; c++) row[span.Coordinates[c]] = -ray[c];
        return row;
    }

    private static ConeRow[] Rows(CounterSet counters, IEnumerable<BigInteger[]> rows, bool isEquality)
    {
        ConeRow[] result = [.. rows.Select(row => new ConeRow(counters, row, isEquality))];
        Array.Sort(result, ConeRow.CompareForReading);
        return result;
    }
}
