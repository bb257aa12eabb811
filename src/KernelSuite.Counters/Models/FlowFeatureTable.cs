namespace KernelSuite.Counters.Models;

/// <summary>Numbers the features of a text as they come, declared or asked for.</summary>
internal sealed class FlowFeatureTable(FlowSyntax syntax, FlowTokens tokens)
{
    private readonly Dictionary<string, int> places = new(StringComparer.Ordinal);

    /// <summary>feature Name ("," Name)* ";" after its word.</summary>
    public void Declare()
    {
        do
        {
            FlowName name = tokens.Name("the name of a feature");
            FlowFeature feature = syntax.Features[Place(name)];
            if (feature.Declared is null) feature.Declared = name.Position;
            else if (syntax.RepeatedFeatures.Count < FlowLimits.MostDiagnostics) syntax.RepeatedFeatures.Add(name);
        }
        while (tokens.Skip(FlowTokenKind.Comma));
        tokens.Expect(FlowTokenKind.Semicolon, "';' or ',' after the name of a feature");
    }

    /// <summary>["!"] Name ("&amp;" ["!"] Name)*.</summary>
    public FlowGuard Guard()
    {
        FlowPosition start = tokens.Current.Position;
        ulong on = 0, off = 0;
        do
        {
            bool not = tokens.Skip(FlowTokenKind.Not);
            FlowName name = tokens.Name(not ? "the name of a feature after '!'" : "the name of a feature, or '!' and one");
            int place = Place(name);
            syntax.Features[place].Used ??= name.Position;
            if (not) off |= 1UL << place;
            else on |= 1UL << place;
        }
        while (tokens.Skip(FlowTokenKind.And));
        var guard = new FlowGuard(on, off);
        if (guard.IsContradiction && syntax.Contradictions.Count < FlowLimits.MostDiagnostics) syntax.Contradictions.Add(start);
        return guard;
    }

    private int Place(FlowName name)
    {
        if (places.TryGetValue(name.Text, out int place)) return place;
        place = syntax.Features.Count;
        if (place == FlowLimits.MostFeatures)
            throw tokens.ErrorAt(name.Position, $"one more feature, '{name.Text}'", $"at most {FlowLimits.MostFeatures} features");
        places.Add(name.Text, place);
        syntax.Features.Add(new FlowFeature(name));
        return place;
    }
}
