namespace KernelSuite.Counters.Models;

/// <summary>Kinds of tokens.</summary>
internal enum FlowTokenKind
{
    End,
    Name,
    Quoted,
    LeftBrace,
    RightBrace,
    Semicolon,
    Colon,
    Comma,
    Arrow,
    Not,
    And,
}

/// <summary>A token: a stretch of the text. Of a quoted name the stretch is what stands between the quotes.</summary>
internal readonly record struct FlowToken(FlowTokenKind Kind, int Start, int Length, FlowPosition Position);
