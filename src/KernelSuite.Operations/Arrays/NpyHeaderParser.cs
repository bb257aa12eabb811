using System.Globalization;
using System.Text;

using KernelSuite.Runtime;

namespace KernelSuite.Operations;

/// <summary>
/// Parses the Python dictionary literal in a .npy header. Only what the format defines is accepted: the three keys 'descr',
/// 'fortran_order' and 'shape', once each, in any order. The text comes from outside and is never evaluated.
/// </summary>
internal ref struct NpyHeaderParser
{
    private const string Dictionary = "a dictionary literal with 'descr', 'fortran_order' and 'shape'";
    private const string Rewrite = "The header is damaged or not NumPy's; write the file again with numpy.save.";

    private readonly string file;
    private readonly ReadOnlySpan<byte> header;
    private int at;

    private NpyHeaderParser(string path, ReadOnlySpan<byte> text)
    {
        file = path;
        header = text;
    }

    /// <summary>Parses header text, the part between the length field and the first element.</summary>
    /// <exception cref="NpyFormatException">Anything but a header that this reader accepts.</exception>
    public static (DType DType, long[] Shape, int Length) Parse(string path, ReadOnlySpan<byte> text)
    {
        int bad = text.IndexOfAnyExceptInRange((byte)0, (byte)127);
        if (bad >= 0)
        {
            throw new NpyFormatException(
                path, $"the non-ASCII byte 0x{text[bad]:X2} at {bad} of the header", "ASCII",
                "Structured arrays with such field names are not read; save each field as an array of its own.");
        }

        return new NpyHeaderParser(path, text).ParseDictionary();
    }

    private (DType DType, long[] Shape, int Length) ParseDictionary()
    {
        DType? dtype = null;
        bool sawOrder = false;
        long[]? shape = null;

        SkipSpace();
        if (!TryTake('{')) throw Unexpected(Dictionary);
        while (true)
        {
            SkipSpace();
            if (TryTake('}')) break;
            string key = TakeString("a key in quotes or '}'");
            SkipSpace();
            if (!TryTake(':')) throw Unexpected($"':' after the key '{key}'");
            SkipSpace();
            bool repeated = key switch
            {
                "descr" => dtype is not null,
                "fortran_order" => sawOrder,
                "shape" => shape is not null,
                _ => throw new NpyFormatException(file, $"the unknown key '{key}'", "only 'descr', 'fortran_order' and 'shape'", Rewrite),
            };
            if (repeated) throw new NpyFormatException(file, $"the key '{key}' twice", "each key once", Rewrite);
            switch (key)
            {
                case "descr":
                    dtype = ParseDType();
                    break;
                case "fortran_order":
                    ParseOrder();
                    sawOrder = true;
                    break;
                default:
                    shape = ParseShape();
                    break;
            }

            SkipSpace();
            if (TryTake(',')) continue;
            SkipSpace();
            if (TryTake('}')) break;
            throw Unexpected($"',' or '}}' after the value of '{key}'");
        }

        SkipSpace();
        if (at < header.Length) throw Unexpected("only spaces and a newline after the dictionary");
        if (dtype is null) throw Missing("descr");
        if (!sawOrder) throw Missing("fortran_order");
        if (shape is null) throw Missing("shape");
        if (!ArrayShape.TryCount(shape, out int length, out string problem))
        {
            throw new NpyFormatException(
                file, problem, $"at most {ArrayShape.MaxRank} extents and {int.MaxValue:N0} elements", "Split the array, or write the file again if it is damaged.");
        }

        return (dtype.Value, shape, length);
    }

    private DType ParseDType()
    {
        const string Accepted = "'<f2', '<f4', '<f8', '<i4' or '|u1'";
        if (Peek() is '[' or '(' or '{')
        {
            throw new NpyFormatException(
                file, "a structured dtype", Accepted, "Save each field as an array of its own: numpy.save(path, a['field']).");
        }

        string descr = TakeString($"the dtype, {Accepted}");
        return descr switch
        {
            "<f2" => DType.Float16,
            "<f4" => DType.Float32,
            "<f8" => DType.Float64,
            "<i4" => DType.Int32,
            "|u1" or "u1" => DType.UInt8,
            ">f2" or ">f4" or ">f8" or ">i4" => throw new NpyFormatException(
                file, $"big-endian elements ('{descr}')", Accepted, $"Convert before saving: a.astype('<{descr[1..]}')."),
            "|f2" or "|f4" or "|f8" or "|i4" or "=f2" or "=f4" or "=f8" or "=i4" or "f2" or "f4" or "f8" or "i4" => throw new NpyFormatException(
                file, $"the dtype '{descr}', which does not name its byte order", Accepted,
                $"Name it before saving: a.astype('<{descr[^2..]}')."),
            "O" or "|O" or "|O8" or "|O4" or "<O8" or "<O4" => throw new NpyFormatException(
                file, $"Python objects ('{descr}'), which can only be unpickled", Accepted, "Convert before saving: a.astype('<f4')."),
            _ => throw new NpyFormatException(file, $"the dtype '{descr}'", Accepted, "Convert before saving, for example a.astype('<f4')."),
        };
    }

    private void ParseOrder()
    {
        if (TryTakeWord("False")) return;
        if (TryTakeWord("True"))
        {
            throw new NpyFormatException(
                file, "Fortran (column-major) order", "C order", "Convert before saving: numpy.ascontiguousarray(a).");
        }

        throw Unexpected("True or False for 'fortran_order'");
    }

    private long[] ParseShape()
    {
        if (!TryTake('(')) throw Unexpected("a tuple such as (2, 3) or (3,) for 'shape'");
        Span<long> extents = stackalloc long[ArrayShape.MaxRank];
        int rank = 0;
        bool comma = false;
        while (true)
        {
            SkipSpace();
            if (TryTake(')')) break;
            if (rank > 0 && !comma) throw Unexpected("',' or ')' in 'shape'");
            if (rank == ArrayShape.MaxRank)
            {
                throw new NpyFormatException(
                    file, $"more than {ArrayShape.MaxRank} axes", $"at most {ArrayShape.MaxRank}", "Reshape before saving: a.reshape(...).");
            }

            extents[rank++] = TakeExtent();
            SkipSpace();
            comma = TryTake(',');
        }

        // Python reads (3) as the number 3; only (3,) is a tuple.
        if (rank == 1 && !comma) throw new NpyFormatException(file, $"the number ({extents[0]}) as 'shape'", $"the tuple ({extents[0]},)", Rewrite);
        return extents[..rank].ToArray();
    }

    private long TakeExtent()
    {
        int start = at;
        if (Peek() == '-') at++;
        int digits = at;
        while (Peek() is >= '0' and <= '9') at++;
        if (at == digits)
        {
            at = start;
            throw Unexpected("a non-negative whole number in 'shape'");
        }

        string text = Encoding.ASCII.GetString(header[start..at]);
        if (start != digits) throw Extent(text, "negative");
        if (Peek() == 'L') throw Extent(text + "L", "with Python 2's suffix");
        if (text.Length > 1 && text[0] == '0') throw Extent(text, "with a leading zero");
        if (text.Length > 18) throw Extent(text, "beyond any memory");
        return long.Parse(text, CultureInfo.InvariantCulture);
    }

    private readonly NpyFormatException Extent(string text, string what) =>
        new(file, $"the extent {Shorten(text)} in 'shape', {what}", $"plain whole numbers from 0 to {int.MaxValue}", Rewrite);

    private string TakeString(string expected)
    {
        int quote = Peek();
        if (quote is not ('\'' or '"')) throw Unexpected(expected);
        int length = header[(at + 1)..].IndexOf((byte)quote);
        if (length < 0) throw new NpyFormatException(file, $"a string without its closing quote at {at} of the header", expected, Rewrite);
        ReadOnlySpan<byte> text = header.Slice(at + 1, length);
        if (text.ContainsAnyExceptInRange((byte)' ', (byte)'~') || text.Contains((byte)'\\'))
            throw new NpyFormatException(file, $"a string with escapes or control characters at {at} of the header", "plain text in quotes", Rewrite);
        at += length + 2;
        return Shorten(Encoding.ASCII.GetString(text));
    }

    private bool TryTakeWord(string word)
    {
        if (header.Length - at < word.Length) return false;
        for (int i = 0; i < word.Length; i++)
        {
            if (header[at + i] != word[i]) return false;
        }

        at += word.Length;
        return true;
    }

    private bool TryTake(char c)
    {
        if (Peek() != c) return false;
        at++;
        return true;
    }

    private void SkipSpace()
    {
        while (Peek() is ' ' or '\n' or '\r' or '\t') at++;
    }

    private readonly int Peek() => at < header.Length ? header[at] : -1;

    private readonly NpyFormatException Missing(string key) => new(file, $"no key '{key}'", Dictionary, Rewrite);

    private readonly NpyFormatException Unexpected(string expected)
    {
        string found = Peek() switch
        {
            -1 => "the end of the header",
            >= ' ' and <= '~' and int c => $"'{(char)c}'",
            int c => $"the byte 0x{c:X2}",
        };
        return new NpyFormatException(file, $"{found} at {at} of the header", expected, Rewrite);
    }

    // A damaged header may hold one string of many kilobytes; a message should not.
    private static string Shorten(string text) => text.Length <= 64 ? text : text[..64] + "...";
}
