namespace KernelSuite.Runtime.Cuda;

/// <summary>Splits PTX text into words (identifiers, directives, numbers), strings and single punctuation; comments are passed over.</summary>
internal ref struct PtxScanner(ReadOnlySpan<byte> text)
{
    private readonly ReadOnlySpan<byte> text = text;
    private int position;
    private int tokenStart;

    /// <summary>The next token, or false at the end of the text.</summary>
    public bool TryNext(out ReadOnlySpan<byte> token)
    {
        token = default;
        if (!SkipBlanks()) return false;
        tokenStart = position;
        byte first = text[position++];
        if (first == (byte)'"')
        {
            int end = text[position..].IndexOf((byte)'"');
            if (end < 0) throw Error("the end of a string");
            position += end + 1;
        }
        else if (IsWord(first))
        {
            while (position < text.Length && IsWord(text[position])) position++;
        }

        token = text[tokenStart..position];
        return true;
    }

    /// <summary>The next token, which has to be there.</summary>
    /// <exception cref="FormatException">The text ends.</exception>
    public ReadOnlySpan<byte> Next(string expected) => TryNext(out ReadOnlySpan<byte> token) ? token : throw Error(expected);

    /// <summary>Passes over the next token if it is <paramref name="wanted"/>.</summary>
    public bool Skip(ReadOnlySpan<byte> wanted)
    {
        int before = position;
        if (TryNext(out ReadOnlySpan<byte> token) && token.SequenceEqual(wanted)) return true;
        position = before;
        return false;
    }

    /// <summary>The error that says what should stand at the token read last.</summary>
    public readonly FormatException Error(string expected)
    {
        int line = 1 + text[..Math.Min(tokenStart, text.Length)].Count((byte)'\n');
        return new FormatException($"Line {line} of the PTX: expected {expected}.");
    }

    private static bool IsWord(byte letter) => char.IsAsciiLetterOrDigit((char)letter) || letter is (byte)'_' or (byte)'$' or (byte)'%' or (byte)'.';

    /// <summary>Moves to the next token; false at the end of the text.</summary>
    private bool SkipBlanks()
    {
        while (position < text.Length)
        {
            byte letter = text[position];
            byte next = position + 1 < text.Length ? text[position + 1] : (byte)0;
            if (letter is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r' or 0)
            {
                position++;
            }
            else if (letter == (byte)'/' && next == (byte)'/')
            {
                int end = text[position..].IndexOf((byte)'\n');
                position = end < 0 ? text.Length : position + end + 1;
            }
            else if (letter == (byte)'/' && next == (byte)'*')
            {
                tokenStart = position;
                int end = text[(position + 2)..].IndexOf("*/"u8);
                if (end < 0) throw Error("the end of a comment");
                position += end + 4;
            }
            else
            {
                return true;
            }
        }

        tokenStart = position;
        return false;
    }
}
