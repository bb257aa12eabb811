namespace KernelSuite.Counters.Models;

/// <summary>Steps of a compiled model.</summary>
internal enum FlowOp : byte
{
    /// <summary>Goes on.</summary>
    Pass,

    /// <summary>The counter <see cref="FlowInstruction.Operand"/> ticks.</summary>
    Tick,

    /// <summary>The action <see cref="FlowInstruction.Operand"/> happens.</summary>
    Act,

    /// <summary>Decides, or follows, by <see cref="FlowProgram.Switches"/>[<see cref="FlowInstruction.Operand"/>].</summary>
    Switch,

    /// <summary>
    /// Goes on if <see cref="FlowProgram.Guards"/>[<see cref="FlowInstruction.Operand"/>] holds, else at <see cref="FlowInstruction.Target"/>.
    /// </summary>
    Guard,

    /// <summary>
    /// Goes on at <see cref="FlowInstruction.Target"/>; to the label <see cref="FlowInstruction.Operand"/>, or -1 where a case rejoins.
    /// </summary>
    Jump,

    /// <summary>Ends the path.</summary>
    Done,

    /// <summary>The end of the flow, where a path ends without having said so.</summary>
    End,
}

/// <summary>A step. Line 0 marks steps that no statement stands for.</summary>
internal readonly record struct FlowInstruction(FlowOp Op, int Operand, int Target, FlowPosition Position);

/// <summary>A case of a compiled switch.</summary>
internal readonly record struct FlowBranch(int Value, FlowGuard Guard, int Target, FlowPosition Position);

/// <summary>A compiled switch: its property and its cases in the text's order.</summary>
internal sealed record FlowSwitch(int Property, FlowBranch[] Branches);

/// <summary>A property and its values in the order in which cases name them first.</summary>
internal sealed record FlowProperty(string Name, FlowPosition Position, List<string> Values);

/// <summary>A label: its name and the step it stands before.</summary>
internal readonly record struct FlowLabel(FlowName Name, int Target);

/// <summary>A model as flat code: what is enumerated, linted and drawn.</summary>
internal sealed class FlowProgram
{
    public required FlowInstruction[] Code { get; init; }

    public required FlowSwitch[] Switches { get; init; }

    public required FlowGuard[] Guards { get; init; }

    public required FlowProperty[] Properties { get; init; }

    /// <summary>In the text's order, so by target.</summary>
    public required FlowLabel[] Labels { get; init; }

    /// <summary>In order of their first tick in the text.</summary>
    public required FlowName[] Counters { get; init; }

    public required string[] Actions { get; init; }
}
