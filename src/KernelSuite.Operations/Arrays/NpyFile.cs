using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;

using KernelSuite.Runtime;

namespace KernelSuite.Operations;

/// <summary>
/// Reads and writes NumPy's .npy files, strictly: format versions 1.0 to 3.0, C order, little-endian float16, float32, float64 and
/// int32, one array a file. A file is outside input: all that its header claims is checked against the file's real size before
/// memory of that size is asked for.
/// </summary>
public static class NpyFile
{
    /// <summary>Longest header text that is read, in bytes. Headers of accepted arrays need about 150.</summary>
    public const int MaxHeaderBytes = 64 * 1024;

    private const int ChunkBytes = 8 << 20;
    private const int Alignment = 64;

    // numpy.save leaves room for the leading extent to grow to this many digits; doing the same makes the files equal byte for byte.
    private const int GrowthDigits = 21;

    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>Reads the array in the file at <paramref name="path"/>.</summary>
    /// <exception cref="NpyFormatException">The file is not one array that this reader accepts.</exception>
    /// <exception cref="IOException">The file cannot be opened or read.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> was signalled.</exception>
    public static HostArray Read(string path, CancellationToken cancellation = default)
    {
        using FileStream stream = Open(path);
        return Read(stream, path, cancellation);
    }

    /// <summary>Reads the array that fills <paramref name="stream"/> from its position to its end.</summary>
    /// <param name="stream">A seekable stream: its length is what the header's claims are checked against.</param>
    /// <param name="name">How errors name the stream.</param>
    /// <param name="cancellation">Ends the read between chunks.</param>
    /// <exception cref="NpyFormatException">The stream does not hold one array that this reader accepts.</exception>
    public static HostArray Read(Stream stream, string name = "stream", CancellationToken cancellation = default)
    {
        NpyHeader header = ReadHeader(stream, name);
        var array = new HostArray(header.DType, header.Shape.AsSpan());
        try
        {
            for (long offset = 0; offset < array.ByteLength;)
            {
                cancellation.ThrowIfCancellationRequested();
                Span<byte> chunk = array.ByteWindow(offset, (int)Math.Min(ChunkBytes, array.ByteLength - offset));
                int count = stream.ReadAtLeast(chunk, chunk.Length, throwOnEndOfStream: false);
                if (count < chunk.Length) throw WrongSize(name, header, offset + count);
                offset += count;
            }

            return array;
        }
        catch
        {
            array.Dispose();
            throw;
        }
    }

    /// <summary>Reads and checks the head of the file at <paramref name="path"/>, and that the file has exactly the bytes it claims.</summary>
    /// <exception cref="NpyFormatException">The file is not one array that this reader accepts.</exception>
    public static NpyHeader ReadHeader(string path)
    {
        using FileStream stream = Open(path);
        return ReadHeader(stream, path);
    }

    /// <summary>Reads and checks the head of a stream and leaves it at the first element.</summary>
    /// <exception cref="NpyFormatException">The stream does not hold one array that this reader accepts.</exception>
    public static NpyHeader ReadHeader(Stream stream, string name = "stream")
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(name);
        RequireLittleEndianHost();
        if (!stream.CanSeek)
        {
            throw new NpyFormatException(
                name, "a pipe or another stream without a length", "a regular file or a seekable stream", "Copy it to a file or a MemoryStream first.");
        }

        long start = stream.Position;
        Span<byte> head = stackalloc byte[12];
        int got = stream.ReadAtLeast(head[..10], 10, throwOnEndOfStream: false);
        if (!head[..Math.Min(got, Magic.Length)].SequenceEqual(Magic[..Math.Min(got, Magic.Length)]))
        {
            bool archive = got >= 2 && head[0] == 'P' && head[1] == 'K';
            throw new NpyFormatException(
                name, archive ? "a zip archive, as .npz files are" : "other first bytes", "the magic \\x93NUMPY",
                archive ? "Save each array as a .npy file of its own with numpy.save." : "This is not a .npy file; write one with numpy.save.");
        }

        if (got < 10) throw Cut(name, $"only {got} bytes", "at least 10 bytes of magic, version and header length");
        int version = head[6];
        if (version is < 1 or > 3 || head[7] != 0)
            throw new NpyFormatException(name, $"format version {head[6]}.{head[7]}", "1.0, 2.0 or 3.0", "Write the file again with numpy.save.");

        int prefix = 10;
        uint length = BinaryPrimitives.ReadUInt16LittleEndian(head[8..]);
        if (version > 1)
        {
            prefix = 12;
            if (stream.ReadAtLeast(head[10..], 2, throwOnEndOfStream: false) < 2)
                throw Cut(name, $"the end of the file inside the header length", "4 bytes of header length");
            length = BinaryPrimitives.ReadUInt32LittleEndian(head[8..]);
        }

