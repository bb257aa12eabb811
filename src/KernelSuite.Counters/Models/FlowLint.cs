namespace KernelSuite.Counters.Models;

/// <summary>Findings about a text that need no paths: they hold whatever features are on.</summary>
internal static class FlowLint
{
    public static void Find(FlowSyntax syntax, FlowProgram program, FlowFindings findings)
    {
        FindFeatures(syntax, findings);
        FindActions(syntax, findings);
        FindGroups(syntax, program, findings);
        FindSingleCases(program, findings);
        if (program.Code.Length == 1) findings.Error("empty-flow", syntax.End, "The model has no statement. Write them into 'FLOW { … }'.");
        else FlowReach.Find(program, findings);
    }

    private static void FindFeatures(FlowSyntax syntax, FlowFindings findings)
    {
        foreach (FlowFeature feature in syntax.Features)
        {
            if (feature.Declared is null)
                findings.Error("undeclared-feature", feature.Used!.Value,
                    $"The feature '{feature.Name.Text}' is not declared. Declare it with 'feature {feature.Name.Text};'.");
            else if (feature.Used is null)
                findings.Warn("unused-feature", feature.Declared.Value,
                    $"No guard asks for the feature '{feature.Name.Text}': it changes nothing. Guard something with it or remove it.");
        }

        foreach (FlowName repeated in syntax.RepeatedFeatures)
            findings.Warn("duplicate-feature", repeated.Position, $"The feature '{repeated.Text}' is declared before. Remove one of the two.");
        foreach (FlowPosition guard in syntax.Contradictions)
            findings.Warn("never-holds", guard, "The guard asks for a feature both on and off and never holds. Remove one of the two.");
    }

    private static void FindActions(FlowSyntax syntax, FlowFindings findings)
    {
        if (syntax.Actions is null) return;
        var declared = syntax.Actions.Select(a => a.Text).ToHashSet(StringComparer.Ordinal);
        foreach (FlowName action in Statements(syntax.Flow).OfType<DoStatement>().Select(d => d.Action))
        {
            if (declared.Add(action.Text))
                findings.Warn("undeclared-action", action.Position,
                    $"The action '{action.Text}' is not among the ACTIONS. Declare it, or correct its name.");
        }
    }

    private static void FindGroups(FlowSyntax syntax, FlowProgram program, FlowFindings findings)
    {
        var known = program.Counters.Select(c => c.Text).ToHashSet(StringComparer.Ordinal);
        foreach (GroupDeclaration group in syntax.Groups)
        {
            foreach (FlowName name in group.Parts.Prepend(group.Total).Where(n => !known.Contains(n.Text)))
            {
                findings.Warn("unknown-group-counter", name.Position,
                    $"No statement increments '{name.Text}' of the counter group '{group.Total.Text}'. Increment it in FLOW, or correct its name.");
            }

            var seen = new HashSet<string>(StringComparer.Ordinal);
            foreach (FlowName repeated in group.Parts.Prepend(group.Total).Where(n => !seen.Add(n.Text)))
            {
                findings.Warn("repeated-group-counter", repeated.Position,
                    $"'{repeated.Text}' comes twice in the counter group '{group.Total.Text}'. Remove one.");
            }
        }
    }

    private static void FindSingleCases(FlowProgram program, FlowFindings findings)
    {
        foreach (FlowProperty property in program.Properties.Where(p => p.Values.Count == 1))
        {
            findings.Warn("single-case", property.Position,
                $"The property '{property.Name}' has one value, '{property.Values[0]}': it decides nothing. Add the other cases, or remove the "
                    + "switch.");
        }
    }

    /// <summary>All statements of a tree. The stack holds what is left to visit, so depth costs no recursion.</summary>
    private static IEnumerable<FlowStatement> Statements(IReadOnlyList<FlowStatement> flow)
    {
        var left = new Stack<FlowStatement>(flow.Reverse());
        while (left.TryPop(out FlowStatement? statement))
        {
            yield return statement;
            IEnumerable<FlowStatement> inner = statement switch
            {
                SwitchStatement choice => choice.Cases.SelectMany(c => c.Body),
                IfStatement guarded => guarded.Then.Concat(guarded.Else),
                _ => [],
            };
            foreach (FlowStatement one in inner.Reverse()) left.Push(one);
        }
    }
}
