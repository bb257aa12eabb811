namespace KernelSuite.Counters.Models;

/// <summary>Distinct count vectors in order of first appearance. A vector that is known already costs no memory.</summary>
internal sealed class CountVectors(int counters)
{
    private readonly HashSet<long[]> seen = new(Comparer.Instance);
    private readonly List<long[]> all = [];

    public int Count => all.Count;

    public long Entries => (long)all.Count * counters;

    public IReadOnlyList<long[]> All => all;

    /// <summary>Adds a vector; false where it is known.</summary>
    public bool Add(ReadOnlySpan<long> vector)
    {
        HashSet<long[]>.AlternateLookup<ReadOnlySpan<long>> lookup = seen.GetAlternateLookup<ReadOnlySpan<long>>();
        if (lookup.Contains(vector)) return false;
        long[] kept = vector.ToArray();
        seen.Add(kept);
        all.Add(kept);
        return true;
    }

    private sealed class Comparer : IEqualityComparer<long[]>, IAlternateEqualityComparer<ReadOnlySpan<long>, long[]>
    {
        public static readonly Comparer Instance = new();

        public bool Equals(long[]? x, long[]? y) => x.AsSpan().SequenceEqual(y);

        public bool Equals(ReadOnlySpan<long> alternate, long[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(long[] obj) => GetHashCode(obj.AsSpan());

        public int GetHashCode(ReadOnlySpan<long> alternate)
        {
            var hash = default(HashCode);
            hash.AddBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(alternate));
            return hash.ToHashCode();
        }

        public long[] Create(ReadOnlySpan<long> alternate) => alternate.ToArray();
    }
}
