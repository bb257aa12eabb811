using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace KernelSuite.Counters;

/// <summary>Distinct counter names in a fixed order: the axes of a cone, of a region, of a sample. Names are compared by their characters.</summary>
public sealed class CounterSet : IReadOnlyList<string>, IEquatable<CounterSet>
{
    /// <summary>Most counters of a set. Cones are dense in them.</summary>
    public const int MostCounters = 4096;

    private readonly string[] names;
    private readonly Dictionary<string, int> places;
    private readonly int hash;

    /// <summary>Takes names in their order.</summary>
    /// <exception cref="ArgumentException">A name is empty or comes twice, or there are more than <see cref="MostCounters"/>.</exception>
    public CounterSet(IEnumerable<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        this.names = [.. names];
        if (this.names.Length > MostCounters)
            throw new ArgumentException($"There are {this.names.Length} counters. Expected at most {MostCounters}.", nameof(names));
        places = new Dictionary<string, int>(this.names.Length, StringComparer.Ordinal);
        for (int i = 0; i < this.names.Length; i++)
        {
            if (string.IsNullOrWhiteSpace(this.names[i]))
                throw new ArgumentException($"Counter {i} has no name. Expected a name for each.", nameof(names));
            if (!places.TryAdd(this.names[i], i))
                throw new ArgumentException($"The counter '{this.names[i]}' comes twice. Expected distinct names.", nameof(names));
        }

        // Sets are keys of what is made once for all observations of the same counters.
        var code = default(HashCode);
        foreach (string name in this.names) code.Add(name, StringComparer.Ordinal);
        hash = code.ToHashCode();
    }

    /// <inheritdoc/>
    public int Count => names.Length;

    /// <inheritdoc/>
    public string this[int index] => names[index];

    /// <summary>The place of a counter; -1 where it is not in the set.</summary>
    public int IndexOf(string name) => places.GetValueOrDefault(name, -1);

    /// <summary>Whether a counter is in the set.</summary>
    public bool Contains(string name) => places.ContainsKey(name);

    /// <summary>The counters that are in both sets, in this one's order.</summary>
    public CounterSet Intersect(CounterSet other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new CounterSet(names.Where(other.Contains));
    }

    /// <summary>For each counter of this set its place in another; -1 where that lacks it.</summary>
    public int[] PlacesIn(CounterSet other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return [.. names.Select(other.IndexOf)];
    }

    /// <summary>Same names in the same order.</summary>
    public bool Equals([NotNullWhen(true)] CounterSet? other) =>
        ReferenceEquals(this, other) || (other is not null && hash == other.hash && names.AsSpan().SequenceEqual(other.names));

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => Equals(obj as CounterSet);

    /// <inheritdoc/>
    public override int GetHashCode() => hash;

    /// <inheritdoc/>
    public IEnumerator<string> GetEnumerator() => ((IEnumerable<string>)names).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
