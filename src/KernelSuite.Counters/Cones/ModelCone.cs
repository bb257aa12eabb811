using System.Numerics;

namespace KernelSuite.Counters.Cones;

/// <summary>
/// The set of counter vectors that a model can explain: non-negative combinations of its signatures, described by equalities and facets in exact arithmetic.
/// Every row is verified against every signature before it is given out. Immutable.
/// </summary>
public sealed class ModelCone
{
    /// <summary>Most counters of a cone. Its rows are dense in them and elimination is cubic; counter sets of real studies have some tens.</summary>
    public const int MostCounters = 512;

    private ModelCone(SignatureSet signatures, int rank, ConeRow[] equalities, ConeRow[] inequalities, string? facetsMissing)
    {
        Signatures = signatures;
        Rank = rank;
        Equalities = equalities;
        Inequalities = inequalities;
        FacetsMissing = facetsMissing;
    }

    /// <summary>The generators.</summary>
    public SignatureSet Signatures { get; }

    /// <summary>The axes.</summary>
    public CounterSet Counters => Signatures.Counters;

    /// <summary>Dimension of the cone. What it lacks to the number of counters is the number of equalities.</summary>
    public int Rank { get; }

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
            throw new ArgumentException($"The signatures have {counters.Count} counters. Expected at most {MostCounters}; project them on those that are measured.", nameof(signatures));
        var span = SignatureSpan.Of(signatures, cancellation);
        var reducer = new RowReducer(span.NullSpace, cancellation);
        List<BigInteger[]>? facets = FacetEnumeration.Facets(signatures, span, limits, cancellation);
        string? missing = facets is null ? $"more than {limits.MostRays} intermediate rays" : null;
        if (facets is not null && facets.Count > limits.MostFacets)
        {
            missing = $"{facets.Count} facets, more than {limits.MostFacets}";
            facets = null;
        }

        ConeRow[] equalities = Rows(counters, reducer.Basis, isEquality: true);
        ConeRow[] inequalities = Rows(counters, facets?.Select(reducer.Reduce) ?? [], isEquality: false);
        RowVerification.Check(signatures, span.Rank, equalities, inequalities, cancellation);
        return new(signatures, span.Rank, equalities, inequalities, missing);
    }

    private static ConeRow[] Rows(CounterSet counters, IEnumerable<BigInteger[]> rows, bool isEquality)
    {
        ConeRow[] result = [.. rows.Select(row => new ConeRow(counters, row, isEquality))];
        Array.Sort(result, ConeRow.CompareForReading);
        return result;
    }
}
