namespace KernelSuite.Counters.Cones;

/// <summary>
/// Bounds on the enumeration of facets. A cone can have exponentially more facets than signatures; past a bound they are not enumerated, and
/// equalities,
/// membership and comparison still work.
/// </summary>
public sealed record ConeLimits
{
    /// <summary>The bounds where nothing else is said.</summary>
    public static ConeLimits Default { get; } = new();

    /// <summary>Most rays that the double description may hold between two steps.</summary>
    public int MostRays { get; init; } = 50_000;

    /// <summary>Most facets of the result.</summary>
    public int MostFacets { get; init; } = 20_000;

    /// <summary>Bounds under which no facet is enumerated.</summary>
    public static ConeLimits EqualitiesOnly { get; } = new() { MostRays = 0, MostFacets = 0 };
}
