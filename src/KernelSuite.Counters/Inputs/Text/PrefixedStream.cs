namespace KernelSuite.Counters.Inputs.Text;

/// <summary>Gives bytes that were read ahead once more, then what follows them. Leaves the stream beneath open.</summary>
internal sealed class PrefixedStream(ReadOnlySpan<byte> prefix, Stream rest) : Stream
{
    private readonly byte[] prefix = prefix.ToArray();
    private int given;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        if (given == prefix.Length) return rest.Read(buffer);
        int count = Math.Min(buffer.Length, prefix.Length - given);
        prefix.AsSpan(given, count).CopyTo(buffer);
        given += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
