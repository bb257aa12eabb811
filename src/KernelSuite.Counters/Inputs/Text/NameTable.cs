namespace KernelSuite.Counters.Inputs.Text;

/// <summary>
/// Numbers names in order of appearance. Files repeat names in one order, so the name that followed last time is tried before the hash table.
/// </summary>
internal sealed class NameTable
{
    private readonly List<byte[]> names = [];
    private readonly Dictionary<byte[], int>.AlternateLookup<ReadOnlySpan<byte>> places =
        new Dictionary<byte[], int>(Utf8Comparer.Instance).GetAlternateLookup<ReadOnlySpan<byte>>();

    /// <summary>At 0 what the first name was, at i + 1 what last followed name i.</summary>
    private readonly List<int> followers = [0];
    private int last = -1;

    public int Count => names.Count;

    public ReadOnlySpan<byte> this[int index] => names[index];

    /// <summary>The number of a name; -1 where it is new.</summary>
    public int Find(ReadOnlySpan<byte> name)
    {
        int guess = followers[last + 1];
        if ((uint)guess >= (uint)names.Count || !name.SequenceEqual(names[guess]))
        {
            if (!places.TryGetValue(name, out guess)) return -1;
            followers[last + 1] = guess;
        }

        return last = guess;
    }

    /// <summary>Adds a name that <see cref="Find"/> does not know.</summary>
    public int Add(ReadOnlySpan<byte> name)
    {
        int place = names.Count;
        byte[] copy = name.ToArray();
        names.Add(copy);
        places.Dictionary.Add(copy, place);
        followers.Add(place + 1);
        followers[last + 1] = place;
        return last = place;
    }
}
