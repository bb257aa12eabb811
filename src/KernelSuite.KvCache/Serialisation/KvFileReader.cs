using System.Buffers.Binary;
using System.Security.Cryptography;

namespace KernelSuite.KvCache;

/// <summary>Reads a saved cache. Every value is checked against bounds that the caller gives; a file that ends early, or was changed, is an error.</summary>
internal sealed class KvFileReader(Stream source) : IDisposable
{
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public void Read(Span<byte> bytes, string what)
    {
        try
        {
            source.ReadExactly(bytes);
        }
        catch (EndOfStreamException end)
        {
            throw new KvCacheFormatException($"The saved cache ends inside its {what}: {bytes.Length} bytes were expected there.", end);
        }

        hash.AppendData(bytes);
    }

    public int ReadInt32(string what, int from, int to)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        Read(bytes, what);
        int value = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        return value >= from && value <= to ? value : throw new KvCacheFormatException($"The saved cache gives {value} as its {what}. Expected {from} to {to}.");
    }

    public long ReadInt64(string what, long from, long to)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        Read(bytes, what);
        long value = BinaryPrimitives.ReadInt64LittleEndian(bytes);
        return value >= from && value <= to ? value : throw new KvCacheFormatException($"The saved cache gives {value} as its {what}. Expected {from} to {to}.");
    }

    public double ReadDouble(string what) => BitConverter.Int64BitsToDouble(ReadInt64(what, long.MinValue, long.MaxValue));

    public string ReadText(string what, int most)
    {
        var bytes = new byte[ReadInt32($"length of the {what}", 0, most)];
        Read(bytes, what);
        return System.Text.Encoding.UTF8.GetString(bytes);
    }

    /// <summary>Checks the hash that follows.</summary>
    public void Finish()
    {
        byte[] expected = hash.GetHashAndReset();
        var found = new byte[expected.Length];
        try
        {
            source.ReadExactly(found);
        }
        catch (EndOfStreamException end)
        {
            throw new KvCacheFormatException("The saved cache ends before its checksum.", end);
        }

        if (!expected.AsSpan().SequenceEqual(found)) throw new KvCacheFormatException("The saved cache's checksum does not fit its contents: it was changed or damaged.");
    }

    public void Dispose() => hash.Dispose();
}
