namespace KernelSuite.Counters.Inputs.Dialects;

/// <summary>Joins fields to the key of an observation or a sample, in one buffer that is used again.</summary>
internal sealed class KeyWriter
{
    private const byte Mark = 0x1F;

    private byte[] bytes = new byte[256];
    private int length;

    public ReadOnlySpan<byte> Key => bytes.AsSpan(0, length);

    public void Clear() => length = 0;

    public void Add(ReadOnlySpan<byte> field)
    {
        if (length + field.Length + 1 > bytes.Length) Array.Resize(ref bytes, 2 * (length + field.Length + 1));
        field.CopyTo(bytes.AsSpan(length));
        length += field.Length;
        bytes[length++] = Mark;
    }

    /// <summary>Exchanges what two writers hold.</summary>
    public static void Swap(KeyWriter a, KeyWriter b) => (a.bytes, a.length, b.bytes, b.length) = (b.bytes, b.length, a.bytes, a.length);
}
