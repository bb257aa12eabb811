using System.Collections.Concurrent;
using KernelSuite.Operations.KvStorage;
using KernelSuite.Operations.Selection;
using KernelSuite.Operations.Tests.Attention;
using KernelSuite.Runtime;
using KernelSuite.Runtime.Cpu;
using KernelSuite.Runtime.CudaHost;
using KernelSuite.Tests;

namespace KernelSuite.Operations.Tests.KvStorage;

/// <summary>Every named case of selection and row storage, by every implementation, on every device and every vector width.</summary>
public sealed class KvCaseTests
{
    private static readonly ConcurrentDictionary<(string, string, DType), Lazy<CaseExpectation>> Expectations = new();

    private static readonly Lazy<Device> RaceChecker = new(() =>
    {
        var backend = new CudaHostBackend(CudaHostOptions.FromEnvironment() with { CheckRaces = true });
        return backend.Open(backend.Probe().Devices[0]);
    });

    internal static IReadOnlyList<Operation> Operations { get; } =
        [TopKOperation.Instance, KvCompactOperation.Instance, KvQuantizeOperation.Instance, KvDequantizeOperation.Instance, KvQuantizeGroupsOperation.Instance];

    public static TheoryData<string, string> OperationsAndDTypes =>
        Data(Operations.SelectMany(o => o.DTypes.Select(d => (o.Name, d.Name()))));

    public static TheoryData<string, string, string> DeviceCases
    {
        get
        {
            var data = new TheoryData<string, string, string>();
            foreach (string device in TestDevices.Ids)
                foreach (Operation operation in Operations)
                    foreach (DType dtype in operation.DTypes) data.Add(device, operation.Name, dtype.Name());
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(OperationsAndDTypes))]
    public void Every_check_detects_zeros_and_a_faulty_kernel(string operation, string dtype)
    {
        string[] blind = [.. Cases(operation, dtype).Select(c => (c.Name, Expect(operation, c).ControlFailure)).Where(c => c.ControlFailure is not null).Select(c => $"{c.Name}: {c.ControlFailure}")];
        Assert.Empty(blind);
    }

    [Theory]
    [MemberData(nameof(OperationsAndDTypes))]
    public void Every_vector_width_passes(string operation, string dtype)
    {
        foreach (CpuSimd simd in CpuSimds.Supported) AssertPasses(AttentionCaseTests.Cpu(simd), operation, dtype, simd.ToString());
    }

    [SkippableTheory]
    [MemberData(nameof(DeviceCases))]
    public void Every_device_passes(string device, string operation, string dtype) => AssertPasses(TestDevices.Shared(device), operation, dtype, device);

    [SkippableTheory]
    [MemberData(nameof(OperationsAndDTypes))]
    public void No_case_has_a_race_in_shared_memory(string operation, string dtype)
    {
        TestDevices.Shared(TestDevices.CudaHost);
        AssertPasses(RaceChecker.Value, operation, dtype, "cudahost with race detection", naive: false);
    }

    internal static CaseExpectation Expect(string operation, OperationCase c) =>
        Expectations.GetOrAdd((operation, c.Name, c.Problem.DType), _ => new Lazy<CaseExpectation>(() => CaseExpectation.Compute(Find(operation), c, Validator.DefaultSeed))).Value;

    internal static Operation Find(string name) => Operations.Single(o => o.Name == name);

    private static TheoryData<string, string> Data(IEnumerable<(string, string)> rows)
    {
        var data = new TheoryData<string, string>();
        foreach ((string first, string second) in rows) data.Add(first, second);
        return data;
    }

    private static IEnumerable<OperationCase> Cases(string operation, string dtype) =>
        Find(operation).Cases.Where(c => c.Suite == CaseSuite.Validate && c.Problem.DType.Name() == dtype);

    private static void AssertPasses(Device device, string operation, string dtype, string where, bool naive = true)
    {
        var failures = new List<string>();
        foreach (OperationCase c in Cases(operation, dtype))
        {
            foreach (Implementation implementation in Find(operation).Implementations(device.Info).Where(i => naive || !i.IsBaseline))
            {
                // An emulator takes a minute for a million scores bit by bit on one work-item.
                if (implementation.IsBaseline && device.Info.Kind == DeviceKind.Emulator && c.Name is "million") continue;
                CaseResult result = Validator.Validate(device, Expect(operation, c), implementation.Name);
                if (result.Status != CaseStatus.Pass) failures.Add($"{where} {operation} {implementation.Name} {c.Name} {dtype}: {result.Status}, {result.Reason}");
            }
        }

        Assert.True(failures.Count == 0, string.Join(Environment.NewLine, failures));
    }
}
