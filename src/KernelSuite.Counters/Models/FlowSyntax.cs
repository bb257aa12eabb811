namespace KernelSuite.Counters.Models;

/// <summary>
/// When something is part of the model: all features of one mask on, all of the other off. Bits are places in <see cref="FlowSyntax.Features"/>.
/// </summary>
internal readonly record struct FlowGuard(ulong On, ulong Off)
{
    /// <summary>Whether it holds for a selection of features.</summary>
    public bool Holds(ulong selected) => (selected & On) == On && (selected & Off) == 0;

    /// <summary>Whether no selection satisfies both.</summary>
    public bool Excludes(FlowGuard other) => ((On & other.Off) | (Off & other.On)) != 0;

    /// <summary>Whether no selection satisfies it.</summary>
    public bool IsContradiction => (On & Off) != 0;
}

/// <summary>A name and where it stands.</summary>
internal readonly record struct FlowName(string Text, FlowPosition Position);

/// <summary>A statement.</summary>
internal abstract record FlowStatement(FlowPosition Position);

internal sealed record LabelStatement(FlowName Name) : FlowStatement(Name.Position);

internal sealed record DoStatement(FlowPosition Position, FlowName Action) : FlowStatement(Position);

internal sealed record IncrStatement(FlowPosition Position, FlowName Counter) : FlowStatement(Position);

internal sealed record SwitchStatement(FlowPosition Position, FlowName Property, IReadOnlyList<FlowCase> Cases) : FlowStatement(Position);

internal sealed record NextStatement(FlowPosition Position, FlowName Label) : FlowStatement(Position);

internal sealed record PassStatement(FlowPosition Position) : FlowStatement(Position);

internal sealed record DoneStatement(FlowPosition Position) : FlowStatement(Position);

internal sealed record IfStatement(FlowPosition Position, FlowGuard Guard, IReadOnlyList<FlowStatement> Then,
    IReadOnlyList<FlowStatement> Else) : FlowStatement(Position);

/// <summary>A case of a switch.</summary>
internal sealed record FlowCase(FlowName Value, FlowGuard Guard, IReadOnlyList<FlowStatement> Body);

/// <summary>A feature that the text declares or asks for.</summary>
internal sealed record FlowFeature(FlowName Name)
{
    /// <summary>Where it is declared; null where it is only asked for.</summary>
    public FlowPosition? Declared { get; set; }

    /// <summary>Where it is asked for first; null where it is only declared.</summary>
    public FlowPosition? Used { get; set; }
}

/// <summary>A total and its parts, as the text states them.</summary>
internal sealed record GroupDeclaration(FlowName Total, IReadOnlyList<FlowName> Parts);

/// <summary>The syntax tree of a text.</summary>
internal sealed class FlowSyntax
{
    /// <summary>The declared actions; null without a section that could declare them.</summary>
    public List<FlowName>? Actions { get; set; }

    public List<GroupDeclaration> Groups { get; } = [];

    public List<FlowFeature> Features { get; } = [];

    /// <summary>Repeated declarations of features.</summary>
    public List<FlowName> RepeatedFeatures { get; } = [];

    /// <summary>Positions of guards that no selection satisfies.</summary>
    public List<FlowPosition> Contradictions { get; } = [];

    /// <summary>The statements of all FLOW sections, one section after the other.</summary>
    public List<FlowStatement> Flow { get; } = [];

    /// <summary>The end of the last FLOW section, or of the text where there is none.</summary>
    public FlowPosition End { get; set; }
}
