namespace KernelSuite.Counters.Models;

/// <summary>The statements of the language.</summary>
internal sealed partial class FlowParser
{
    private const string StatementExpected = "a statement (do, incr, switch, next, pass, done or if)";

    private FlowStatement Statement(int depth, string expected)
    {
        FlowPosition position = tokens.Current.Position;
        CountStatement(position);
        if (depth > FlowLimits.MostNesting)
            throw tokens.ErrorAt(position, $"a statement inside {depth} switches and guards", $"at most {FlowLimits.MostNesting}");
        if (FlowTokens.IsName(tokens.Current.Kind) && tokens.SecondKind == FlowTokenKind.Colon)
            throw tokens.Error(StatementExpected, "Labels stand at the top level of FLOW only.");
        if (tokens.Is("do")) return Ended("do", p => new DoStatement(p, tokens.Name("the name of an action after 'do'")));
        if (tokens.Is("incr")) return Ended("incr", p => new IncrStatement(p, tokens.Name("the name of a counter after 'incr'")));
        if (tokens.Is("next")) return Ended("next", p => new NextStatement(p, tokens.Name("a label after 'next'")));
        if (tokens.Is("pass")) return Ended("pass", p => new PassStatement(p));
        if (tokens.Is("done")) return Ended("done", p => new DoneStatement(p));
        if (tokens.Is("switch")) return Switch(depth);
        if (tokens.Is("if")) return If(depth);
        if (tokens.Is("feature")) throw tokens.Error(StatementExpected, "Features are declared at the top level of the file or of FLOW.");
        throw tokens.Error(expected);
    }

    private FlowStatement Ended(string word, Func<FlowPosition, FlowStatement> rest)
    {
        FlowPosition position = tokens.Advance().Position;
        FlowStatement statement = rest(position);
        tokens.Expect(FlowTokenKind.Semicolon, $"';' at the end of '{word}'");
        return statement;
    }

    /// <summary>"switch" Prop "{" (Value ["if" guard] "=>" stmt*)+ "}" [";"]. Files of the published tool end it with ";".</summary>
    private SwitchStatement Switch(int depth)
    {
        FlowPosition position = tokens.Advance().Position;
        FlowName property = tokens.Name("the name of a property after 'switch'");
        tokens.Expect(FlowTokenKind.LeftBrace, $"'{{' after the property '{property.Text}'");
        var cases = new List<FlowCase>();
        do
        {
            if (cases.Count == FlowLimits.MostCases)
                throw tokens.Error($"at most {FlowLimits.MostCases} cases in the switch at {position}");
            cases.Add(Case(depth, property));
        }
        while (!tokens.Skip(FlowTokenKind.RightBrace));
        tokens.Skip(FlowTokenKind.Semicolon);
        return new SwitchStatement(position, property, cases);
    }

    private FlowCase Case(int depth, FlowName property)
    {
        CountStatement(tokens.Current.Position);
        FlowName value = tokens.Name($"a value of '{property.Text}' and '=>'");
        FlowGuard guard = default;
        if (tokens.Is("if"))
        {
            tokens.Advance();
            guard = features.Guard();
        }

        tokens.Expect(FlowTokenKind.Arrow, $"'=>' after the value '{value.Text}'");
        var body = new List<FlowStatement>();
        while (tokens.Current.Kind != FlowTokenKind.RightBrace && !AtCase())
            body.Add(Statement(depth + 1, $"a statement, a value and '=>', or '}}' of the switch over '{property.Text}'"));
        return new FlowCase(value, guard, body);
    }

    /// <summary>
    /// A case begins with a name before '=>', or before 'if' and a guard. Values may be called like words of the language: "pass =&gt;" begins a
    /// case, and so does "do if x =&gt;", where "do if;" is a statement about an action with the name "if".
    /// </summary>
    private bool AtCase() => FlowTokens.IsName(tokens.Current.Kind)
        && (tokens.SecondKind == FlowTokenKind.Arrow
            || (tokens.SecondIs("if") && (FlowTokens.IsName(tokens.ThirdKind) || tokens.ThirdKind == FlowTokenKind.Not)));

    /// <summary>"if" guard "{" stmt* "}" ["else" "{" stmt* "}"] [";"].</summary>
    private IfStatement If(int depth)
    {
        FlowPosition position = tokens.Advance().Position;
        FlowGuard guard = features.Guard();
        List<FlowStatement> then = Block(depth, "'{' or '&' after the feature"), otherwise = [];
        if (tokens.Is("else") && tokens.SecondKind == FlowTokenKind.LeftBrace)
        {
            tokens.Advance();
            otherwise = Block(depth, "'{' after else");
        }

        tokens.Skip(FlowTokenKind.Semicolon);
        return new IfStatement(position, guard, then, otherwise);
    }

    private List<FlowStatement> Block(int depth, string open)
    {
        tokens.Expect(FlowTokenKind.LeftBrace, open);
        var block = new List<FlowStatement>();
        while (!tokens.Skip(FlowTokenKind.RightBrace)) block.Add(Statement(depth + 1, $"{StatementExpected} or '}}'"));
        return block;
    }
}
