using System.Text;

namespace KernelSuite.Counters.Inputs.Text;

/// <summary>Opens text of either Unicode encoding as UTF-8 without a byte order mark.</summary>
internal static class InputText
{
    /// <summary>Looks at the first bytes, and transcodes UTF-16 on the way. The stream that comes back starts at the first character.</summary>
    /// <exception cref="CounterFormatException">The bytes are no text.</exception>
    public static Stream Open(Stream stream, string name)
    {
        byte[] head = new byte[4];
        int length = stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        ReadOnlySpan<byte> start = head.AsSpan(0, length);
        if (start is [0xEF, 0xBB, 0xBF, ..]) return new PrefixedStream(start[3..], stream);
        if (start is [0xFF, 0xFE, ..]) return Transcode(new PrefixedStream(start[2..], stream), Encoding.Unicode);
        if (start is [0xFE, 0xFF, ..]) return Transcode(new PrefixedStream(start[2..], stream), Encoding.BigEndianUnicode);

        // Without a mark: the text of every format begins with two ASCII characters.
        if (start is [not 0, 0, not 0, 0]) return Transcode(new PrefixedStream(start, stream), Encoding.Unicode);
        if (start is [0, not 0, 0, not 0]) return Transcode(new PrefixedStream(start, stream), Encoding.BigEndianUnicode);
        if (start is [0x1F, 0x8B, ..])
            throw new CounterFormatException(name, 0, 0, "the file is compressed with gzip", "text",
                "Decompress it first, for example with 'gzip -dk'.");
        if (start.Contains((byte)0)) throw new CounterFormatException(name, 0, 0, "the file begins with binary data", "text",
            "For perf.data, run 'perf stat report' first.");
        return new PrefixedStream(start, stream);
    }

    private static Stream Transcode(Stream stream, Encoding from) => Encoding.CreateTranscodingStream(stream, from, Encoding.UTF8);
}
