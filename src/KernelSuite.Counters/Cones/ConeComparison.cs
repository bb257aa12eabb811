namespace KernelSuite.Counters.Cones;

/// <summary>How the cone of a first model lies to that of a second one.</summary>
public enum ConeRelation
{
    /// <summary>The same cone: no data on these counters can tell the models apart.</summary>
    Equivalent,

    /// <summary>The first is within the second and smaller: whatever refutes the second refutes the first.</summary>
    Subset,

    /// <summary>The second is within the first and smaller.</summary>
    Superset,

    /// <summary>Each allows what the other does not.</summary>
    Neither,
}

/// <summary>A signature of one model that another cannot explain. A run that takes its path tells the two apart.</summary>
/// <param name="Signature">Place of the signature in its projected set.</param>
/// <param name="Vector">The signature, one entry a compared counter.</param>
/// <param name="Row">A row of the other model that it breaks; its shortest where facets are known.</param>
public sealed record ConeWitness(int Signature, IReadOnlyList<long> Vector, ConeRow Row);

/// <summary>
/// Inclusion of two models on the same counters: one cone is within another where all its signatures satisfy the other's rows. Where facets were
/// not enumerated,
/// each signature is decided by <see cref="ConeMembership"/>, so the answer is exact all the same.
/// </summary>
public sealed class ConeComparison
{
    private ConeComparison(ModelCone first, ModelCone second, ConeWitness[] firstOutside, ConeWitness[] secondOutside)
    {
        First = first;
        Second = second;
        FirstOutside = firstOutside;
        SecondOutside = secondOutside;
    }

    /// <summary>The counters that are compared, in the first model's order.</summary>
    public CounterSet Counters => First.Counters;

    /// <summary>The first model's cone on these counters.</summary>
    public ModelCone First { get; }

    /// <summary>The second model's cone on these counters.</summary>
    public ModelCone Second { get; }

    /// <summary>Signatures of the first that the second cannot explain, with a row of the second that says so.</summary>
    public IReadOnlyList<ConeWitness> FirstOutside { get; }

    /// <summary>Signatures of the second that the first cannot explain, with a row of the first that says so.</summary>
    public IReadOnlyList<ConeWitness> SecondOutside { get; }

    /// <summary>How the first lies to the second.</summary>
    public ConeRelation Relation => (FirstOutside.Count, SecondOutside.Count) switch
    {
        (0, 0) => ConeRelation.Equivalent,
        (0, _) => ConeRelation.Subset,
        (_, 0) => ConeRelation.Superset,
        _ => ConeRelation.Neither,
    };

    /// <summary>Compares two models.</summary>
    /// <param name="first">Signatures of the first.</param>
    /// <param name="second">Signatures of the second.</param>
    /// <param name="counters">The counters to compare on; where null those that both models have.</param>
    /// <param name="limits">Bounds of the facet enumeration.</param>
    /// <param name="cancellation">Ends the comparison with <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="ArgumentException">A model lacks one of <paramref name="counters"/>, or they have no counter in common.</exception>
    public static ConeComparison Between(
        SignatureSet first, SignatureSet second, CounterSet? counters = null, ConeLimits? limits = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        if (counters is not null)
        {
            CheckHas(first, counters, "first", nameof(counters));
            CheckHas(second, counters, "second", nameof(counters));
        }

        CounterSet axes = first.Counters.Intersect(counters ?? second.Counters);
        if (axes.Count == 0)
            throw new ArgumentException("There is no counter to compare the models on. Expected one that both have.", nameof(counters));
        ModelCone one = ModelCone.Of(first.On(axes), limits, cancellation), other = ModelCone.Of(second.On(axes), limits, cancellation);
        return new(one, other, Outside(one, other, cancellation), Outside(other, one, cancellation));
    }

    private static void CheckHas(SignatureSet signatures, CounterSet counters, string which, string argument)
    {
        if (counters.FirstOrDefault(name => !signatures.Counters.Contains(name)) is { } missing)
            throw new ArgumentException($"The {which} model has no counter '{missing}'. Expected counters that both models have.", argument);
    }

    private static ConeWitness[] Outside(ModelCone inner, ModelCone outer, CancellationToken cancellation)
    {
        var found = new List<ConeWitness>();
        for (int i = 0; i < inner.Signatures.Count; i++)
        {
            if (outer.FindBroken(inner.Signatures[i], cancellation) is { } row) found.Add(new(i, inner.Signatures[i].ToArray(), row));
        }

        return [.. found];
    }
}