        if (length > MaxHeaderBytes)
        {
            throw new NpyFormatException(
                name, $"a header of {length:N0} bytes", $"at most {MaxHeaderBytes:N0}", "The file is damaged, or holds a structured array, which is not read.");
        }

        long left = stream.Length - stream.Position;
        if (length > left) throw Cut(name, $"a header length of {length:N0} bytes with {Math.Max(left, 0):N0} bytes left in the file", "a header inside the file");

        byte[] text = new byte[length];
        int read = stream.ReadAtLeast(text, text.Length, throwOnEndOfStream: false);
        if (read < text.Length) throw Cut(name, $"{read:N0} bytes of a header of {length:N0}", "the whole header");
        (DType dtype, long[] shape, int count) = NpyHeaderParser.Parse(name, text);
        var header = new NpyHeader(version, dtype, ImmutableArray.Create(shape), count, prefix + (int)length);

        long data = stream.Length - start - header.DataOffset;
        return data == header.DataBytes ? header : throw WrongSize(name, header, data);
    }

    /// <summary>
    /// Writes the array to a temporary file beside <paramref name="path"/> and renames it into place, so that no reader ever sees a
    /// part of it; on failure or cancellation the temporary file is deleted and an older file at <paramref name="path"/> stays.
    /// </summary>
    /// <exception cref="ArgumentException">The array's dtype has no .npy name (bfloat16).</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> was signalled.</exception>
    public static void Write(string path, HostArray array, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(array);
        _ = HeaderBytes(array);
        AtomicFile.Write(path, stream => Write(stream, array, cancellation));
    }

    /// <summary>Writes the array to a stream: a version 1.0 header aligned to 64 bytes, as numpy.save does, then the elements.</summary>
    /// <exception cref="ArgumentException">The array's dtype has no .npy name (bfloat16).</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> was signalled.</exception>
    public static void Write(Stream stream, HostArray array, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(array);
        RequireLittleEndianHost();
        stream.Write(HeaderBytes(array));
        for (long offset = 0; offset < array.ByteLength; offset += ChunkBytes)
        {
            cancellation.ThrowIfCancellationRequested();
            stream.Write(array.ByteWindow(offset, (int)Math.Min(ChunkBytes, array.ByteLength - offset)));
        }

        cancellation.ThrowIfCancellationRequested();
        GC.KeepAlive(array);
    }

    private static byte[] HeaderBytes(HostArray array)
    {
        string descr = array.DType switch
        {
            DType.Float16 => "<f2",
            DType.Float32 => "<f4",
            DType.Float64 => "<f8",
            DType.Int32 => "<i4",
            DType.UInt8 => "|u1",
            _ => throw new ArgumentException(
                $"array holds {array.DType.Name()}, which NumPy's format has no name for. Expected float16, float32, float64, int32 or uint8; widen to float32 first.",
                nameof(array)),
        };
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{{'descr': '{descr}', 'fortran_order': False, 'shape': {ArrayShape.Text(array.Shape.AsSpan())}, }}");
        if (array.Rank > 0) text.Append(' ', GrowthDigits - array.Shape[0].ToString(CultureInfo.InvariantCulture).Length);
        const int Prefix = 10;
        int total = (Prefix + text.Length + 1 + Alignment - 1) / Alignment * Alignment;
        text.Append(' ', total - Prefix - text.Length - 1).Append('\n');

        byte[] header = new byte[total];
        Magic.CopyTo(header);
        header[6] = 1;
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(8), (ushort)text.Length);
        Encoding.ASCII.GetBytes(text.ToString(), header.AsSpan(Prefix));
        return header;
    }

    private static FileStream Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
    }

    private static NpyFormatException WrongSize(string name, NpyHeader header, long found) => new(
        name, $"{Math.Max(found, 0):N0} bytes of elements",
        $"exactly {header.DataBytes:N0} for {header.DType.Name()} {ArrayShape.Text(header.Shape.AsSpan())}",
        found < header.DataBytes ? "The file is cut short; write or copy it again." : "Bytes follow the array; one file holds one array, so write it again with numpy.save.");

    private static NpyFormatException Cut(string name, string found, string expected) =>
        new(name, found, expected, "The file is cut short or damaged; write or copy it again.");

    private static void RequireLittleEndianHost()
    {
        if (!BitConverter.IsLittleEndian) throw new PlatformNotSupportedException("Arrays are read and written on little-endian machines only.");
    }
}
