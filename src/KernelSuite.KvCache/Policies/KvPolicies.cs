namespace KernelSuite.KvCache;

/// <summary>The policies, with their default parameters.</summary>
public static class KvPolicies
{
    /// <summary>All of them; the default, <c>arkv</c>, is the last.</summary>
    public static IReadOnlyList<KvPolicy> All { get; } =
    [
        new FullPolicy(), new StreamingPolicy(), new H2OPolicy(), new SnapKvPolicy(), new PyramidKvPolicy(), new ArkvReferencePolicy(), new ArkvPolicy(),
    ];

    /// <summary>A policy by name.</summary>
    /// <exception cref="ArgumentException">There is none of that name; lists those there are.</exception>
    public static KvPolicy Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return All.FirstOrDefault(policy => policy.Name == name)
            ?? throw new ArgumentException($"There is no policy '{name}'. Known: {string.Join(", ", All.Select(policy => policy.Name))}.", nameof(name));
    }
}
