using System.Numerics;

namespace KernelSuite.Counters.Cones;

/// <summary>
/// The distinct signatures of a model: how often each counter ticks along a path, as generators of a cone. Zero vectors are dropped, the others
/// divided by
/// their greatest common divisor, and each is kept once, in order of first appearance: the cone is the same.
/// </summary>
public sealed class SignatureSet
{
    /// <summary>Largest entry of a signature.</summary>
    public const long MostTicks = 1L << 40;

    /// <summary>Most distinct signatures.</summary>
    public const int MostSignatures = 1 << 20;

    private readonly List<long[]> vectors = [];

    /// <summary>Reduces vectors to the signatures they generate the same cone with.</summary>
    /// <param name="counters">The axes.</param>
    /// <param name="vectors">Vectors of <paramref name="counters"/>.Count entries, each 0 to <see cref="MostTicks"/>.</param>
    /// <exception cref="ArgumentException">A vector has another length or an entry out of range, or too many are left.</exception>
    public SignatureSet(CounterSet counters, IEnumerable<long[]> vectors)
    {
        ArgumentNullException.ThrowIfNull(counters);
        ArgumentNullException.ThrowIfNull(vectors);
        Counters = counters;
        var seen = new HashSet<long[]>(VectorComparer.Instance);
        foreach (long[] vector in vectors)
        {
            if (vector.Length != counters.Count)
                throw new ArgumentException($"A vector has {vector.Length} entries. Expected {counters.Count}, one a counter.", nameof(vectors));
            if (Primitive(vector) is not { } primitive || !seen.Add(primitive)) continue;
            if (this.vectors.Count == MostSignatures)
                throw new ArgumentException($"There are more than {MostSignatures} distinct signatures.", nameof(vectors));
            this.vectors.Add(primitive);
        }
    }

    /// <summary>The axes.</summary>
    public CounterSet Counters { get; }

    /// <summary>Number of distinct signatures.</summary>
    public int Count => vectors.Count;

    /// <summary>A signature, one entry a counter.</summary>
    public ReadOnlySpan<long> this[int index] => vectors[index];

    /// <summary>
    /// The signatures on the counters that are measured: the other columns are deleted, which is exactly to say nothing about them. Counters that
    /// the model
    /// does not have are left out.
    /// </summary>
    public SignatureSet Project(CounterSet measured)
    {
        CounterSet kept = Counters.Intersect(measured);
        return kept.Count == Counters.Count ? this : On(kept);
    }

    /// <summary>The signatures on some of the counters, in the order of <paramref name="axes"/>, all of which the model has.</summary>
    internal SignatureSet On(CounterSet axes)
    {
        if (axes.Equals(Counters)) return this;
        int[] places = axes.PlacesIn(Counters);
        return new SignatureSet(axes, vectors.Select(v => places.Select(p => v[p]).ToArray()));
    }

    private static long[]? Primitive(long[] vector)
    {
        long divisor = 0;
        foreach (long entry in vector)
        {
            if (entry is < 0 or > MostTicks)
                throw new ArgumentException($"A signature has the entry {entry}. Expected 0 to {MostTicks}.", nameof(vector));
            divisor = (long)BigInteger.GreatestCommonDivisor(divisor, entry);
        }

        return divisor == 0 ? null : [.. vector.Select(entry => entry / divisor)];
    }

    private sealed class VectorComparer : IEqualityComparer<long[]>
    {
        public static readonly VectorComparer Instance = new();

        public bool Equals(long[]? a, long[]? b) => a.AsSpan().SequenceEqual(b);

        public int GetHashCode(long[] vector)
        {
            var hash = default(HashCode);
            foreach (long entry in vector) hash.Add(entry);
            return hash.ToHashCode();
        }
    }
}
