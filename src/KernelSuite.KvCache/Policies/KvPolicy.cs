namespace KernelSuite.KvCache;

/// <summary>
/// Decides which tokens a <see cref="TriStateKvCache"/> keeps in full, which quantised, and which not at all. Immutable; the parameters of each policy are
/// its properties, changed by <c>with</c>.
/// </summary>
public abstract record KvPolicy
{
    /// <summary>Name on the command line.</summary>
    public abstract string Name { get; }

    /// <summary>One line.</summary>
    public abstract string Summary { get; }

    /// <summary>What the paged store does for this policy.</summary>
    internal abstract KvRules Rules { get; }

    /// <summary>Checks the parameters against a shape.</summary>
    /// <exception cref="ArgumentException">A parameter is out of range; names it and says what was expected.</exception>
    internal virtual void Validate(KvCacheShape shape) => Rules.Validate(shape);
}
