namespace KernelSuite.Counters.Models;

/// <summary>
/// Flattens a syntax tree into a <see cref="FlowProgram"/>. Names without meaning (unknown or repeated labels, repeated cases) become errors.
/// </summary>
internal sealed class FlowCompiler
{
    private readonly FlowFindings findings;
    private readonly string file;
    private readonly List<FlowInstruction> code = [];
    private readonly List<FlowSwitch> switches = [];
    private readonly List<FlowGuard> guards = [];
    private readonly List<FlowProperty> properties = [];
    private readonly List<FlowLabel> labels = [];
    private readonly List<FlowName> counters = [];
    private readonly List<string> actions = [];
    private readonly List<(int Step, FlowName Label)> jumps = [];
    private readonly Dictionary<string, int> propertyPlaces = new(StringComparer.Ordinal);
    private readonly Dictionary<(int Property, string Value), int> valuePlaces = [];
    private readonly Dictionary<string, int> counterPlaces = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> actionPlaces = new(StringComparer.Ordinal);

    private FlowCompiler(FlowFindings findings, string file)
    {
        this.findings = findings;
        this.file = file;
    }

    /// <summary>Compiles a tree.</summary>
    /// <exception cref="FlowSyntaxException">There are more counters than a <see cref="CounterSet"/> holds.</exception>
    public static FlowProgram Compile(FlowSyntax syntax, string file, FlowFindings findings)
    {
        var compiler = new FlowCompiler(findings, file);
        compiler.Block(syntax.Flow);
        compiler.code.Add(new FlowInstruction(FlowOp.End, 0, 0, syntax.End));
        compiler.ResolveJumps();
        return new FlowProgram
        {
            Code = [.. compiler.code],
            Switches = [.. compiler.switches],
            Guards = [.. compiler.guards],
            Properties = [.. compiler.properties],
            Labels = [.. compiler.labels],
            Counters = [.. compiler.counters],
            Actions = [.. compiler.actions],
        };
    }

    private void Block(IReadOnlyList<FlowStatement> statements)
    {
        foreach (FlowStatement statement in statements) Compile(statement);
    }

    private void Compile(FlowStatement statement)
    {
        switch (statement)
        {
            case LabelStatement label:
                labels.Add(new FlowLabel(label.Name, code.Count));
                break;
            case DoStatement act:
                Emit(FlowOp.Act, ActionPlace(act.Action.Text), act.Position);
                break;
            case IncrStatement incr:
                Emit(FlowOp.Tick, CounterPlace(incr.Counter), incr.Position);
                break;
            case NextStatement next:
                jumps.Add((code.Count, next.Label));
                Emit(FlowOp.Jump, -1, next.Position);
                break;
            case PassStatement:
                Emit(FlowOp.Pass, 0, statement.Position);
                break;
            case DoneStatement:
                Emit(FlowOp.Done, 0, statement.Position);
                break;
            case SwitchStatement choice:
                Switch(choice);
                break;
            case IfStatement guarded:
                If(guarded);
                break;
        }
    }

    private void Switch(SwitchStatement statement)
    {
        int property = PropertyPlace(statement.Property), place = switches.Count;
        var branches = new FlowBranch[statement.Cases.Count];
        switches.Add(new FlowSwitch(property, branches));
        Emit(FlowOp.Switch, place, statement.Position);
        var leaves = new List<int>();
        for (int i = 0; i < branches.Length; i++)
        {
            FlowCase one = statement.Cases[i];
            branches[i] = new FlowBranch(ValuePlace(property, one.Value.Text), one.Guard, code.Count, one.Value.Position);
            Block(one.Body);
            leaves.Add(EmitRejoin());
        }

        foreach (int leave in leaves) Aim(leave);
        FindRepeatedCases(statement, branches);
    }

    private void If(IfStatement statement)
    {
        int test = code.Count;
        guards.Add(statement.Guard);
        Emit(FlowOp.Guard, guards.Count - 1, statement.Position);
        Block(statement.Then);
        int leave = EmitRejoin();
        Aim(test);
        Block(statement.Else);
        Aim(leave);
    }

    private void Emit(FlowOp op, int operand, FlowPosition position) => code.Add(new FlowInstruction(op, operand, 0, position));

    private int EmitRejoin()
    {
        Emit(FlowOp.Jump, -1, default);
        return code.Count - 1;
    }

    private void Aim(int step) => code[step] = code[step] with { Target = code.Count };

    /// <summary>Two cases of one value must have guards that exclude each other.</summary>
    private void FindRepeatedCases(SwitchStatement statement, FlowBranch[] branches)
    {
        foreach (IGrouping<int, FlowBranch> same in branches.GroupBy(b => b.Value))
        {
            FlowBranch[] cases = [.. same];
            for (int i = 1; i < cases.Length; i++)
            {
                int first = Array.FindIndex(cases, 0, i, b => !b.Guard.Excludes(cases[i].Guard));
                if (first < 0) continue;
                string value = properties[PropertyPlace(statement.Property)].Values[same.Key];
                findings.Error("duplicate-case", cases[i].Position,
                    $"The switch over '{statement.Property.Text}' has the case '{value}' at {cases[first].Position} already. Give the two guards "
                        + "that exclude each other, or remove one.");
            }
        }
    }

    private void ResolveJumps()
    {
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < labels.Count; i++)
        {
            if (places.TryAdd(labels[i].Name.Text, i)) continue;
            FlowName first = labels[places[labels[i].Name.Text]].Name;
            findings.Error("duplicate-label", labels[i].Name.Position,
                $"The label '{first.Text}' stands at {first.Position} already. Rename one of the two.");
        }

        foreach ((int step, FlowName label) in jumps)
        {
            if (places.TryGetValue(label.Text, out int place)) code[step] = code[step] with { Operand = place, Target = labels[place].Target };
            else
            {
                // The error keeps the model from being enumerated; for the other lints the path ends here.
                code[step] = code[step] with { Op = FlowOp.Done };
                findings.Error("unknown-label", label.Position,
                    $"There is no label '{label.Text}'. Labels are names before ':' at the top level of FLOW.");
            }
        }
    }

    private int CounterPlace(FlowName name)
    {
        if (counterPlaces.TryGetValue(name.Text, out int place)) return place;
        if (counters.Count == CounterSet.MostCounters)
            throw new FlowSyntaxException(file, name.Position, $"one more counter, '{name.Text}'", $"at most {CounterSet.MostCounters} counters");
        counters.Add(name);
        counterPlaces.Add(name.Text, counters.Count - 1);
        return counters.Count - 1;
    }

    private int ActionPlace(string name)
    {
        if (!actionPlaces.TryGetValue(name, out int place))
        {
            actionPlaces.Add(name, place = actions.Count);
            actions.Add(name);
        }

        return place;
    }

    private int PropertyPlace(FlowName name)
    {
        if (!propertyPlaces.TryGetValue(name.Text, out int place))
        {
            propertyPlaces.Add(name.Text, place = properties.Count);
            properties.Add(new FlowProperty(name.Text, name.Position, []));
        }

        return place;
    }

    private int ValuePlace(int property, string name)
    {
        List<string> values = properties[property].Values;
        if (!valuePlaces.TryGetValue((property, name), out int place))
        {
            valuePlaces.Add((property, name), place = values.Count);
            values.Add(name);
        }

        return place;
    }
}
