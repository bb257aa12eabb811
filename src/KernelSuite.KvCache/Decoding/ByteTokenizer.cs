using System.Text;

namespace KernelSuite.KvCache.Decoding;

/// <summary>The tokenizer of byte-level models: a token is a byte of UTF-8.</summary>
public static class ByteTokenizer
{
    /// <summary>The bytes of a text as tokens.</summary>
    public static int[] Encode(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Encode(Encoding.UTF8.GetBytes(text));
    }

    /// <summary>Bytes as tokens.</summary>
    public static int[] Encode(ReadOnlySpan<byte> bytes)
    {
        int[] tokens = new int[bytes.Length];
        for (int i = 0; i < tokens.Length; i++) tokens[i] = bytes[i];
        return tokens;
    }

    /// <summary>The text of tokens; bytes that are not UTF-8 become U+FFFD.</summary>
    /// <exception cref="ArgumentException">A token is not a byte.</exception>
    public static string Decode(ReadOnlySpan<int> tokens)
    {
        byte[] bytes = new byte[tokens.Length];
        for (int i = 0; i < bytes.Length; i++)
            bytes[i] = (uint)tokens[i] <= 255 ? (byte)tokens[i] : throw new ArgumentException($"Token {tokens[i]} is not a byte. Expected 0 to 255.", nameof(tokens));
        return Encoding.UTF8.GetString(bytes);
    }
}
