using System.Buffers.Text;
using System.Runtime.CompilerServices;

namespace KernelSuite.Counters.Inputs.Text;

/// <summary>What a field of a number turned out to be.</summary>
internal enum NumberKind
{
    Number,
    Missing,
    Ambiguous,
    Wrong,
}

/// <summary>
/// Non-negative numbers in UTF-8, correctly rounded. Plain ones take one pass over their digits: up to 15 digits fit a double, and a quotient of
/// two exact doubles is rounded once (Clinger 1990). Everything else goes through <see cref="NumberText"/>.
/// </summary>
internal static class NumberParser
{
    private static readonly double[] PowersOfTen = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

    /// <summary>Reads a field. Blanks around it are allowed; empty ones and words for "no value" are missing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static NumberKind Parse(ReadOnlySpan<byte> text, DecimalMark mark, out double value)
    {
        ulong digits = 0;
        int i = 0;
        for (; i < text.Length; i++)
        {
            uint digit = (uint)text[i] - '0';
            if (digit > 9) break;
            digits = digits * 10 + digit;
        }

        value = digits;
        return i == text.Length && (uint)(i - 1) < 15 ? NumberKind.Number : Continue(text, i, digits, mark, out value);
    }

    private static NumberKind Continue(ReadOnlySpan<byte> text, int whole, ulong digits, DecimalMark mark, out double value)
    {
        if (whole is > 0 and < 15 && text.Length <= 16 && text[whole] == '.' && mark != DecimalMark.Comma)
        {
            for (int i = whole + 1; ; i++)
            {
                if (i == text.Length)
                {
                    value = digits / PowersOfTen[i - whole - 1];
                    return NumberKind.Number;
                }

                uint digit = (uint)text[i] - '0';
                if (digit > 9) break;
                digits = digits * 10 + digit;
            }
        }

        return NumberText.Parse(text, mark, out value);
    }

    /// <summary>Whether a text is a whole number in digits alone.</summary>
    public static bool IsDigits(ReadOnlySpan<byte> text) => !text.IsEmpty && text.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0;

    /// <summary>Reads a number as programs print them, with a point and perhaps a sign or an exponent.</summary>
    public static bool TryParsePlain(ReadOnlySpan<byte> text, out double value) =>
        Utf8Parser.TryParse(text, out value, out int used) && used == text.Length && double.IsFinite(value);
}
