using System.Globalization;

namespace KernelSuite.Counters.Models;

/// <summary>
/// Cuts a model's text into tokens, one at a time. Words of the language are names to the lexer: which names are words depends on the place, so
/// that models may call a counter "done".
/// </summary>
/// <param name="text">The text.</param>
/// <param name="file">Its name in errors.</param>
/// <param name="lineMarks">Whether comments <c>#line n</c>, which m4 writes, set the number of the line that follows.</param>
internal sealed class FlowLexer(string text, string file, bool lineMarks)
{
    private int at = text.Length > 0 && text[0] == '\uFEFF' ? 1 : 0;
    private int lineStart = text.Length > 0 && text[0] == '\uFEFF' ? 1 : 0;
    private int line = 1;

    private FlowPosition Here => new(line, at - lineStart + 1);

    /// <summary>The next token; at the end of the text <see cref="FlowTokenKind.End"/>, again and again.</summary>
    /// <exception cref="FlowSyntaxException">No token starts with the next character, or a name is too long or not closed.</exception>
    public FlowToken Next()
    {
        SkipBlanks();
        FlowPosition position = Here;
        if (at == text.Length) return new FlowToken(FlowTokenKind.End, at, 0, position);
        char c = text[at];
        if (IsNameCharacter(c)) return Name(position);
        if (c == '"') return Quoted(position);
        if (c == '=' && at + 1 < text.Length && text[at + 1] == '>') return Take(FlowTokenKind.Arrow, 2, position);
        return c switch
        {
            '{' => Take(FlowTokenKind.LeftBrace, 1, position),
            '}' => Take(FlowTokenKind.RightBrace, 1, position),
            ';' => Take(FlowTokenKind.Semicolon, 1, position),
            ':' => Take(FlowTokenKind.Colon, 1, position),
            ',' => Take(FlowTokenKind.Comma, 1, position),
            '!' => Take(FlowTokenKind.Not, 1, position),
            '&' => Take(FlowTokenKind.And, 1, position),
            '=' => throw new FlowSyntaxException(file, position, "'='", "'=>' between a value and its statements"),
            _ => throw new FlowSyntaxException(file, position, Show(c), "a name or one of { } ; : , ! & =>",
                "Names with other characters stand in double quotes."),
        };
    }

    /// <summary>Whether a character may stand in a name without quotes: ASCII letters and digits, and _ . - of event names.</summary>
    public static bool IsNameCharacter(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-';

    /// <summary>A character as errors show it.</summary>
    private static string Show(char c) =>
        char.IsControl(c) || char.IsSurrogate(c) || char.IsWhiteSpace(c)
            ? string.Create(CultureInfo.InvariantCulture, $"the character U+{(int)c:X4}") : $"'{c}'";

    private FlowToken Take(FlowTokenKind kind, int length, FlowPosition position)
    {
        at += length;
        return new FlowToken(kind, at - length, length, position);
    }

    private FlowToken Name(FlowPosition position)
    {
        int start = at;
        while (at < text.Length && IsNameCharacter(text[at])) at++;
        CheckLength(at - start, position);
        return new FlowToken(FlowTokenKind.Name, start, at - start, position);
    }

    private FlowToken Quoted(FlowPosition position)
    {
        int start = ++at;
        while (at < text.Length && text[at] != '"' && !char.IsControl(text[at])) at++;
        if (at == text.Length || text[at] != '"')
        {
            string found = at == text.Length ? "the end of the text" : Show(text[at]);
            throw new FlowSyntaxException(file, Here, found, $"the '\"' that closes the name begun at {position}");
        }

        if (at == start) throw new FlowSyntaxException(file, position, "\"\"", "a name between the quotes");
        if (text.AsSpan(start, at - start).IsWhiteSpace())
            throw new FlowSyntaxException(file, position, "a name of blanks", "a name between the quotes");
        CheckLength(at - start, position);
        return new FlowToken(FlowTokenKind.Quoted, start, at++ - start, position);
    }

    private void CheckLength(int length, FlowPosition position)
    {
        if (length > FlowLimits.MostNameLength)
            throw new FlowSyntaxException(file, position, $"a name of {length} characters", $"a name of at most {FlowLimits.MostNameLength}");
    }

    private void SkipBlanks()
    {
        for (; at < text.Length; at++)
        {
            char c = text[at];
            if (c is '\n' || (c == '\r' && !(at + 1 < text.Length && text[at + 1] == '\n'))) EndLine();
            else if (c == '#') SkipComment();
            else if (c is not (' ' or '\t' or '\r' or '\f' or '\v')) return;
        }
    }

    private void EndLine()
    {
        line++;
        lineStart = at + 1;
    }

    /// <summary>Leaves <see cref="at"/> on the last character of the comment: the caller steps over it.</summary>
    private void SkipComment()
    {
        int start = at;
        while (at + 1 < text.Length && text[at + 1] is not ('\n' or '\r')) at++;
        if (!lineMarks || start != lineStart) return;
        ReadOnlySpan<char> comment = text.AsSpan(start, at + 1 - start);
        if (!comment.StartsWith("#line ", StringComparison.Ordinal)) return;
        ReadOnlySpan<char> number = comment[6..];
        int length = number.IndexOf(' ');
        if (length >= 0) number = number[..length];
        // The mark names the number of the line after it; the line's end adds one.
        if (int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int next) && next > 0) line = next - 1;
    }
}
