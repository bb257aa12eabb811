using KernelSuite.Operations;
using KernelSuite.Runtime;

namespace KernelSuite.Measurement;

/// <summary>An operand or option of an operation.</summary>
/// <param name="Name">Name on the command line.</param>
/// <param name="Form">Dimensions of an operand, kind of value of an option.</param>
/// <param name="Summary">One line.</param>
/// <param name="Role"><c>input</c>, <c>output</c> or <c>option</c>.</param>
/// <param name="Optional">Whether it may be left out.</param>
public sealed record ListedParameter(string Name, string Form, string Summary, string Role, bool Optional);

/// <summary>An implementation on a device.</summary>
/// <param name="Device">Device id.</param>
/// <param name="Name">Implementation name.</param>
/// <param name="Summary">One line.</param>
/// <param name="Baseline">Whether it is there to be compared with.</param>
public sealed record ListedImplementation(string Device, string Name, string Summary, bool Baseline);

/// <summary>A named case.</summary>
/// <param name="Name">Name.</param>
/// <param name="Suites">When it runs: <c>validate</c>, <c>bench</c>, <c>long</c>.</param>
/// <param name="Inputs">Input distribution.</param>
/// <param name="Dtypes">Dtypes it exists in.</param>
/// <param name="Operands">Operand shapes in words.</param>
/// <param name="Gflop">Arithmetic in 10^9 operations.</param>
public sealed record ListedCase(
    string Name, IReadOnlyList<string> Suites, string Inputs, IReadOnlyList<string> Dtypes, string Operands, double Gflop);

/// <summary>An operation with everything it offers.</summary>
/// <param name="Name">Name.</param>
/// <param name="Summary">One line.</param>
/// <param name="Dtypes">Storage dtypes.</param>
/// <param name="Parameters">Operands and options.</param>
/// <param name="Implementations">Implementations on every device found.</param>
/// <param name="Cases">Named cases.</param>
public sealed record ListedOperation(
    string Name, string Summary, IReadOnlyList<string> Dtypes, IReadOnlyList<ListedParameter> Parameters, IReadOnlyList<ListedImplementation> Implementations,
    IReadOnlyList<ListedCase> Cases);

/// <summary>What the suite can do on this machine.</summary>
/// <param name="Operations">The operations.</param>
/// <param name="Devices">The devices.</param>
public sealed record SuiteListing(IReadOnlyList<ListedOperation> Operations, IReadOnlyList<DeviceRecord> Devices)
{
    /// <summary>Lists operations and devices.</summary>
    public static SuiteListing Of(IReadOnlyList<Operation> operations, DeviceCatalog catalog)
    {
        ArgumentNullException.ThrowIfNull(operations);
        ArgumentNullException.ThrowIfNull(catalog);
        IReadOnlyList<DeviceInfo> devices = catalog.Enumerate();
        return new SuiteListing([.. operations.Select(o => Describe(o, devices))], [.. devices.Select(DeviceRecord.Of)]);
    }

    private static ListedOperation Describe(Operation operation, IReadOnlyList<DeviceInfo> devices) => new(
        operation.Name,
        operation.Summary,
        [.. operation.DTypes.Select(t => t.Name())],
        [
            .. operation.Signature.Operands.Select(o => new ListedParameter(o.Name, o.Dimensions, o.Summary, o.IsOutput ? "output" : "input", o.IsOptional)),
            .. operation.Signature.Options.Select(o => new ListedParameter(o.Name, FormOf(o.Kind), o.Summary, "option", true)),
        ],
        [.. devices.SelectMany(d => operation.Implementations(d).Select(i => new ListedImplementation(d.Id.ToString(), i.Name, i.Summary, i.IsBaseline)))],
        [.. operation.Cases.GroupBy(c => c.Name).Select(Describe)]);

    private static ListedCase Describe(IGrouping<string, OperationCase> group)
    {
        OperationCase first = group.First();
        return new ListedCase(
            first.Name,
            [.. Enum.GetValues<CaseSuite>().Where(s => (first.Suite & s) != 0).Select(NameOf)],
            first.Inputs,
            [.. group.Select(c => c.Problem.DType.Name())],
            string.Join(" ", first.Problem.Operands.OfType<OperandSpec>().Where(o => !o.IsOutput).Select(o => $"{o.Name}[{string.Join(",", o.Shape)}]")),
            first.Problem.Cost.Flops * 1e-9);
    }

    private static string NameOf(CaseSuite suite) => suite switch
    {
        CaseSuite.Validate => "validate",
        CaseSuite.Bench => "bench",
        _ => "long",
    };

    private static string FormOf(OptionKind kind) => kind switch
    {
        OptionKind.Flag => "flag",
        OptionKind.Real => "number",
        OptionKind.Integer => "integer",
        OptionKind.Word => "word",
        _ => "two integers",
    };
}
