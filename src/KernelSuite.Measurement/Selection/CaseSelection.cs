using KernelSuite.Operations;
using KernelSuite.Runtime;

namespace KernelSuite.Measurement;

/// <summary>Which operations, cases, dtypes and implementations a run is about. Empty lists mean "all that the command runs by default".</summary>
public sealed record CaseSelection
{
    /// <summary>Operation names; empty or <c>all</c> for every operation.</summary>
    public IReadOnlyList<string> Operations { get; init; } = [];

    /// <summary>Case name patterns (<see cref="Glob"/>); a case is in if any of them matches.</summary>
    public IReadOnlyList<string> Cases { get; init; } = [];

    /// <summary>Dtype names; empty for every dtype.</summary>
    public IReadOnlyList<string> DTypes { get; init; } = [];

    /// <summary>Implementation names; empty for a command's default, <c>all</c> for every one.</summary>
    public IReadOnlyList<string> Implementations { get; init; } = [];

    /// <summary>The operations of <paramref name="known"/> that are selected.</summary>
    /// <exception cref="ArgumentException">A name is unknown.</exception>
    public IReadOnlyList<Operation> SelectOperations(IReadOnlyList<Operation> known)
    {
        ArgumentNullException.ThrowIfNull(known);
        if (Operations.Count == 0 || Operations.Contains("all")) return known;
        foreach (string name in Operations)
        {
            if (known.All(o => o.Name != name))
                throw new ArgumentException($"There is no operation '{name}'. Known: {string.Join(", ", known.Select(o => o.Name))}.", "operation");
        }

        return [.. known.Where(o => Operations.Contains(o.Name))];
    }

    /// <summary>
    /// The cases of an operation that are selected. Without a pattern those of <paramref name="suite"/>; with one every case whose name
    /// it matches, except that a case of <see cref="CaseSuite.Long"/> must be named in full.
    /// </summary>
    /// <exception cref="ArgumentException">A dtype is unknown.</exception>
    public IReadOnlyList<OperationCase> SelectCases(Operation operation, CaseSuite suite)
    {
        ArgumentNullException.ThrowIfNull(operation);
        HashSet<DType> dtypes = [.. DTypes.Select(Parse)];
        return [.. operation.Cases.Where(c => (dtypes.Count == 0 || dtypes.Contains(c.Problem.DType)) && IsSelected(c, suite))];
    }

    /// <summary>The implementations of an operation on a device that are selected.</summary>
    /// <param name="available">What there is; the first is the default.</param>
    /// <param name="withBaselines">Whether baselines are in when nothing was asked for by name.</param>
    /// <returns>Empty where none of the names asked for is one of this device.</returns>
    public IReadOnlyList<Implementation> SelectImplementations(IReadOnlyList<Implementation> available, bool withBaselines)
    {
        ArgumentNullException.ThrowIfNull(available);
        if (Implementations.Contains("all")) return available;
        if (Implementations.Count > 0) return [.. available.Where(i => Implementations.Contains(i.Name))];
        return withBaselines ? [.. available.Where((i, n) => n == 0 || i.IsBaseline)] : [.. available.Take(1)];
    }

    /// <summary>Checks implementation names against what any device offers.</summary>
    /// <exception cref="ArgumentException">A name is no implementation of any selected operation on any of the devices.</exception>
    public void CheckImplementations(IEnumerable<Operation> operations, IReadOnlyList<DeviceInfo> devices)
    {
        string[] known = [.. operations.SelectMany(o => devices.SelectMany(o.Implementations)).Select(i => i.Name).Distinct()];
        foreach (string name in Implementations)
        {
            if (name != "all" && !known.Contains(name))
                throw new ArgumentException($"There is no implementation '{name}'. Known: {string.Join(", ", known)}, all.", "implementation");
        }
    }

    private static DType Parse(string name)
    {
        DType[] all = Enum.GetValues<DType>();
        foreach (DType type in all)
            if (string.Equals(type.Name(), name, StringComparison.OrdinalIgnoreCase)) return type;
        throw new ArgumentException($"There is no dtype '{name}'. Known: {string.Join(", ", all.Select(t => t.Name()))}.", "dtype");
    }

    private bool IsSelected(OperationCase c, CaseSuite suite)
    {
        if (Cases.Count == 0) return (c.Suite & suite) != 0;
        bool needsName = (c.Suite & ~CaseSuite.Long) == 0;
        return Cases.Any(pattern => Glob.IsMatch(pattern, c.Name) && (!needsName || Glob.IsLiteral(pattern)));
    }
}
