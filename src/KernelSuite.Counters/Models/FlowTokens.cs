namespace KernelSuite.Counters.Models;

/// <summary>The tokens of a text with two of look-ahead, and the errors of a parser that expects one of them.</summary>
internal sealed class FlowTokens
{
    private readonly string text;
    private readonly string file;
    private readonly FlowLexer lexer;
    private readonly Dictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> names;
    private FlowToken second;
    private FlowToken third;

    public FlowTokens(string text, string file, bool lineMarks)
    {
        this.text = text;
        this.file = file;
        lexer = new FlowLexer(text, file, lineMarks);
        names = new Dictionary<string, string>(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
        Current = lexer.Next();
        second = lexer.Next();
        third = lexer.Next();
    }

    /// <summary>The token to read.</summary>
    public FlowToken Current { get; private set; }

    /// <summary>The kind of the token after it.</summary>
    public FlowTokenKind SecondKind => second.Kind;

    /// <summary>The kind of the token after that.</summary>
    public FlowTokenKind ThirdKind => third.Kind;

    /// <summary>Steps over the token and returns it.</summary>
    public FlowToken Advance()
    {
        FlowToken taken = Current;
        (Current, second, third) = (second, third, lexer.Next());
        return taken;
    }

    /// <summary>Whether the token is a name, quoted or not.</summary>
    public static bool IsName(FlowTokenKind kind) => kind is FlowTokenKind.Name or FlowTokenKind.Quoted;

    /// <summary>Whether the token is a word of the language. A quoted name never is.</summary>
    public bool Is(string word) => IsWord(Current, word);

    /// <summary>Whether the token after it is a word of the language.</summary>
    public bool SecondIs(string word) => IsWord(second, word);

    /// <summary>Steps over a token of a kind if it is next.</summary>
    public bool Skip(FlowTokenKind kind)
    {
        if (Current.Kind != kind) return false;
        Advance();
        return true;
    }

    /// <summary>Steps over a token of a kind, which must be next.</summary>
    public void Expect(FlowTokenKind kind, string expected)
    {
        if (!Skip(kind)) throw Error(expected);
    }

    /// <summary>Reads a name. Equal names are one string.</summary>
    public FlowName Name(string expected)
    {
        if (!IsName(Current.Kind)) throw Error(expected);
        FlowToken token = Advance();
        ReadOnlySpan<char> span = text.AsSpan(token.Start, token.Length);
        if (!names.TryGetValue(span, out string? name)) names[span] = name = span.ToString();
        return new FlowName(name, token.Position);
    }

    /// <summary>The error that the next token is not what was expected.</summary>
    public FlowSyntaxException Error(string expected, string nextStep = "") => new(file, Current.Position, Found(Current), expected, nextStep);

    /// <summary>The error at a place that something is not what was expected.</summary>
    public FlowSyntaxException ErrorAt(FlowPosition position, string found, string expected, string nextStep = "") =>
        new(file, position, found, expected, nextStep);

    private bool IsWord(FlowToken token, string word) =>
        token.Kind == FlowTokenKind.Name && text.AsSpan(token.Start, token.Length).SequenceEqual(word);

    private string Found(FlowToken token) => token.Kind switch
    {
        FlowTokenKind.End => "the end of the text",
        FlowTokenKind.Quoted => $"the name \"{text.AsSpan(token.Start, token.Length)}\"",
        _ => $"'{text.AsSpan(token.Start, token.Length)}'",
    };
}
