namespace KernelSuite.Counters.Inputs.Text;

/// <summary>Lines of a UTF-8 stream, one at a time in a buffer that is as long as the longest of them.</summary>
internal sealed class LineReader(Stream stream, string name)
{
    // 64 KiB to 1 MiB read equally fast; one fills L2 and no more.
    private const int InitialBytes = 256 << 10;

    private byte[] buffer = new byte[InitialBytes];
    private int start;
    private int filled;
    private int lineStart;
    private int lineLength;
    private bool ended;

    /// <summary>Number of the current line, from 1.</summary>
    public long Number { get; private set; }

    /// <summary>Whether the current line is ended by a line feed; the file's last one may lack it.</summary>
    public bool IsTerminated { get; private set; } = true;

    public string Name => name;

    /// <summary>The current line without its end.</summary>
    public ReadOnlySpan<byte> Line => buffer.AsSpan(lineStart, lineLength);

    /// <summary>The first bytes that were not read as lines yet.</summary>
    public ReadOnlySpan<byte> Peek(int most)
    {
        while (!ended && filled - start < most) Fill();
        return buffer.AsSpan(start, Math.Min(most, filled - start));
    }

    /// <summary>Steps to the next line.</summary>
    /// <returns>False at the end.</returns>
    /// <exception cref="CounterFormatException">The line is too long.</exception>
    public bool Next()
    {
        int searched = 0;
        while (true)
        {
            int end = buffer.AsSpan(start + searched, filled - start - searched).IndexOf((byte)'\n');
            if (end >= 0) return Take(searched + end, 1);
            searched = filled - start;
            if (searched > InputLimits.MostLineBytes) throw TooLong();
            if (ended) return searched > 0 && Take(searched, 0);
            Fill();
        }
    }

    private bool Take(int length, int ending)
    {
        Number++;
        if (length > InputLimits.MostLineBytes)
        {
            Number--;
            throw TooLong();
        }

        lineStart = start;
        start += length + ending;
        IsTerminated = ending > 0;
        lineLength = length > 0 && buffer[lineStart + length - 1] == '\r' ? length - 1 : length;
        return true;
    }

    private void Fill()
    {
        if (start > 0)
        {
            buffer.AsSpan(start, filled - start).CopyTo(buffer);
            filled -= start;
            start = 0;
            lineStart = lineLength = 0;
        }

        if (filled == buffer.Length) Array.Resize(ref buffer, buffer.Length * 2);
        int read = stream.Read(buffer, filled, buffer.Length - filled);
        ended = read == 0;
        filled += read;
    }

    private CounterFormatException TooLong() => new(
        name, Number + 1, 0, $"the line is longer than {InputLimits.MostLineBytes:N0} bytes", $"at most {InputLimits.MostLineBytes:N0}",
        "Check that it is a text of one of the formats and that its lines end with a line feed.");
}
