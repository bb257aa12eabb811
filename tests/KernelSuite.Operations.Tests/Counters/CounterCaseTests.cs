using System.Collections.Concurrent;
using KernelSuite.Operations.Counters.Distance;
using KernelSuite.Operations.Counters.Moments;
using KernelSuite.Runtime;
using KernelSuite.Runtime.CudaHost;
using KernelSuite.Tests;

namespace KernelSuite.Operations.Tests.Counters;

/// <summary>Every named case of moments and distances, by every implementation, on every device.</summary>
public sealed class CounterCaseTests
{
    private static readonly ConcurrentDictionary<(string, string, DType), Lazy<CaseExpectation>> Expectations = new();

    private static readonly Lazy<Device> RaceChecker = new(() =>
    {
        var backend = new CudaHostBackend(CudaHostOptions.FromEnvironment() with { CheckRaces = true });
        return backend.Open(backend.Probe().Devices[0]);
    });

    private static Operation[] Operations => [CounterMomentsOperation.Instance, ConeDistanceOperation.Instance];

    public static TheoryData<string, string> OperationsAndDTypes
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (Operation operation in Operations)
                foreach (DType dtype in operation.DTypes) data.Add(operation.Name, dtype.Name());
            return data;
        }
    }

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
        string[] blind = [.. Cases(operation, dtype).Select(c => (c.Name, Expect(operation, c).ControlFailure))
            .Where(c => c.ControlFailure is not null).Select(c => $"{c.Name}: {c.ControlFailure}")];
        Assert.Empty(blind);
    }

    [SkippableTheory]
    [MemberData(nameof(DeviceCases))]
    public void Every_device_passes(string device, string operation, string dtype) =>
        AssertPasses(TestDevices.Shared(device), operation, dtype, device);

    [SkippableTheory]
    [MemberData(nameof(OperationsAndDTypes))]
    public void No_case_has_a_race_in_shared_memory(string operation, string dtype)
    {
        TestDevices.Shared(TestDevices.CudaHost);
        AssertPasses(RaceChecker.Value, operation, dtype, "cudahost with race detection", naive: false);
    }

    private static CaseExpectation Expect(string operation, OperationCase c) => Expectations.GetOrAdd((operation, c.Name, c.Problem.DType), _ =>
        new Lazy<CaseExpectation>(() => CaseExpectation.Compute(OperationCatalog.Find(operation), c, Validator.DefaultSeed))).Value;

    private static IEnumerable<OperationCase> Cases(string operation, string dtype) =>
        OperationCatalog.Find(operation).Cases.Where(c => c.Suite == CaseSuite.Validate && c.Problem.DType.Name() == dtype);

    private static void AssertPasses(Device device, string operation, string dtype, string where, bool naive = true)
    {
        var failures = new List<string>();
        foreach (OperationCase c in Cases(operation, dtype))
        {
            foreach (Implementation implementation in
                OperationCatalog.Find(operation).Implementations(device.Info).Where(i => naive || !i.IsBaseline))
            {
                CaseResult result = Validator.Validate(device, Expect(operation, c), implementation.Name);
                if (result.Status != CaseStatus.Pass)
                    failures.Add($"{where} {operation} {implementation.Name} {c.Name} {dtype}: {result.Status}, {result.Reason}");
            }
        }

        Assert.True(failures.Count == 0, string.Join(Environment.NewLine, failures));
    }
}
