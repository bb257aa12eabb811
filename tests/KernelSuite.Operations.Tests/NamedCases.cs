using System.Collections.Concurrent;
using KernelSuite.Runtime;
using KernelSuite.Runtime.Cpu;
using KernelSuite.Runtime.CudaHost;
using KernelSuite.Tests;

namespace KernelSuite.Operations.Tests;

/// <summary>
/// What the tests over the named cases of operations share: theory data, expectations that are computed once a process, devices, and the check
/// itself. A case is named by its operation and by name and dtype in one word: <c>"one float32"</c>.
/// </summary>
internal static class NamedCases
{
    private static readonly ConcurrentDictionary<(string, string), Lazy<CaseExpectation>> Expectations = new();
    private static readonly ConcurrentDictionary<CpuSimd, Lazy<Device>> CpuDevices = new();

    private static readonly Lazy<Device> Checker = new(() =>
    {
        var backend = new CudaHostBackend(CudaHostOptions.FromEnvironment() with { CheckRaces = true });
        return backend.Open(backend.Probe().Devices[0]);
    });

    /// <summary>Theory data: operation, case; of one dtype only, if wanted.</summary>
    public static TheoryData<string, string> Each(IEnumerable<Operation> operations, DType? only = null)
    {
        var data = new TheoryData<string, string>();
        foreach ((string operation, string name) in All(operations, only)) data.Add(operation, name);
        return data;
    }

    /// <summary>Theory data: device, operation, case.</summary>
    public static TheoryData<string, string, string> EachOnDevices(IEnumerable<Operation> operations) => OnDevices(All(operations));

    /// <summary>Theory data: operation, dtype.</summary>
    public static TheoryData<string, string> DTypes(IEnumerable<Operation> operations)
    {
        var data = new TheoryData<string, string>();
        foreach ((string operation, string dtype) in AllDTypes(operations)) data.Add(operation, dtype);
        return data;
    }

    /// <summary>Theory data: device, operation, dtype.</summary>
    public static TheoryData<string, string, string> DTypesOnDevices(IEnumerable<Operation> operations) => OnDevices(AllDTypes(operations));

    /// <summary>The cases of an operation in a dtype.</summary>
    public static IEnumerable<string> Of(string operation, string dtype) =>
        OperationCatalog.Find(operation).Cases.Where(c => c.Suite == CaseSuite.Validate && c.Problem.DType.Name() == dtype).Select(NameOf);

    /// <summary>A case with its references; shared, never dispose it.</summary>
    public static CaseExpectation Expect(string operation, string name) => Expectations.GetOrAdd((operation, name), _ => new Lazy<CaseExpectation>(() =>
    {
        Operation found = OperationCatalog.Find(operation);
        return CaseExpectation.Compute(found, found.Cases.Single(c => NameOf(c) == name), Validator.DefaultSeed);
    })).Value;

    /// <summary>The managed device with vectors of a width; shared, never dispose it.</summary>
    public static Device Cpu(CpuSimd simd) => CpuDevices.GetOrAdd(simd, key => new Lazy<Device>(() =>
    {
        var backend = new CpuBackend(new CpuDeviceOptions { Simd = key });
        return backend.Open(backend.Probe().Devices[0]);
    })).Value;

    /// <summary>
    /// cudahost with race detection: a barrier too few passes every numerical check on a machine that happens to run threads in order. That a race
    /// is found at all is tested with planted ones, in the tests of cudahost. Skips where cudahost was not built.
    /// </summary>
    public static Device RaceChecker()
    {
        TestDevices.Shared(TestDevices.CudaHost);
        return Checker.Value;
    }

    /// <summary>What the checks of some cases would accept: must be empty.</summary>
    public static string[] Blind(string operation, IEnumerable<string> names) =>
        [.. from name in names let failure = Expect(operation, name).ControlFailure where failure is not null select $"{name}: {failure}"];

    /// <summary>Validates cases by every implementation, or without the baseline, and names all that fail.</summary>
    public static void AssertPass(Device device, string operation, IEnumerable<string> names, string where, bool naive = true)
    {
        IEnumerable<string> failures =
            from name in names
            from implementation in OperationCatalog.Find(operation).Implementations(device.Info)
            where naive || !implementation.IsBaseline

            // An emulator takes a minute for a million scores bit by bit on one work-item.
            where !(implementation.IsBaseline && device.Info.Kind == DeviceKind.Emulator && name.StartsWith("million ", StringComparison.Ordinal))
            let result = Validator.Validate(device, Expect(operation, name), implementation.Name)
            where result.Status != CaseStatus.Pass
            select $"{where} {operation} {implementation.Name} {name}: {result.Status}, {result.Reason}";
        string[] all = [.. failures];
        Assert.True(all.Length == 0, string.Join(Environment.NewLine, all));
    }

    private static string NameOf(OperationCase c) => $"{c.Name} {c.Problem.DType.Name()}";

    private static IEnumerable<(string Operation, string Case)> All(IEnumerable<Operation> operations, DType? only = null) =>
        from operation in operations
        from c in operation.Cases
        where c.Suite == CaseSuite.Validate && (only is null || c.Problem.DType == only)
        select (operation.Name, NameOf(c));

    private static IEnumerable<(string Operation, string DType)> AllDTypes(IEnumerable<Operation> operations) =>
        from operation in operations from dtype in operation.DTypes select (operation.Name, dtype.Name());

    private static TheoryData<string, string, string> OnDevices(IEnumerable<(string First, string Second)> rows)
    {
        var data = new TheoryData<string, string, string>();
        foreach (string device in TestDevices.Ids)
            foreach ((string first, string second) in rows) data.Add(device, first, second);
        return data;
    }
}
