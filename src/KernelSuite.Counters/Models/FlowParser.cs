namespace KernelSuite.Counters.Models;

/// <summary>
/// Recursive-descent parser of the model language; docs/counters/language.md has the grammar. The depth of its recursion is bounded by
/// <see cref="FlowLimits.MostNesting"/>.
/// </summary>
internal sealed partial class FlowParser
{
    private const string SectionExpected = "ACTIONS, COUNTER_GROUPS, FLOW or feature";

    private readonly FlowTokens tokens;
    private readonly FlowSyntax syntax = new();
    private readonly FlowFeatureTable features;
    private int statements;
    private int declarations;

    private FlowParser(string text, string file, bool lineMarks)
    {
        tokens = new FlowTokens(text, file, lineMarks);
        features = new FlowFeatureTable(syntax, tokens);
    }

    /// <summary>Parses a text.</summary>
    /// <exception cref="FlowSyntaxException">The text is not in the language or larger than <see cref="FlowLimits"/> allow.</exception>
    public static FlowSyntax Parse(string text, string file, bool lineMarks)
    {
        if (text.Length > FlowLimits.MostCharacters)
            throw new FlowSyntaxException(file, new FlowPosition(1, 1), $"a text of {text.Length} characters",
                $"at most {FlowLimits.MostCharacters}");
        var parser = new FlowParser(text, file, lineMarks);
        parser.File();
        return parser.syntax;
    }

    private void File()
    {
        bool flow = false;
        while (tokens.Current.Kind != FlowTokenKind.End)
        {
            if (tokens.Is("ACTIONS")) Actions();
            else if (tokens.Is("COUNTER_GROUPS")) Groups();
            else if (tokens.Is("feature")) Feature();
            else if (tokens.Is("FLOW"))
            {
                flow = true;
                Flow();
            }
            else throw tokens.Error(SectionExpected);
        }

        if (!flow) syntax.End = tokens.Current.Position;
    }

    private void Feature()
    {
        tokens.Advance();
        features.Declare();
    }

    /// <summary>"ACTIONS" "{" (Name ";")* "}".</summary>
    private void Actions()
    {
        Open("ACTIONS");
        syntax.Actions ??= [];
        while (!tokens.Skip(FlowTokenKind.RightBrace))
        {
            FlowName action = tokens.Name("the name of an action or '}' of ACTIONS");
            CountDeclaration(action);
            syntax.Actions.Add(action);
            tokens.Expect(FlowTokenKind.Semicolon, $"';' after the action '{action.Text}'");
        }
    }

    /// <summary>"COUNTER_GROUPS" "{" (Total ":" Part ("," Part)* ";")* "}".</summary>
    private void Groups()
    {
        Open("COUNTER_GROUPS");
        while (!tokens.Skip(FlowTokenKind.RightBrace))
        {
            FlowName total = tokens.Name("the total of a counter group or '}' of COUNTER_GROUPS");
            CountDeclaration(total);
            tokens.Expect(FlowTokenKind.Colon, $"':' after the total '{total.Text}'");
            var parts = new List<FlowName>();
            do
            {
                parts.Add(tokens.Name("the name of a part"));
                CountDeclaration(parts[^1]);
            }
            while (tokens.Skip(FlowTokenKind.Comma));
            tokens.Expect(FlowTokenKind.Semicolon, $"';' or ',' after the part '{parts[^1].Text}'");
            syntax.Groups.Add(new GroupDeclaration(total, parts));
        }
    }

    /// <summary>"FLOW" "{" (Label ":" | stmt | feature)* "}".</summary>
    private void Flow()
    {
        Open("FLOW");
        while (tokens.Current.Kind != FlowTokenKind.RightBrace)
        {
            // A name before ':' is a label whatever it is called.
            if (FlowTokens.IsName(tokens.Current.Kind) && tokens.SecondKind == FlowTokenKind.Colon)
            {
                CountStatement(tokens.Current.Position);
                syntax.Flow.Add(new LabelStatement(tokens.Name("a label")));
                tokens.Advance();
            }
            else if (tokens.Is("feature")) Feature();
            else syntax.Flow.Add(Statement(0, "a label, a statement or '}' of FLOW"));
        }

        syntax.End = tokens.Advance().Position;
    }

    private void Open(string section)
    {
        tokens.Advance();
        tokens.Expect(FlowTokenKind.LeftBrace, $"'{{' after {section}");
    }

    private void CountDeclaration(FlowName name)
    {
        if (++declarations > FlowLimits.MostDeclarations)
            throw tokens.ErrorAt(name.Position, "one more declaration", $"at most {FlowLimits.MostDeclarations} in ACTIONS and COUNTER_GROUPS");
    }

    private void CountStatement(FlowPosition position)
    {
        if (++statements > FlowLimits.MostStatements)
            throw tokens.ErrorAt(position, "one more statement", $"at most {FlowLimits.MostStatements} statements and cases");
    }
}
