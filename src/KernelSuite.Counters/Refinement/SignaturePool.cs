using System.Diagnostics.CodeAnalysis;
using KernelSuite.Counters.Cones;

namespace KernelSuite.Counters.Refinement;

/// <summary>Numbers the distinct signatures of all sets, so that what is known of one is known wherever it comes again.</summary>
internal sealed class SignaturePool(CounterSet counters)
{
    private readonly Dictionary<long[], int> places = new(new ByEntries());
    private readonly List<long[]> vectors = [];

    public CounterSet Counters => counters;

    public long[] this[int id] => vectors[id];

    /// <summary>The numbers of signatures on <see cref="Counters"/>, ascending.</summary>
    public int[] Add(SignatureSet signatures)
    {
        var ids = new int[signatures.Count];
        for (int i = 0; i < ids.Length; i++)
        {
            long[] vector = signatures[i].ToArray();
            if (!places.TryGetValue(vector, out ids[i]))
            {
                places[vector] = ids[i] = vectors.Count;
                vectors.Add(vector);
            }
        }

        Array.Sort(ids);
        return ids;
    }

    public SignatureSet Set(int[] ids) => new(counters, ids.Select(id => vectors[id]));

    private sealed class ByEntries : IEqualityComparer<long[]>
    {
        public bool Equals(long[]? a, long[]? b) => a.AsSpan().SequenceEqual(b);

        public int GetHashCode([DisallowNull] long[] vector)
        {
            var hash = default(HashCode);
            foreach (long entry in vector) hash.Add(entry);
            return hash.ToHashCode();
        }
    }
}
