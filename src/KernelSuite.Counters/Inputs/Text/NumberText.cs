namespace KernelSuite.Counters.Inputs.Text;

/// <summary>Numbers with exponents, decimal commas, grouped thousands and blanks around them, and the words for a value that is missing.</summary>
internal static class NumberText
{
    private const int MostLength = 400;

    public static NumberKind Parse(ReadOnlySpan<byte> text, DecimalMark mark, out double value)
    {
        value = 0;
        text = TrimBlanks(text);
        if (IsMissing(text)) return NumberKind.Missing;
        if (text.Length > MostLength) return NumberKind.Wrong;
        if (mark != DecimalMark.Comma && text.IndexOf((byte)',') < 0 && NumberParser.TryParsePlain(text, out value)) return NonNegative(value);
        Span<byte> plain = stackalloc byte[MostLength];
        NumberKind kind = Ungroup(text, mark, plain, out int length);
        if (kind != NumberKind.Number) return kind;
        return NumberParser.TryParsePlain(plain[..length], out value) ? NonNegative(value) : NumberKind.Wrong;
    }

    /// <summary>Takes blanks off both ends, the no-break ones of UTF-8 too.</summary>
    public static ReadOnlySpan<byte> TrimBlanks(ReadOnlySpan<byte> text)
    {
        while (BlankLength(text) is > 0 and int blank) text = text[blank..];
        while (!text.IsEmpty && text[^1] is (byte)' ' or (byte)'\t') text = text[..^1];
        return text;
    }

    private static NumberKind NonNegative(double value) => value is >= 0 and <= InputLimits.MostValue ? NumberKind.Number : NumberKind.Wrong;

    private static bool IsMissing(ReadOnlySpan<byte> text) =>
        text.IsEmpty || text.SequenceEqual("-"u8) || Is(text, "nan"u8) || Is(text, "na"u8) || Is(text, "n/a"u8) || Is(text, "null"u8)
            || Is(text, "none"u8)
        || text.SequenceEqual("<not counted>"u8) || text.SequenceEqual("<not supported>"u8);

    private static bool Is(ReadOnlySpan<byte> text, ReadOnlySpan<byte> word) => System.Text.Ascii.EqualsIgnoreCase(text, word);

    /// <summary>Writes the number without its grouping marks and with a point; every group but the first has to have three digits.</summary>
    private static NumberKind Ungroup(ReadOnlySpan<byte> text, DecimalMark mark, Span<byte> plain, out int length)
    {
        length = 0;
        if (!Decide(text, mark, out byte point, out byte comma)) return NumberKind.Ambiguous;
        int group = 0;
        bool grouped = false, fraction = false;
        while (!text.IsEmpty)
        {
            int blank = BlankLength(text), skip = 1;
            byte c = text[0];
            if (blank > 0 || c == comma || c == '\'')
            {
                if (fraction || length == 0 || (grouped ? group != 3 : group > 3)) return NumberKind.Wrong;
                (grouped, group, skip) = (true, 0, Math.Max(blank, 1));
            }
            else if (c == point)
            {
                if (fraction || (grouped && group != 3)) return NumberKind.Wrong;
                (fraction, plain[length++]) = (true, (byte)'.');
            }
            else
            {
                plain[length++] = c;
                group++;
            }

            text = text[skip..];
        }

        return grouped && !fraction && group != 3 ? NumberKind.Wrong : NumberKind.Number;
    }

    /// <summary>Which of point and comma is the decimal mark; false where a lone comma before three digits can be either.</summary>
    private static bool Decide(ReadOnlySpan<byte> text, DecimalMark mark, out byte point, out byte comma)
    {
        (point, comma) = ((byte)'.', (byte)',');
        if (mark == DecimalMark.Comma) (point, comma) = (comma, point);
        if (mark != DecimalMark.Auto) return true;
        int first = text.IndexOf((byte)','), dot = text.LastIndexOf((byte)'.');
        if (first < 0)
        {
            if (dot != text.IndexOf((byte)'.')) (point, comma) = (comma, point);
            return true;
        }

        bool once = text[(first + 1)..].IndexOf((byte)',') < 0;
        if (dot >= 0)
        {
            if (dot < first) (point, comma) = (comma, point);
            return true;
        }

        if (!once) return true;
        int after = text.Length - first - 1;
        if (after == 3 && first is >= 1 and <= 3 && text[0] != '0') return false;
        (point, comma) = (comma, point);
        return true;
    }

    /// <summary>Bytes of the blank at the start: a space, U+00A0 or U+202F.</summary>
    private static int BlankLength(ReadOnlySpan<byte> text) => text switch
    {
        [(byte)' ' or (byte)'\t', ..] => 1,
        [0xC2, 0xA0, ..] => 2,
        [0xE2, 0x80, 0xAF, ..] => 3,
        _ => 0,
    };
}
